/* edge_body: the functions of edge.h. */
#ifndef QED_EDGE_BODY_H
#define QED_EDGE_BODY_H

#include "edge.h"
#include "watch.h"

/* Contents are cleared and copied in words, of whatever type they are. */
struct __attribute__((may_alias)) edge_word {
    size_t value;
};

_Static_assert(sizeof(struct qed_heap) <= QED_HEAP_SIZE, "the public size holds the metadata");
_Static_assert(sizeof(struct qed_heap) + 128 > QED_HEAP_SIZE, "and is honest");
_Static_assert(_Alignof(struct qed_heap) <= _Alignof(uintptr_t), "so does its alignment");
_Static_assert((int)QED_HEAP_CHUNK == (int)CHUNK && (int)QED_HEAP_ALIGN == (int)PAGE, "as announced");
_Static_assert((int)QED_HEAP_FOREIGN == (int)HEAP_FOREIGN && (int)QED_HEAP_UNALIGNED == (int)HEAP_UNALIGNED &&
                   (int)QED_HEAP_INTERIOR == (int)HEAP_INTERIOR &&
                   (int)QED_HEAP_DOUBLE_FREE == (int)HEAP_DOUBLE_FREE &&
                   (int)QED_HEAP_UNALLOCATED == (int)HEAP_UNALLOCATED,
               "the public verdicts are the core's");
_Static_assert(offsetof(struct qed_heap, core) % sizeof(struct edge_word) == 0, "the core starts at a word");
_Static_assert(QUANTUM % sizeof(struct edge_word) == 0, "blocks are whole words");

static inline uintptr_t edge_address(const char *p) {
    return (uintptr_t)p;
}

/* Modulo the address space. */
static inline size_t edge_offset(const char *data, const char *p) {
    return (uintptr_t)p - ((uintptr_t)data - (uintptr_t)FIRST_PAGE * PAGE);
}

static inline char *edge_above(char *p, size_t n) {
    return p + n;
}

static inline bool edge_is_power(size_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

/* Loops, where an assignment of a struct or an initializer might become a call of memcpy or memset, which
 * a program without libc lacks. Both work on whole words: a block has no less, unless somebody watches. */
static inline size_t edge_words(size_t bytes) {
    return bytes / sizeof(struct edge_word) + (bytes % sizeof(struct edge_word) != 0);
}

static inline void edge_clear(char *to, size_t bytes) {
    struct edge_word *w = (struct edge_word *)(void *)to;
    for (size_t i = 0; i < edge_words(bytes) && !watched; i++) w[i].value = 0;
    for (size_t i = 0; i < bytes && watched; i++) to[i] = 0;
}

static inline void edge_copy(char *to, const char *from, size_t bytes) {
    struct edge_word *w = (struct edge_word *)(void *)to;
    const struct edge_word *v = (const struct edge_word *)(const void *)from;
    for (size_t i = 0; i < edge_words(bytes) && !watched; i++) w[i].value = v[i].value;
    for (size_t i = 0; i < bytes && watched; i++) to[i] = from[i];
}

static inline void edge_erase(struct qed_heap *h) {
    edge_clear((char *)&h->core, sizeof h->core);
}

static inline void edge_lock(const struct qed_heap *h) {
    if (h->config.lock != NULL) h->config.lock(h->config.context);
}

static inline void edge_unlock(const struct qed_heap *h) {
    if (h->config.unlock != NULL) h->config.unlock(h->config.context);
}

static inline void edge_misuse(const struct qed_heap *h, enum qed_heap_verdict verdict, char *pointer) {
    if (h->config.misuse != NULL) h->config.misuse(h->config.context, verdict, pointer);
}

static inline void edge_account(struct qed_heap *h, size_t before, size_t after) {
    h->live = h->live - before + after;
    if (h->live > h->peak) h->peak = h->live;
}

static inline char *block_at(const struct qed_heap *h, size_t off) {
    return h->data + (off - (size_t)FIRST_PAGE * PAGE);
}

static inline size_t edge_asks(size_t bytes) {
    return watch_asks(bytes);
}

static inline size_t edge_usable(const struct qed_heap *h, size_t off, size_t usable) {
    return watched && usable > 0 ? watch_size(block_at(h, off), usable) : usable;
}

static inline void edge_born(const struct qed_heap *h, size_t off, size_t bytes, size_t usable) {
    if (watched) watch_alloc(block_at(h, off), bytes, usable, false);
}

static inline void edge_resized(const struct qed_heap *h, size_t off, size_t before, size_t bytes,
                                size_t usable) {
    if (watched) watch_resize(block_at(h, off), before, bytes, usable);
}

static inline void edge_dead(const struct qed_heap *h, size_t off, size_t usable) {
    if (watched) watch_free(block_at(h, off), usable);
}

static inline void edge_all_dead(const struct qed_heap *h) {
    const size_t end = watched ? (size_t)h->core.pages.end * PAGE : 0;
    for (size_t off = (size_t)FIRST_PAGE * PAGE; off < end; off += QUANTUM) {
        size_t usable = heap_usable(&h->core, off);
        if (usable > 0) watch_free(block_at(h, off), usable);
    }
}

static inline void edge_begin(const struct qed_heap *h, size_t bytes) {
    watch_start();
    if (watched) tool_shut(h->data, bytes);
}

#endif
