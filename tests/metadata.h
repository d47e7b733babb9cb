/* metadata: structs of any size, all zero; copies of a heap; what must be so in every state.
 *
 * The metadata of a hosted heap has 72 GiB of addresses, but memory only where it is touched.
 * Include this first.
 */
#ifndef QED_TEST_METADATA_H
#define QED_TEST_METADATA_H

#define _DEFAULT_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "arena.h"
#include "tests/test.h"

static inline void *zeroed(size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

/* Numbers that look random and are the same in every run: xorshift32. */
static inline uint32_t below(uint32_t n) {
    static uint32_t x = 2463534242;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x % n;
}

/* One past the last chunk that a copy of h includes: one that h does not have is compared as well. Of
 * a heap with more chunks than tests use, the first ones are enough. */
static inline size_t copy_end(const struct heap *h) {
    enum { MOST = FIRST_CHUNK + 16 };
    size_t end = h->pages.end / CHUNK_PAGES + 1u, most = MOST < (int)HEAP_CHUNKS ? MOST : HEAP_CHUNKS;
    return end < most ? end : most;
}

/* Of an array whose element 0 is of chunk `first`: the index of the first element of chunk c. */
static inline size_t index_of(size_t c, size_t per_chunk, size_t first) {
    return c < first ? 0 : (c - first) * per_chunk;
}

static inline void heap_copy(struct heap *to, const struct heap *from) {
    size_t end = copy_end(from);
    memcpy(to, from, offsetof(struct heap, pages.tree));
#define COPY(array, per_chunk, first) \
    memcpy(to->array, from->array, index_of(end, per_chunk, first) * sizeof to->array[0]);
    HEAP_ARRAYS(COPY)
}

/* Whether all that belongs to the chunks [from, to), or their slots, is the same in both. */
static inline bool chunks_same(const struct heap *x, const struct heap *y, size_t from, size_t to) {
    bool same = true;
#define SAME(array, per_chunk, first)                                                                \
    {                                                                                                \
        size_t lo = index_of(from, per_chunk, first), hi = index_of(to, per_chunk, first);           \
        if (memcmp(x->array + lo, y->array + lo, (hi - lo) * sizeof x->array[0]) != 0) same = false; \
    }
    HEAP_ARRAYS(SAME)
    return same;
}

/* Whether y is as it was when heap_copy made x of it. */
static inline bool heap_same(const struct heap *x, const struct heap *y) {
    return memcmp(x, y, offsetof(struct heap, pages.tree)) == 0 && chunks_same(x, y, 0, copy_end(x));
}

/* Whether slot 0 of the tree's arrays is as it was at first. */
static inline bool nil_is_clean(const struct tree *t) {
    if (t->links.left[0] != 0) return false; /* one by one: see check_trees in src/check.c */
    if (t->links.right[0] != 0) return false;
    if (t->links.parent[0] != 0) return false;
    if (t->red[0] != 0) return false;
    if (t->longest[0] != 0) return false;
    return t->length[0] == 0;
}

struct tile {
    enum kind kind;
    uint32_t pages;
};

/* Whether run r is the tile: kind, length, and every head that it must have. */
static inline bool is_tile(const struct pages *ps, pageno r, struct tile tile) {
    if (ps->kind[r] != tile.kind || ps->tree.length[r] != tile.pages) return false;
    bool owned = tile.kind == RUN_BIN || tile.kind == RUN_LARGE;
    for (uint32_t i = 0; i < tile.pages; i++) {
        if (i != 0 && ps->kind[r + i] != RUN_INSIDE) return false;
        if ((owned || i == 0 || i == tile.pages - 1) && ps->head[r + i] != r) return false;
    }
    return true;
}

/* Whether the runs from FIRST_PAGE to the end are the n tiles, and no other. */
static inline bool is_tiled(const struct pages *ps, const struct tile *tile, size_t n) {
    pageno r = FIRST_PAGE;
    for (size_t i = 0; i < n; i++) {
        if (r >= ps->end || !is_tile(ps, r, tile[i])) return false;
        r = (pageno)(r + tile[i].pages);
    }
    return r == ps->end;
}

/* TILED(ps, {RUN_LARGE, 4}, {RUN_FREE, CHUNK_PAGES - 4}) */
#define TILED(ps, ...)                               \
    is_tiled(ps, (const struct tile[]){__VA_ARGS__}, \
             sizeof((const struct tile[]){__VA_ARGS__}) / sizeof(struct tile))

#endif
