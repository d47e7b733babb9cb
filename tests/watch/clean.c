/* memcheck: */
/* asan: */
/* All that a program may do, it may do unseen: nothing is reported. */
#include "tests/misuse/misuse.h"

static void fill(char *p, size_t bytes) {
    memset(p, 7, bytes);
    if (p[0] + p[bytes - 1] != 14) abort();
}

/* Every block is used to the last byte that malloc_usable_size names. */
static void use(char *p) {
    fill(p, call.usable_size(p));
    p = call.realloc(p, 3 * call.usable_size(p));
    fill(p, call.usable_size(p));
    p = call.realloc(p, call.usable_size(p) / 4 + 1);
    fill(p, call.usable_size(p));
    call.free(p);
}

static void read_zeros(char *p, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (p[i] != 0) abort();
    }
    fill(p, bytes);
    call.free(p);
}

int main(void) {
    for (int round = 0; round < 2; round++) {
        for (size_t bytes = 1; bytes < 16 * MIB; bytes = bytes * 3 / 2 + 1) {
            use(call.malloc(bytes));
            use(call.aligned_alloc(4 * KIB, bytes));
            read_zeros(call.calloc(bytes, 1), bytes);
            call.free_sized(call.malloc(bytes), bytes);
            call.free_aligned_sized(call.aligned_alloc(64, bytes), 64, bytes);
        }
        call.free(call.malloc(0));
        char *copy = strdup("a stranger to us, if a tool has replaced strdup");
        call.free(call.realloc(copy, call.usable_size(copy) + 100));
        malloc_trim(0);
    }
    return call.malloc(SIZE_MAX) != NULL || qed_check() != NULL;
}
