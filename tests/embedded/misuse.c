/* What the embedded heap does about misuse, and with locks. */
#include "checks.h"

enum { CHUNK = QED_HEAP_CHUNK, CHUNKS = 4 };

static struct qed_heap heap, other;
static _Alignas(CHUNK) unsigned char memory[CHUNKS * CHUNK], other_memory[CHUNK];

static struct {
    int locked, locks, misuses;
    enum qed_heap_verdict verdict;
    void *pointer;
    bool wrong; /* an order that must not occur */
} seen;

static void on_lock(void *context) {
    seen.wrong |= context != &seen || seen.locked++ != 0;
    seen.locks++;
}

static void on_unlock(void *context) {
    seen.wrong |= context != &seen || --seen.locked != 0;
}

/* Uses the heap itself, which it may. */
static void on_misuse(void *context, enum qed_heap_verdict verdict, void *pointer) {
    seen.wrong |= context != &seen || seen.locked != 0 || qed_heap_check(&heap) != NULL;
    seen.verdict = verdict;
    seen.pointer = pointer;
    seen.misuses++;
}

static const struct qed_heap_config config = {on_lock, on_unlock, on_misuse, &seen};

static bool is_misuse(void *pointer, enum qed_heap_verdict verdict) {
    uint32_t metadata = hash_of(&heap, sizeof heap), contents = hash_of(memory, sizeof memory);
    int misuses = seen.misuses;
    CHECK(qed_heap_free(&heap, pointer) == verdict);
    CHECK(seen.misuses == misuses + 1 && seen.verdict == verdict && seen.pointer == pointer);
    CHECK(qed_heap_realloc(&heap, pointer, 1) == NULL);
    CHECK(seen.misuses == misuses + 2 && seen.verdict == verdict && seen.pointer == pointer);
    CHECK(qed_heap_usable(&heap, pointer) == 0);
    CHECK(seen.misuses == misuses + 2 && !seen.wrong);
    CHECK(hash_of(&heap, sizeof heap) == metadata && hash_of(memory, sizeof memory) == contents);
    return true;
}

static bool test_misuse(void) {
    fill(memory, sizeof memory, 0xa5);
    CHECK(qed_heap_init(&heap, memory + CHUNK, 3 * CHUNK, &config));
    CHECK(qed_heap_init(&other, other_memory, CHUNK, NULL));
    unsigned char *data = memory + CHUNK, *small[2], *large, *huge;
    CHECK((small[0] = qed_heap_alloc(&heap, 64)) == data);
    CHECK((small[1] = qed_heap_alloc(&heap, 64)) == data + 64);
    CHECK((large = qed_heap_alloc(&heap, 1000)) == data + 256);
    CHECK((huge = qed_heap_alloc(&heap, CHUNK + 1)) == data + CHUNK);

    CHECK(is_misuse(memory, QED_HEAP_FOREIGN));
    CHECK(is_misuse(data - 8, QED_HEAP_FOREIGN));
    CHECK(is_misuse(data - 1, QED_HEAP_FOREIGN));
    CHECK(is_misuse(data + 3 * CHUNK, QED_HEAP_FOREIGN));
    CHECK(is_misuse(&seen, QED_HEAP_FOREIGN));
    CHECK(is_misuse((void *)(uintptr_t)8, QED_HEAP_FOREIGN));
    CHECK(is_misuse((void *)UINTPTR_MAX, QED_HEAP_FOREIGN));
    CHECK(is_misuse(qed_heap_alloc(&other, 64), QED_HEAP_FOREIGN));

    CHECK(is_misuse(small[0] + 1, QED_HEAP_UNALIGNED));
    CHECK(is_misuse(small[1] + 4, QED_HEAP_UNALIGNED));
    CHECK(is_misuse(large + 999, QED_HEAP_UNALIGNED));
    CHECK(is_misuse(huge + 2 * CHUNK - 1, QED_HEAP_UNALIGNED));

    CHECK(is_misuse(small[0] + 8, QED_HEAP_INTERIOR));
    CHECK(is_misuse(small[1] + 56, QED_HEAP_INTERIOR));
    CHECK(is_misuse(large + 8, QED_HEAP_INTERIOR));
    CHECK(is_misuse(large + 256, QED_HEAP_INTERIOR));
    CHECK(is_misuse(large + 1016, QED_HEAP_INTERIOR));
    CHECK(is_misuse(huge + 256, QED_HEAP_INTERIOR));
    CHECK(is_misuse(huge + CHUNK, QED_HEAP_INTERIOR));
    CHECK(is_misuse(huge + 2 * CHUNK - 8, QED_HEAP_INTERIOR));

    CHECK(is_misuse(small[1] + 72, QED_HEAP_UNALLOCATED)); /* inside a region that is free */
    CHECK(is_misuse(large + 1024, QED_HEAP_UNALLOCATED));
    CHECK(is_misuse(data + CHUNK - 8, QED_HEAP_UNALLOCATED));

    CHECK(qed_heap_free(&heap, small[0]) == QED_HEAP_OK && is_misuse(small[0], QED_HEAP_DOUBLE_FREE));
    CHECK(qed_heap_free(&heap, small[1]) == QED_HEAP_OK && is_misuse(small[1], QED_HEAP_DOUBLE_FREE));
    CHECK(is_misuse(small[0], QED_HEAP_DOUBLE_FREE));
    CHECK(qed_heap_free(&heap, large) == QED_HEAP_OK && is_misuse(large, QED_HEAP_DOUBLE_FREE));
    CHECK(qed_heap_free(&heap, huge) == QED_HEAP_OK && is_misuse(huge, QED_HEAP_DOUBLE_FREE));
    CHECK(qed_heap_free(&heap, NULL) == QED_HEAP_OK);
    CHECK(is_empty(&heap, 3));
    CHECK(!seen.wrong && seen.locked == 0);
    return true;
}

/* Every function takes the lock once per step, gives it back, and realloc holds it for no copy. */
static bool test_locks(void) {
    struct qed_heap_statistics s;
    CHECK(qed_heap_init(&heap, memory, 2 * CHUNK, &config));
    seen.locks = 0;
    void *a = qed_heap_alloc(&heap, 1);
    CHECK(seen.locks == 1);
    void *b = qed_heap_calloc(&heap, 1, 1);
    CHECK(seen.locks == 2);
    void *c = qed_heap_aligned(&heap, 64, 1);
    CHECK(seen.locks == 3);
    a = qed_heap_realloc(&heap, a, 2); /* where it is */
    CHECK(seen.locks == 4);
    a = qed_heap_realloc(&heap, a, 5000); /* moves: resize, allocate, free */
    CHECK(seen.locks == 7);
    CHECK(qed_heap_usable(&heap, a) == 5120 && seen.locks == 8);
    CHECK(qed_heap_check(&heap) == NULL && seen.locks == 9);
    qed_heap_stats(&heap, &s);
    CHECK(seen.locks == 10);
    CHECK(qed_heap_alloc(&heap, SIZE_MAX) == NULL && seen.locks == 11);
    CHECK(qed_heap_free(&heap, a) == QED_HEAP_OK && seen.locks == 12);
    CHECK(qed_heap_free(&heap, b) == QED_HEAP_OK && qed_heap_free(&heap, c) == QED_HEAP_OK);
    CHECK(seen.locks == 14);
    qed_heap_reset(&heap);
    CHECK(seen.locks == 15);
    CHECK(qed_heap_alloc(&heap, 1) == memory && seen.locks == 16); /* the configuration outlives a reset */
    CHECK(!seen.wrong && seen.locked == 0);
    return true;
}

/* qed_heap_check sees a stray write, and survives any. */
static bool test_check(void) {
    static unsigned char saved[sizeof heap];
    unsigned char *bytes = (unsigned char *)&heap;
    size_t found = 0, tried = 0;
    CHECK(qed_heap_init(&heap, memory, sizeof memory, NULL));
    for (size_t size = 8; size < 4096; size += 80) CHECK(qed_heap_alloc(&heap, size / 3) != NULL);
    CHECK(qed_heap_check(&heap) == NULL);
    for (size_t i = 0; i < sizeof heap; i++) saved[i] = bytes[i];
    for (size_t i = 128; i < sizeof heap; i += 64) {
        for (size_t k = i; k < i + 64 && k < sizeof heap; k++) bytes[k] = (unsigned char)~bytes[k];
        found += qed_heap_check(&heap) != NULL;
        tried++;
        for (size_t k = i; k < i + 64 && k < sizeof heap; k++) bytes[k] = saved[k];
        CHECK(qed_heap_check(&heap) == NULL);
    }
    /* No byte of the tags is right inverted, and they have 32 such stretches per chunk. Much else is of chunks
     * that the heap does not have. */
    CHECK(found > CHUNKS * 32 && found < tried);
    return true;
}

static bool test_names(void) {
    CHECK(same_text(qed_heap_verdict_name(QED_HEAP_OK), "ok"));
    CHECK(same_text(qed_heap_verdict_name(QED_HEAP_FOREIGN), "foreign"));
    CHECK(same_text(qed_heap_verdict_name(QED_HEAP_UNALIGNED), "unaligned"));
    CHECK(same_text(qed_heap_verdict_name(QED_HEAP_INTERIOR), "interior"));
    CHECK(same_text(qed_heap_verdict_name(QED_HEAP_DOUBLE_FREE), "double-free"));
    CHECK(same_text(qed_heap_verdict_name(QED_HEAP_UNALLOCATED), "unallocated"));
    for (int i = 0; i < 1000; i++) CHECK(qed_heap_verdict_name((enum qed_heap_verdict)i) != NULL);
    CHECK(same_text(qed_heap_verdict_name((enum qed_heap_verdict)1000), "unknown"));
    return true;
}

int program(void) {
    static bool (*const test[])(void) = {
        test_misuse,
        test_locks,
        test_check,
        test_names,
    };
    return run_tests("embedded misuse", test, sizeof test / sizeof test[0]);
}
