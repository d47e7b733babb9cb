/* run: the heap's pages, tiled by runs without gap or overlap.
 *
 *   page    20480        20484        20488                          21504
 *             |    BIN     |   LARGE    |             FREE             |  next chunk
 *   head    20480 ...    20484 ...    20488  (stale)         20488
 *   kind     BIN 0 0 0   LARGE 0 0 0   FREE 0 0 ...              0
 *
 * A run is known at its first page: its kind there, 0 at all its other pages, and its
 * length (in the tree's arrays, where the free ones need it). head[] leads from the last
 * page of every run to the first, which finds the neighbour below; inside the runs that
 * an arena's client uses, it does so from every page.
 *
 * Free runs are nodes of a pool, a tree, and always coalesced. A chunk that nobody owns
 * is free, or part of a huge block: one pool holds all such free chunks. The free runs in
 * an arena's chunks are in the arena's pool; a border of an owned chunk separates them.
 */
#ifndef QED_RUN_H
#define QED_RUN_H

#include "tree.h"

/* What a run is, at its first page. */
enum kind {
    RUN_INSIDE, /* no run starts here */
    RUN_FREE,   /* free pages of an owned chunk, or free chunks */
    RUN_BIN,    /* small regions of one class, in an owned chunk */
    RUN_LARGE,  /* a large block, in an owned chunk */
    RUN_HUGE,   /* a huge block: whole chunks, owned by nobody */
};

/* What a page holds while it is free, and since before its block was allocated. */
enum state {
    PAGE_FRESH,  /* zeroes, never used */
    PAGE_DIRTY,  /* remains of a block */
    PAGE_PURGED, /* zeroes, used once and given back since */
};

enum {
    TREE_CHUNKS = 1, /* the pool of free chunks */
    TREE_HUGE = 2,   /* the huge blocks */
    TREE_ARENAS = 3, /* the pool of arena 0, then the trees of its bins; then those of arena 1 */
};

struct pages {
    pageno end;    /* one past the last page of the heap, a multiple of CHUNK_PAGES */
    pageno dirty;  /* free pages that are PAGE_DIRTY */
    uint32_t bias; /* the address of page p is a multiple of n pages iff p + bias is one of n */
    struct tree tree;
    pageno head[SLOTS];          /* see the picture */
    uint8_t kind[SLOTS];         /* enum kind */
    uint8_t state[SLOTS];        /* enum state */
    uint16_t owner[HEAP_CHUNKS]; /* of a chunk: 0, or the number of its arena plus one */
};

#include "spec/run.acsl"

/* Who owns the chunk of page p: 0, or the number of its arena plus one. */
uint32_t run_owner(const struct pages *ps, pageno p);

/* The pool of the arena, or of nobody if owner is 0. */
pageno run_pool(uint32_t owner);

/* Whether page p belongs to the run that starts at page r. */
bool run_holds(const struct pages *ps, pageno r, pageno p);

/* The page behind run r: where the next one starts, or the heap's end. */
pageno run_next(const struct pages *ps, pageno r);

/* Whether a free run starts at q by which the run before q may be extended. */
bool run_may_join(const struct pages *ps, pageno q);

/* The pages by which the address of page p is above a multiple of `align` pages, a power of two. */
uint32_t run_misalignment(const struct pages *ps, pageno p, uint32_t align);

/* Makes [r, r + n), where no run is, a run of the kind, in no tree. */
void run_make(struct pages *ps, pageno r, uint32_t n, enum kind kind);

/* Run r, longer than n pages and in no tree, becomes two; the first page of the second, of the same kind. */
pageno run_split(struct pages *ps, pageno r, uint32_t n);

/* Run r and the run q behind it, neither in a tree, become one, of r's kind. */
void run_join(struct pages *ps, pageno r, pageno q);

/* Takes the first n pages, all or fewer than all, of free run r out of its pool. */
void run_cut(struct pages *ps, pageno r, uint32_t n);

/* Takes n pages whose address is a multiple of `align` pages out of free run r, which is long enough,
 * and out of its pool. Their first page: a run of the kind, in no tree. */
pageno run_take(struct pages *ps, pageno r, uint32_t n, uint32_t align, enum kind kind);

/* Gives run r, in no tree, back to its pool, and coalesces. The first page of the free run that it
 * is part of now. */
pageno run_give(struct pages *ps, pageno r);

/* Run r is in use by an arena's client: head[] leads to r from all its pages. */
void run_own(struct pages *ps, pageno r);

/* The pages of run r, just taken for the client, do not count as free any more. */
void run_use(struct pages *ps, pageno r);

/* The pages of run r, just freed by the client, are dirty. */
void run_soil(struct pages *ps, pageno r);

/* The dirty pages of run r; while the client has it, those that were dirty when it was taken. */
uint32_t run_dirty(const struct pages *ps, pageno r);

#endif
