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

static inline uintptr_t edge_address(const void *p) {
    return (uintptr_t)p;
}

/* Modulo the address space. */
static inline size_t edge_offset(const struct qed_heap *h, const void *p) {
    return (uintptr_t)p - ((uintptr_t)h->data - (uintptr_t)FIRST_PAGE * PAGE);
}

static inline void *edge_block(const struct qed_heap *h, size_t off) {
    return h->data + (off - (size_t)FIRST_PAGE * PAGE);
}

static inline bool edge_is_power(size_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

/* Loops, where an assignment of a struct or an initializer might become a call of memcpy or memset, which
 * a program without libc lacks. Both work on whole words: a block has no less, unless somebody watches. */
static inline size_t edge_words(size_t bytes) {
    return bytes / sizeof(struct edge_word) + (bytes % sizeof(struct edge_word) != 0);
}

static inline void edge_clear(void *to, size_t bytes) {
    struct edge_word *w = to;
    unsigned char *b = to;
    for (size_t i = 0; i < edge_words(bytes) && !watched; i++) w[i].value = 0;
    for (size_t i = 0; i < bytes && watched; i++) b[i] = 0;
}

static inline void edge_copy(void *to, const void *from, size_t bytes) {
    struct edge_word *w = to;
    const struct edge_word *v = from;
    unsigned char *b = to;
    const unsigned char *a = from;
    for (size_t i = 0; i < edge_words(bytes) && !watched; i++) w[i].value = v[i].value;
    for (size_t i = 0; i < bytes && watched; i++) b[i] = a[i];
}

static inline void edge_erase(struct qed_heap *h) {
    edge_clear(&h->core, sizeof h->core);
}

static inline void edge_lock(const struct qed_heap *h) {
    if (h->config.lock != NULL) h->config.lock(h->config.context);
}

static inline void edge_unlock(const struct qed_heap *h) {
    if (h->config.unlock != NULL) h->config.unlock(h->config.context);
}

static inline void edge_misuse(const struct qed_heap *h, enum qed_heap_verdict verdict, void *pointer) {
    if (h->config.misuse != NULL) h->config.misuse(h->config.context, verdict, pointer);
}

static inline void edge_account(struct qed_heap *h, size_t before, size_t after) {
    h->live = h->live - before + after;
    if (h->live > h->peak) h->peak = h->live;
}

static inline size_t edge_asks(size_t bytes) {
    return watch_asks(bytes);
}

static inline size_t edge_usable(const struct qed_heap *h, size_t off, size_t usable) {
    return watched && usable > 0 ? watch_size(edge_block(h, off), usable) : usable;
}

static inline void edge_born(void *block, size_t bytes, size_t usable) {
    if (watched) watch_alloc(block, bytes, usable, false);
}

static inline void edge_resized(void *block, size_t before, size_t bytes, size_t usable) {
    if (watched) watch_resize(block, before, bytes, usable);
}

static inline void edge_dead(void *block, size_t usable) {
    if (watched) watch_free(block, usable);
}

static inline void edge_all_dead(const struct qed_heap *h) {
    const size_t end = watched ? (size_t)h->core.pages.end * PAGE : 0;
    for (size_t off = (size_t)FIRST_PAGE * PAGE; off < end; off += QUANTUM) {
        size_t usable = heap_usable(&h->core, off);
        if (usable > 0) watch_free(edge_block(h, off), usable);
    }
}

static inline void edge_begin(const struct qed_heap *h, size_t bytes) {
    watch_start();
    if (watched) tool_shut(h->data, bytes);
}

#endif
