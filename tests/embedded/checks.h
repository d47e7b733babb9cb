/* checks: what the programs of this directory that test have in common. */
#ifndef QED_CHECKS_H
#define QED_CHECKS_H

#include "platform.h"
#include "qed_heap.h"

/* Ends the function with false, after printing the place and text of the condition, if it does not hold. */
#define TEXT(x) #x
#define LINE(x) TEXT(x)
#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            platform_print(__FILE__ ":" LINE(__LINE__) ": failed: " #condition "\n"); \
            return false;                                                             \
        }                                                                             \
    } while (0)

static inline void fill(void *to, size_t n, unsigned char value) {
    unsigned char *bytes = to;
    for (size_t i = 0; i < n; i++) bytes[i] = value;
}

static inline bool holds(const void *at, size_t n, unsigned char value) {
    const unsigned char *bytes = at;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != value) return false;
    }
    return true;
}

static inline bool same_text(const char *a, const char *b) {
    while (*a != 0 && *a == *b) a++, b++;
    return *a == *b;
}

/* Of any bytes: a heap must stand out from them. */
static inline uint32_t hash_of(const void *at, size_t n) {
    const unsigned char *bytes = at;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < n; i++) hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

static inline struct qed_heap_statistics stats_of(const struct qed_heap *h) {
    struct qed_heap_statistics s;
    qed_heap_stats(h, &s);
    return s;
}

/* Whether the heap has these chunks, all free, none in pieces. */
static inline bool is_empty(const struct qed_heap *heap, size_t chunks) {
    struct qed_heap_statistics s = stats_of(heap);
    CHECK(qed_heap_check(heap) == NULL);
    CHECK(s.heap == chunks * QED_HEAP_CHUNK && s.largest == s.heap);
    CHECK(s.live == 0 && s.active == 0);
    return true;
}

/* Every test of the program, one after the other. */
static inline int run_tests(const char *name, bool (*const test[])(void), size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!test[i]()) return 1;
    }
    platform_print(name);
    platform_print(": ok\n");
    return 0;
}

#endif
