/* memcheck: Invalid free(); main (double-free.c:9); 0 bytes inside a block of size 64 free'd; main (double-free.c:8); alloc'd; main (double-free.c:7); qedmalloc: double-free */
/* asan: qedmalloc: double-free */
/* memcheck says where, before the library says no. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(p);
    call.free(p);
    return 0;
}
