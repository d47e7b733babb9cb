/* run: the heap's pages, tiled by runs without gap or overlap.
 *
 *   page    11264      11268        11272                            12288
 *             |   BIN    |   LARGE    |              FREE              |  next chunk
 *   head    11264 ...    11268 ...    11272   (stale)          11272
 *   kind      BIN 0 0 0    LARGE 0 0 0  FREE 0 0 ...               0
 *
 * A run is known at its first page: its kind there, 0 at all its other pages, and its
 * length (in the tree's arrays, where the free ones need it). head[] leads from the last
 * page of every run to the first, which finds the neighbour below; inside the runs that
 * an arena's client uses, it does so from every page.
 *
 * Free runs are nodes of a pool's tree and always coalesced with free neighbours of the
 * same pool. There is one pool of free chunks, and one of free pages in each arena's
 * chunks; a chunk border separates the latter.
 */
#ifndef QED_RUN_H
#define QED_RUN_H

#include "tree.h"

/* What a run is, at its first page. */
enum kind {
    RUN_INSIDE, /* no run starts here */
    RUN_CHUNKS, /* free chunks, owned by nobody */
    RUN_HUGE,   /* a huge block: whole chunks */
    RUN_FREE,   /* free pages in an arena's chunk */
    RUN_BIN,    /* small regions of one class */
    RUN_LARGE,  /* a large block */
};

/* What a page holds while it is free, and since before its block was allocated. */
enum state {
    PAGE_FRESH,  /* zeroes, never used */
    PAGE_DIRTY,  /* remains of a block */
    PAGE_PURGED, /* zeroes, used once and given back since */
};

struct pages {
    pageno end;     /* one past the last page of the heap, a multiple of CHUNK_PAGES */
    pageno dirty;   /* free pages that are PAGE_DIRTY */
    uint32_t bias;  /* the address of page p is a multiple of n pages iff p + bias is one of n */
    struct tree tree;
    pageno head[SLOTS];  /* see the picture */
    uint8_t kind[SLOTS]; /* enum kind */
    uint8_t state[SLOTS]; /* enum state */
};

#include "spec/run.acsl"

/* Whether page p belongs to the run that starts at page r. */
bool run_holds(const struct pages *ps, pageno r, pageno p);

/* The page behind run r: where the next one starts, or the heap's end. */
pageno run_next(const struct pages *ps, pageno r);

/* Whether a free run of the kind starts at q, and the run before it may be extended by it. */
bool run_may_join(const struct pages *ps, pageno q, enum kind free);

/* The pages by which the address of page p is above a multiple of `align` pages, a power of two. */
uint32_t run_misalignment(const struct pages *ps, pageno p, uint32_t align);

/* Makes [r, r + n), where no run is, a run of the kind, in no tree. */
void run_make(struct pages *ps, pageno r, uint32_t n, enum kind kind);

/* Run r, longer than n pages and in no tree, becomes two; the first page of the second, of the same kind. */
pageno run_split(struct pages *ps, pageno r, uint32_t n);

/* Run r and the run q behind it, neither in a tree, become one, of r's kind. */
void run_join(struct pages *ps, pageno r, pageno q);

/* Takes the first n pages, all or fewer than all, of free run r out of pool k. */
void run_cut(struct pages *ps, pageno k, pageno r, uint32_t n);

/* Takes n pages whose address is a multiple of `align` pages out of free run r of pool k, which is
 * long enough. Their first page: a run of the kind, in no tree. */
pageno run_take(struct pages *ps, pageno k, pageno r, uint32_t n, uint32_t align, enum kind kind);

/* Gives run r, in no tree, to pool k, whose runs are of kind `free`, and coalesces. The first page
 * of the free run that it is part of now. */
pageno run_give(struct pages *ps, pageno k, pageno r, enum kind free);

/* Run r is in use by an arena's client: head[] leads to r from all its pages. */
void run_own(struct pages *ps, pageno r);

/* The pages of run r, just taken for the client, do not count as free any more. */
void run_use(struct pages *ps, pageno r);

/* The pages of run r, just freed by the client, are dirty. */
void run_soil(struct pages *ps, pageno r);

/* The dirty pages of run r; while the client has it, those that were dirty when it was taken. */
uint32_t run_dirty(const struct pages *ps, pageno r);

#endif
