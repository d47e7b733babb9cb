/* arena: chunks of its own, with the bins and large blocks in them.
 *
 * An arena takes a chunk when no free run of its fits, and gives a chunk back as soon
 * as it is one free run. An operation on one arena changes nothing of another's.
 */
#ifndef QED_ARENA_H
#define QED_ARENA_H

#include "bin.h"
#include "huge.h"

struct arena {
    pageno runcur[BINS]; /* the lowest run of the bin that has a free region; 0: none has */
};

/* All metadata of a heap. */
struct heap {
    uint32_t arenas; /* 1 .. ARENAS */
    struct sizes sizes;
    struct arena arena[ARENAS];
    struct pages pages;
    struct regions regions;
};

/* The arrays of struct heap that grow with it, by address: X(array, elements per chunk, chunk of
 * element 0). Elements of a chunk are only touched once heap_grow has given the chunk to the heap, those of
 * the slots below FIRST_PAGE from heap_init on. */
#define HEAP_ARRAYS(X)                         \
    X(pages.tree.links.left, CHUNK_PAGES, 0)   \
    X(pages.tree.links.right, CHUNK_PAGES, 0)  \
    X(pages.tree.links.parent, CHUNK_PAGES, 0) \
    X(pages.tree.red, CHUNK_PAGES, 0)          \
    X(pages.tree.longest, CHUNK_PAGES, 0)      \
    X(pages.tree.length, CHUNK_PAGES, 0)       \
    X(pages.head, CHUNK_PAGES, 0)              \
    X(pages.kind, CHUNK_PAGES, 0)              \
    X(pages.state, CHUNK_PAGES, 0)             \
    X(pages.owner, 1, 0)                       \
    X(regions.runs.class, CHUNK_PAGES, 0)      \
    X(regions.runs.nfree, CHUNK_PAGES, 0)      \
    X(regions.runs.low, CHUNK_PAGES, 0)        \
    X(regions.tags.tag, CHUNK / QUANTUM, FIRST_CHUNK)

#include "spec/arena.acsl"

/* The tree of arena a's bin of class c. */
pageno arena_bin(uint32_t a, uint32_t c);

/* The offset of a region of class c, or 0 if no chunk can be had. */
size_t arena_take(struct heap *h, uint32_t a, uint32_t c);

/* Frees the region at off, live or cached. */
void arena_give(struct heap *h, size_t off);

/* A large block of n pages, n + align - 1 <= CHUNK_PAGES, at an address that is a multiple of `align`
 * pages: its first page, or 0. */
pageno arena_large(struct heap *h, uint32_t a, uint32_t n, uint32_t align);

/* Frees the large block at page p. */
void arena_free_large(struct heap *h, pageno p);

/* Gives the large block at p the length of n pages, 1 .. CHUNK_PAGES, in place; false, and nothing
 * changes, if the pages behind it are not free. */
bool arena_resize_large(struct heap *h, pageno p, uint32_t n);

#endif
