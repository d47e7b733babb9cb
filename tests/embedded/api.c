/* The embedded interface: exact values, every verdict, every bad argument. */
#include "checks.h"

enum { CHUNK = QED_HEAP_CHUNK, CHUNKS = 4 };

static struct qed_heap heap, other;
static _Alignas(CHUNK) unsigned char memory[CHUNKS * CHUNK];

/* heap over `chunks` chunks of memory; nothing in either is zero before. */
static bool start(size_t chunks) {
    fill(&heap, sizeof heap, 0x5a);
    fill(memory, sizeof memory, 0xa5);
    return qed_heap_init(&heap, memory, chunks * CHUNK, NULL);
}

static void nothing(void *context) {
    (void)context;
}

static bool test_init(void) {
    static const struct qed_heap_config half[] = {{nothing, NULL, NULL, NULL}, {NULL, nothing, NULL, NULL}};
    void *wild = (void *)(UINTPTR_MAX - 255);

    fill(&heap, sizeof heap, 0x5a);
    CHECK(!qed_heap_init(NULL, memory, CHUNK, NULL));
    CHECK(!qed_heap_init(&heap, NULL, CHUNK, NULL));
    CHECK(!qed_heap_init(&heap, memory, 0, NULL));
    CHECK(!qed_heap_init(&heap, memory, CHUNK - 1, NULL));
    CHECK(!qed_heap_init(&heap, memory + 1, CHUNK + 254, NULL));
    CHECK(!qed_heap_init(&heap, wild, CHUNK, NULL));
    CHECK(!qed_heap_init(&heap, wild, SIZE_MAX, NULL));
    CHECK(!qed_heap_init(&heap, memory, (QED_HEAP_CHUNKS + (size_t)1) * CHUNK, NULL));
    CHECK(!qed_heap_init(&heap, memory, CHUNK, &half[0]));
    CHECK(!qed_heap_init(&heap, memory, CHUNK, &half[1]));
    CHECK(!qed_heap_init_sized(&heap, sizeof heap - sizeof(void *), memory, CHUNK, NULL));
    CHECK(!qed_heap_init_sized(&heap, sizeof heap + sizeof(void *), memory, CHUNK, NULL));
    CHECK(holds(&heap, sizeof heap, 0x5a));

    CHECK(qed_heap_init(&heap, memory, CHUNK, NULL));
    CHECK(is_empty(&heap, 1));
    CHECK(qed_heap_init(&heap, memory, 2 * CHUNK - 1, NULL));
    CHECK(is_empty(&heap, 1));
    CHECK(qed_heap_init(&heap, memory, 2 * CHUNK, NULL));
    CHECK(is_empty(&heap, 2));
    CHECK(qed_heap_init(&heap, memory + 1, 2 * CHUNK + 254, NULL));
    CHECK(is_empty(&heap, 1));
    CHECK(qed_heap_init(&heap, memory, (QED_HEAP_CHUNKS + (size_t)1) * CHUNK - 1, NULL));
    CHECK(is_empty(&heap, QED_HEAP_CHUNKS));
    return true;
}

/* A buffer at any address loses what is before its first multiple of 256, and no more. */
static bool test_any_address(void) {
    for (size_t skip = 1; skip <= 256; skip++) {
        CHECK(qed_heap_init(&heap, memory + skip, CHUNK + 256 - skip, NULL));
        CHECK(qed_heap_alloc(&heap, CHUNK) == memory + 256);
        CHECK(qed_heap_alloc(&heap, 1) == NULL);
        CHECK(qed_heap_free(&heap, memory + 256) == QED_HEAP_OK);
        CHECK(is_empty(&heap, 1));
    }
    return true;
}

/* A heap that is NULL or zero serves nobody, and says so. */
static bool test_no_heap(void) {
    struct qed_heap *none[] = {NULL, &other};
    fill(&other, sizeof other, 0);
    for (int i = 0; i < 2; i++) {
        struct qed_heap_statistics s;
        fill(&s, sizeof s, 0x5a);
        qed_heap_stats(none[i], &s);
        CHECK(holds(&s, sizeof s, 0));
        CHECK(qed_heap_alloc(none[i], 1) == NULL);
        CHECK(qed_heap_calloc(none[i], 1, 1) == NULL);
        CHECK(qed_heap_aligned(none[i], 8, 1) == NULL);
        CHECK(qed_heap_realloc(none[i], NULL, 1) == NULL);
        CHECK(qed_heap_realloc(none[i], memory, 1) == NULL);
        CHECK(qed_heap_free(none[i], NULL) == QED_HEAP_OK);
        CHECK(qed_heap_free(none[i], memory) == QED_HEAP_FOREIGN);
        CHECK(qed_heap_usable(none[i], memory) == 0);
        CHECK(same_text(qed_heap_check(none[i]), "Initialized"));
        qed_heap_reset(none[i]);
    }
    CHECK(holds(&other, sizeof other, 0));
    return true;
}

/* Every size up to the heap's: usable bytes by the rule of classes, pages, chunks. */
static size_t expected_usable(size_t bytes) {
    if (bytes <= 8) return 8;
    if (bytes > CHUNK) return (bytes + (CHUNK - 1)) / CHUNK * CHUNK;
    if (bytes > 512) return (bytes + 255) / 256 * 256;
    size_t step = 8; /* four classes per doubling */
    while (bytes > 8 * step) step *= 2;
    return (bytes + (step - 1)) / step * step;
}

static bool test_sizes(void) {
    CHECK(start(CHUNKS));
    for (size_t bytes = 0; bytes <= CHUNKS * CHUNK; bytes += bytes < 2048 ? 1 : 61) {
        unsigned char *block = qed_heap_alloc(&heap, bytes);
        CHECK(block == memory); /* the lowest that is free */
        CHECK(qed_heap_usable(&heap, block) == expected_usable(bytes));
        CHECK(stats_of(&heap).live == expected_usable(bytes));
        CHECK(qed_heap_free(&heap, block) == QED_HEAP_OK);
    }
    static const size_t too_large[] = {CHUNKS * CHUNK + 1, (QED_HEAP_CHUNKS + 2) * (size_t)CHUNK,
                                       SIZE_MAX / 2,       SIZE_MAX / 2 + 1,
                                       SIZE_MAX - 16384,   SIZE_MAX - 255,
                                       SIZE_MAX - 254,     SIZE_MAX};
    for (size_t i = 0; i < sizeof too_large / sizeof too_large[0]; i++) {
        CHECK(qed_heap_alloc(&heap, too_large[i]) == NULL);
        CHECK(qed_heap_calloc(&heap, 1, too_large[i]) == NULL);
        CHECK(qed_heap_aligned(&heap, 4096, too_large[i]) == NULL);
        CHECK(qed_heap_realloc(&heap, NULL, too_large[i]) == NULL);
    }
    CHECK(is_empty(&heap, CHUNKS));
    return true;
}

/* 16 KiB of blocks of one size: as many as fit, side by side, and all free again in any order. */
static bool fill_and_drain(size_t bytes, size_t count, size_t stride) {
    static unsigned char *block[CHUNK / 8];
    CHECK(start(1));
    for (size_t i = 0; i < count; i++) {
        block[i] = qed_heap_alloc(&heap, bytes);
        CHECK(block[i] != NULL && (i == 0 || block[i] >= block[i - 1] + bytes));
        CHECK(block[i] >= memory && block[i] + bytes <= memory + CHUNK);
        fill(block[i], bytes, (unsigned char)i);
    }
    CHECK(qed_heap_alloc(&heap, bytes) == NULL);
    CHECK(qed_heap_check(&heap) == NULL);
    for (size_t i = 0, k = 0; i < count; i++, k = (k + stride) % count) {
        CHECK(holds(block[k], bytes, (unsigned char)k));
        CHECK(qed_heap_free(&heap, block[k]) == QED_HEAP_OK);
        CHECK(qed_heap_free(&heap, block[k]) == QED_HEAP_DOUBLE_FREE);
    }
    CHECK(is_empty(&heap, 1));
    CHECK(qed_heap_alloc(&heap, CHUNK) == memory);
    return true;
}

static bool test_fill_and_drain(void) {
    /* Bytes, how many fit 64 pages of 256 bytes, and a number prime to that. */
    CHECK(fill_and_drain(8, 2048, 1));
    CHECK(fill_and_drain(8, 2048, 1023));
    CHECK(fill_and_drain(24, 32 * 21, 5));   /* runs of 2 pages */
    CHECK(fill_and_drain(80, 12 * 16, 191)); /* of 5, the last 4 pages left over */
    CHECK(fill_and_drain(512, 32, 31));      /* of 8 */
    CHECK(fill_and_drain(513, 21, 2));       /* 3 pages each */
    CHECK(fill_and_drain(4096, 4, 3));
    CHECK(fill_and_drain(CHUNK, 1, 1));
    return true;
}

static bool test_fragmentation(void) {
    unsigned char *block[21];
    CHECK(start(1));
    for (size_t i = 0; i < 21; i++) {
        block[i] = qed_heap_alloc(&heap, 768);
        CHECK(block[i] == memory + 768 * i);
    }
    CHECK(stats_of(&heap).largest == 256);
    for (size_t i = 0; i < 21; i += 2) CHECK(qed_heap_free(&heap, block[i]) == QED_HEAP_OK);
    CHECK(stats_of(&heap).largest == 1024); /* the last one's and the page left over */
    CHECK(qed_heap_alloc(&heap, 1025) == NULL);
    CHECK(qed_heap_free(&heap, block[3]) == QED_HEAP_OK);
    CHECK(stats_of(&heap).largest == 3 * 768);
    CHECK(qed_heap_alloc(&heap, 3 * 768 + 1) == NULL);
    CHECK(qed_heap_alloc(&heap, 3 * 768) == block[2]);
    CHECK(qed_heap_alloc(&heap, 768) == block[0]);
    CHECK(qed_heap_check(&heap) == NULL);
    return true;
}

static bool test_bad_alignments(void) {
    static const size_t bad[] = {0, 3, 5, 6, 7, 12, 24, 100, 257, 768, SIZE_MAX, SIZE_MAX / 2, SIZE_MAX - 7};
    CHECK(start(CHUNKS));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) CHECK(qed_heap_aligned(&heap, bad[i], 8) == NULL);
    CHECK(qed_heap_aligned(&heap, SIZE_MAX / 2 + 1, 8) == NULL);
    CHECK(is_empty(&heap, CHUNKS));
    return true;
}

/* Whether bytes at this alignment are had from a heap whose lowest page is taken, from `data` on, as promised. */
static bool aligned_as_promised(unsigned char *data, size_t align, size_t bytes) {
    CHECK(qed_heap_init(&heap, data, 3 * CHUNK, NULL));
    CHECK(qed_heap_alloc(&heap, 1) == data);
    unsigned char *block = qed_heap_aligned(&heap, align, bytes);
    size_t lesser = align < CHUNK ? align : CHUNK;
    size_t aligned_chunks = (uintptr_t)data % lesser == 0 ? 2 : 0;
    if (bytes + align <= CHUNK) CHECK(block != NULL);
    if (bytes <= aligned_chunks * CHUNK && align <= CHUNK) CHECK(block != NULL);
    if (block == NULL) return true;
    CHECK((uintptr_t)block % align == 0);
    CHECK(block > data && block + bytes <= data + 3 * CHUNK);
    CHECK(qed_heap_usable(&heap, block) >= bytes);
    CHECK(qed_heap_check(&heap) == NULL);
    CHECK(qed_heap_free(&heap, block) == QED_HEAP_OK);
    CHECK(qed_heap_free(&heap, data) == QED_HEAP_OK);
    CHECK(is_empty(&heap, 3));
    return true;
}

static bool test_alignments(void) {
    static const size_t bytes[] = {0,   1,    8,    100,   255,   256,   300,  512,
                                   513, 4096, 8192, 12000, 16384, 20000, 32768};
    for (size_t skip = 0; skip <= CHUNK; skip = skip == 0 ? 256 : 2 * skip) {
        for (size_t align = 1; align <= 2 * CHUNK; align *= 2) {
            for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
                CHECK(aligned_as_promised(memory + skip, align, bytes[i]));
            }
        }
    }
    return true;
}

static bool test_calloc(void) {
    CHECK(start(2));
    CHECK(qed_heap_calloc(&heap, SIZE_MAX, 2) == NULL);
    CHECK(qed_heap_calloc(&heap, 2, SIZE_MAX) == NULL);
    CHECK(qed_heap_calloc(&heap, SIZE_MAX / 2 + 1, 2) == NULL); /* the product would wrap to 0 */
    CHECK(qed_heap_calloc(&heap, SIZE_MAX / 8 + 2, 8) == NULL); /* to 8 */
    CHECK(qed_heap_calloc(&heap, SIZE_MAX, SIZE_MAX) == NULL);  /* to 1 */
    CHECK(is_empty(&heap, 2));
    static const size_t size[] = {0, 1, 7, 8, 9, 100, 513, 5000, CHUNK, 2 * CHUNK};
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
        fill(memory, sizeof memory, 0xa5);
        unsigned char *block = qed_heap_calloc(&heap, 1, size[i]);
        CHECK(block == memory && holds(block, size[i], 0));
        CHECK(holds(block + qed_heap_usable(&heap, block), 2 * CHUNK, 0xa5));
        qed_heap_free(&heap, block);
        block = qed_heap_calloc(&heap, size[i], 2);
        CHECK(block == (2 * size[i] <= 2 * CHUNK ? memory : NULL));
        CHECK(block == NULL || holds(block, 2 * size[i], 0));
        qed_heap_free(&heap, block);
    }
    CHECK(qed_heap_calloc(&heap, 0, SIZE_MAX) == memory);
    CHECK(qed_heap_calloc(&heap, SIZE_MAX, 0) == memory + 8);
    return true;
}

static bool test_realloc(void) {
    CHECK(start(2));
    unsigned char *a = qed_heap_realloc(&heap, NULL, 100);
    CHECK(a == memory && qed_heap_usable(&heap, a) == 112);
    fill(a, 112, 1);
    CHECK(qed_heap_realloc(&heap, a, 97) == a && qed_heap_realloc(&heap, a, 112) == a); /* the same class */
    unsigned char *b = qed_heap_realloc(&heap, a, 1000);
    CHECK(b != a && b != NULL && qed_heap_usable(&heap, b) == 1024 && holds(b, 112, 1));
    CHECK(qed_heap_free(&heap, a) == QED_HEAP_DOUBLE_FREE);
    fill(b, 1024, 2);
    CHECK(qed_heap_realloc(&heap, b, 9000) == b && qed_heap_usable(&heap, b) == 9216); /* in place */
    CHECK(qed_heap_realloc(&heap, b, 600) == b && qed_heap_usable(&heap, b) == 768);
    CHECK(holds(b, 768, 2));
    unsigned char *c = qed_heap_realloc(&heap, b, 5);
    CHECK(c != NULL && qed_heap_usable(&heap, c) == 8 && holds(c, 5, 2));
    fill(c, 8, 2);
    CHECK(qed_heap_realloc(&heap, c, 0) == c);
    CHECK(qed_heap_realloc(&heap, c, SIZE_MAX) == NULL && qed_heap_realloc(&heap, c, 2 * CHUNK + 1) == NULL);
    CHECK(qed_heap_usable(&heap, c) == 8 && holds(c, 8, 2));
    CHECK(qed_heap_free(&heap, c) == QED_HEAP_OK);

    a = qed_heap_alloc(&heap, CHUNK + 1);
    CHECK(a == memory && qed_heap_usable(&heap, a) == 2 * CHUNK);
    fill(a, 2 * CHUNK, 3);
    b = qed_heap_realloc(&heap, a, CHUNK); /* large from huge: there is no other chunk to move to */
    CHECK(b == a && holds(b, CHUNK, 3));
    CHECK(qed_heap_free(&heap, b) == QED_HEAP_OK);
    CHECK(is_empty(&heap, 2));
    return true;
}

/* A block that grows is copied no further than it reached: here nothing is behind it. */
static bool test_realloc_at_end(void) {
    CHECK(start(CHUNKS));
    unsigned char *a = qed_heap_alloc(&heap, (CHUNKS - 1) * CHUNK);
    unsigned char *b = qed_heap_alloc(&heap, CHUNK);
    CHECK(a == memory && b == memory + (CHUNKS - 1) * CHUNK);
    CHECK(qed_heap_free(&heap, a) == QED_HEAP_OK);
    fill(b, CHUNK, 4);
    CHECK(qed_heap_realloc(&heap, b, 2 * CHUNK) == memory && holds(memory, CHUNK, 4));
    CHECK(qed_heap_free(&heap, b) == QED_HEAP_DOUBLE_FREE);
    CHECK(qed_heap_free(&heap, memory) == QED_HEAP_OK);
    CHECK(is_empty(&heap, CHUNKS));
    return true;
}

/* Shrinking never fails, not in a full heap either. */
static bool test_shrink_when_full(void) {
    CHECK(start(1));
    for (size_t i = 0; i < 32; i++) CHECK(qed_heap_alloc(&heap, 512) == memory + 512 * i);
    fill(memory, CHUNK, 9);
    CHECK(qed_heap_realloc(&heap, memory, 513) == NULL);
    CHECK(qed_heap_realloc(&heap, memory, 8) == memory);
    CHECK(qed_heap_usable(&heap, memory) == 512 && holds(memory, CHUNK, 9));
    CHECK(qed_heap_check(&heap) == NULL);
    return true;
}

static bool test_stats(void) {
    struct qed_heap_statistics s;
    CHECK(start(CHUNKS));
    s = stats_of(&heap);
    CHECK(s.heap == CHUNKS * CHUNK && s.live == 0 && s.peak == 0 && s.active == 0 && s.largest == s.heap);
    void *a = qed_heap_alloc(&heap, 100); /* 112, in a run of 4 pages */
    s = stats_of(&heap);
    CHECK(s.live == 112 && s.peak == 112 && s.active == 1024 && s.largest == 3 * CHUNK);
    void *b = qed_heap_alloc(&heap, 2 * CHUNK);
    s = stats_of(&heap);
    CHECK(s.live == 112 + 2 * CHUNK && s.peak == s.live && s.active == 1024 + 2 * CHUNK &&
          s.largest == CHUNK);
    void *c = qed_heap_alloc(&heap, 600);
    void *d = qed_heap_alloc(&heap, CHUNK);
    s = stats_of(&heap);
    CHECK(s.live == 112 + 768 + 3 * CHUNK && s.largest == CHUNK - 1024 - 768);
    CHECK(qed_heap_alloc(&heap, s.largest + 1) == NULL);
    void *e = qed_heap_alloc(&heap, s.largest);
    CHECK(e != NULL && stats_of(&heap).largest == 0);
    size_t peak = stats_of(&heap).peak;
    CHECK(peak == CHUNKS * CHUNK - 1024 + 112);
    CHECK(qed_heap_realloc(&heap, b, CHUNK + 1) == b && stats_of(&heap).live == peak);
    qed_heap_free(&heap, a), qed_heap_free(&heap, b), qed_heap_free(&heap, c);
    qed_heap_free(&heap, d), qed_heap_free(&heap, e);
    CHECK(is_empty(&heap, CHUNKS));
    CHECK(stats_of(&heap).peak == peak);
    return true;
}

/* A heap is after a reset what it is after init, byte for byte. */
static bool test_reset(void) {
    CHECK(start(CHUNKS));
    uint32_t fresh = hash_of(&heap, sizeof heap);
    void *block = NULL;
    for (size_t bytes = 1; bytes < 3000; bytes = bytes * 3 / 2 + 1) block = qed_heap_alloc(&heap, bytes);
    CHECK(qed_heap_alloc(&heap, 2 * CHUNK) != NULL);
    CHECK(hash_of(&heap, sizeof heap) != fresh);
    qed_heap_reset(&heap);
    CHECK(hash_of(&heap, sizeof heap) == fresh);
    CHECK(is_empty(&heap, CHUNKS));
    CHECK(qed_heap_free(&heap, block) == QED_HEAP_UNALLOCATED);
    CHECK(qed_heap_alloc(&heap, CHUNKS * CHUNK) == memory);
    return true;
}

int program(void) {
    static bool (*const test[])(void) = {
        test_init,           test_any_address,      test_no_heap,    test_sizes,  test_fill_and_drain,
        test_fragmentation,  test_bad_alignments,   test_alignments, test_calloc, test_realloc,
        test_realloc_at_end, test_shrink_when_full, test_stats,      test_reset,
    };
    return run_tests("embedded api", test, sizeof test / sizeof test[0]);
}
