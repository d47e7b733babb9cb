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

/* Cuts `n` pages, at an address that is a multiple of `align` pages (a power of two), out of the
 * lowest run of pool k that is long enough to hold them at any alignment. The new run
 * gets the kind; its first page, or 0 if no run fits. */
pageno run_take(struct pages *ps, pageno k, uint32_t n, uint32_t align, enum kind kind);

/* Gives run r, in no tree, to pool k, whose runs are of `free` kind, and coalesces. The first page
 * of the free run that it is part of now. */
pageno run_give(struct pages *ps, pageno k, pageno r, enum kind free);

/* Takes the first n pages, all or fewer than all, of free run r out of pool k. */
void run_cut(struct pages *ps, pageno k, pageno r, uint32_t n);

/* Run r, longer than n pages and in no tree, becomes two; the first page of the second, of the same kind. */
pageno run_split(struct pages *ps, pageno r, uint32_t n);

/* Run r and the run q behind it, neither in a tree, become one, of r's kind. */
void run_join(struct pages *ps, pageno r, pageno q);

/* Run r is in use by an arena's client: head[] leads to r from all its pages. */
void run_own(struct pages *ps, pageno r);

/* The pages of run r, just freed by the client, are dirty. */
void run_soil(struct pages *ps, pageno r);

/* Whether the pages of run r held zeroes when it was taken. */
bool run_is_zero(const struct pages *ps, pageno r);

#endif
