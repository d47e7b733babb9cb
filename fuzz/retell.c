/* retell: writes an input of fuzz/ops.h as a C program that makes the same calls on a heap.
 *
 *   retell FILE [LINE [GROWTH]]
 *
 * The answers that the program expects are the model's, which the oracle takes for a heap here: so the program is
 * right whatever is wrong with the heap. Of lines other than LINE only those calls are told that change something; LINE
 * is the last if none is given, and the end, when all is freed, if it is behind the last. The GROWTH-th growth that
 * a request asks for is refused.
 */
#include <stdio.h>

#include "fuzz/judge.h"
#include "fuzz/model.h"
#include "fuzz/oracle.h"

static struct model model;
static bool all; /* calls are told */

/* As C writes it. */
static const char *literal(size_t n) {
    static char text[4][24];
    static unsigned k;
    k = (k + 1) % 4;
    snprintf(text[k], sizeof text[k], n > INT64_MAX ? "%zuu" : "%zu", n);
    return text[k];
}

static size_t alloc(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    static uint16_t number; /* which never is that of another live block */
    (void)h;
    size_t off = model_alloc(&model, a, bytes, align, ++number);
    printf("    CHECK(heap_alloc(&h, %u, %s, %s) == %zu);\n", a, literal(bytes), literal(align), off);
    return off;
}

static const char *name(enum verdict v) {
    static const char *const names[] = {
        [HEAP_OK] = "HEAP_OK",
        [HEAP_NO_ROOM] = "HEAP_NO_ROOM",
        [HEAP_FOREIGN] = "HEAP_FOREIGN",
        [HEAP_UNALIGNED] = "HEAP_UNALIGNED",
        [HEAP_INTERIOR] = "HEAP_INTERIOR",
        [HEAP_DOUBLE_FREE] = "HEAP_DOUBLE_FREE",
        [HEAP_PURGED] = "HEAP_PURGED",
        [HEAP_UNALLOCATED] = "HEAP_UNALLOCATED",
        [HEAP_WRONG_SIZE] = "HEAP_WRONG_SIZE",
        [HEAP_WRONG_ALIGN] = "HEAP_WRONG_ALIGN",
    };
    return names[v];
}

static enum verdict give(struct heap *h, size_t off) {
    (void)h;
    enum verdict v = model_verdict(&model, off);
    if (v == HEAP_OK) model_free(&model, off);
    if (v == HEAP_OK || all) printf("    CHECK(heap_free(&h, %s) == %s);\n", literal(off), name(v));
    return v;
}

static enum verdict give_sized(struct heap *h, size_t off, size_t bytes, size_t align) {
    (void)h;
    enum verdict v = model_verdict(&model, off);
    if (v == HEAP_OK) v = model_sized(&model, off, bytes, align);
    if (v == HEAP_OK) model_free(&model, off);
    if (v == HEAP_OK || all)
        printf("    CHECK(heap_free_sized(&h, %s, %s, %s) == %s);\n", literal(off), literal(bytes),
               literal(align), name(v));
    return v;
}

static enum verdict resize(struct heap *h, size_t off, size_t bytes) {
    (void)h;
    enum verdict v = model_verdict(&model, off);
    if (v == HEAP_OK) v = model_resize(&model, off, bytes);
    if (v == HEAP_OK || all)
        printf("    CHECK(heap_resize(&h, %s, %s) == %s);\n", literal(off), literal(bytes), name(v));
    return v;
}

static enum verdict verdict(const struct heap *h, size_t off) {
    (void)h;
    enum verdict v = model_verdict(&model, off);
    if (all) printf("    CHECK(heap_verdict(&h, %s) == %s);\n", literal(off), name(v));
    return v;
}

static size_t usable(const struct heap *h, size_t off) {
    (void)h;
    size_t bytes = model_verdict(&model, off) == HEAP_OK ? model_usable(&model, off) : 0;
    if (all) printf("    CHECK(heap_usable(&h, %s) == %zu);\n", literal(off), bytes);
    return bytes;
}

static size_t good_size(const struct heap *h, size_t bytes, size_t align) {
    (void)h;
    size_t good = model_good_size(bytes, align);
    if (all) printf("    CHECK(heap_good_size(&h, %s, %s) == %zu);\n", literal(bytes), literal(align), good);
    return good;
}

static bool is_zero(const struct heap *h, size_t off) {
    (void)h;
    bool zero = model_is_zero(&model, off);
    if (all) printf("    CHECK(%sheap_is_zero(&h, %zu));\n", zero ? "" : "!", off);
    return zero;
}

static uint32_t needs(const struct heap *h, size_t bytes, size_t align) {
    (void)h;
    uint32_t chunks = model_needs(&model, bytes, align);
    if (all) printf("    CHECK(heap_needs(&h, %s, %s) == %u);\n", literal(bytes), literal(align), chunks);
    return chunks;
}

static bool grow(struct heap *h, uint32_t chunks) {
    (void)h;
    bool possible = chunks <= HEAP_CHUNKS - model.end / CHUNK_PAGES;
    if (possible) model_grow(&model, chunks);
    if (possible || all) printf("    CHECK(%sheap_grow(&h, %u));\n", possible ? "" : "!", chunks);
    return possible;
}

static uint32_t dirty(const struct heap *h, uint32_t from, uint32_t *page) {
    (void)h;
    uint32_t n = model_dirty(&model, from, page);
    if (all) printf("    CHECK(heap_dirty(&h, %u, &page) == %u);\n", from, n);
    if (all && n > 0) printf("    CHECK(page == %u);\n", *page);
    return n;
}

static void purged(struct heap *h, uint32_t page, uint32_t n) {
    (void)h;
    model_purged(&model, page, n);
    printf("    heap_purged(&h, %u, %u);\n", page, n);
}

static void stats(const struct heap *h, struct heap_stats *s) {
    (void)h;
    model_stats(&model, s);
    if (!all) return;
    printf("    heap_stats(&h, &s);\n");
    printf("    CHECK(s.live == %zu && s.small == %zu && s.large == %zu && s.huge == %zu);\n", s->live,
           s->small, s->large, s->huge);
    printf("    CHECK(s.mapped == %zu && s.active == %zu && s.dirty == %zu);\n", s->mapped, s->active,
           s->dirty);
}

static const char *check(const struct heap *h) {
    (void)h;
    if (all) printf("    CHECK(heap_check(&h) == NULL);\n");
    return NULL;
}

static const struct subject told = {alloc,   give,  give_sized, resize, verdict, usable, good_size,
                                    is_zero, needs, grow,       dirty,  purged,  stats,  check};

static void tell(const uint8_t *input, size_t size, size_t last) {
    struct start start = start_parse(input);
    model_init(&model, start.arenas, start.bias);
    printf("    heap_init(&h, %u, %uu);\n", start.arenas, start.bias);
    const char *broken = oracle_begin(&told, input);
    for (size_t i = 1; broken == NULL && i < size / OP; i++) {
        all = i == last;
        broken = oracle_line(input + i * OP);
        if (all) check(NULL);
    }
    all = last >= size / OP;
    if (broken == NULL && all) broken = oracle_end();
    if (broken != NULL) fprintf(stderr, "retell: the model breaks %s\n", broken);
    if (broken != NULL) exit(1);
}

int main(int argc, char **argv) {
    static uint8_t input[1 << 20];
    FILE *file = argc < 2 ? NULL : fopen(argv[1], "rb");
    if (file == NULL) {
        fprintf(stderr, "usage: %s FILE [LINE [GROWTH]]: there is no FILE, or it cannot be read\n", argv[0]);
        return 1;
    }
    size_t size = fread(input, 1, sizeof input, file);
    fclose(file);
    if (argc > 3) oracle_refuse((uint32_t)strtoul(argv[3], NULL, 10));
    if (size >= OP) tell(input, size, argc > 2 ? strtoul(argv[2], NULL, 10) : size / OP - 1);
    return 0;
}
