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
/*@ requires mem:    \valid(ps);
    requires page:   p < SLOTS;
    assigns \nothing;
    ensures owner:   \result == OwnerOf(ps->owner, p); */
uint32_t run_owner(const struct pages *ps, pageno p);

/* The pool of the arena, or of nobody if owner is 0. */
/*@ requires owner:  owner <= ARENAS;
    assigns \nothing;
    ensures pool:    \result == PoolOf(owner) && 1 <= \result <= TREES; */
pageno run_pool(uint32_t owner);

/* Whether page p belongs to the run that starts at page r. */
/*@ requires mem:    \valid(ps);
    requires range:  r < SLOTS;
    assigns \nothing;
    ensures holds:   \result <==> ps->kind[r] != RUN_INSIDE && r <= p < r + ps->tree.length[r]; */
bool run_holds(const struct pages *ps, pageno r, pageno p);

/* The page behind run r: where the next one starts, or the heap's end. */
/*@ requires mem:    \valid(ps);
    requires range:  r < SLOTS && r + ps->tree.length[r] <= SLOTS;
    assigns \nothing;
    ensures next:    \result == r + ps->tree.length[r]; */
pageno run_next(const struct pages *ps, pageno r);

/* Whether a free run starts at q by which the run before q may be extended. */
/*@ requires mem:    \valid(ps);
    requires range:  FIRST_PAGE < q <= SLOTS && ps->end <= SLOTS;
    assigns \nothing;
    ensures may:     \result <==> q < ps->end && ps->kind[q] == RUN_FREE && RunJoins(ps->owner, q); */
bool run_may_join(const struct pages *ps, pageno q);

/* The pages by which the address of page p is above a multiple of `align` pages, a power of two. */
/*@ requires mem:    \valid(ps);
    requires align:  1 <= align <= SLOTS;
    assigns \nothing;
    ensures past:    \result == RunPast(ps->bias, p, align) && \result < align;
    ensures rest:    \result <= p + ps->bias && (p + ps->bias - \result) % align == 0; */
uint32_t run_misalignment(const struct pages *ps, pageno p, uint32_t align);

/* Makes [r, r + n), where no run is, a run of the kind, in no tree. */
/*@ RUN_MEMORY
    requires trees:  TreeOk(ps->tree, g->tree) && g->tree.in[r] == 0;
    requires range:  FIRST_PAGE <= r && 0 < n && r + n <= SLOTS;
    requires kind:   0 <= kind <= RUN_HUGE;
    assigns ps->kind[r], ps->head[r], ps->head[r + n - 1], ps->tree.length[r];
    ensures trees:   TreeOk(ps->tree, g->tree);
    ensures kind:    ps->kind[r] == kind;
    ensures length:  ps->tree.length[r] == n;
    ensures head:    ps->head[r] == r && ps->head[r + n - 1] == r; */
void run_make(struct pages *ps, pageno r, uint32_t n, enum kind kind)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* Run r, longer than n pages and in no tree, becomes two; the first page of the second, of the same kind. */
/*@ RUN_MEMORY RUN_TILES(requires)
    requires trees:  TreeOk(ps->tree, g->tree);
    requires run:    RunStart(g->home, ps->end, r);
    requires n:      0 < n < ps->tree.length[r];
    requires apart:  g->tree.in[r] == 0 && g->tree.in[r + n] == 0;
    assigns ps->tree.length[r], ps->tree.length[r + n], ps->kind[r + n],
            ps->head[r + n - 1], ps->head[r + n], ps->head[r + ps->tree.length[r] - 1],
            g->home[r + n .. r + ps->tree.length[r] - 1];
    RUN_TILES(ensures)
    ensures trees:   TreeOk(ps->tree, g->tree);
    ensures result:  \result == r + n && RunStart(g->home, ps->end, r + n);
    ensures lengths: ps->tree.length[r] == n && ps->tree.length[r + n] == \old(ps->tree.length[r]) - n;
    ensures kinds:   ps->kind[r + n] == ps->kind[r];
    ensures homes:   RunSplit(\old(g->home), g->home, ps->end, r, r + n);
    ensures borders: RunBordersKept(\old(ps->kind), \old(g->home), ps->kind, g->home, ps->end, r + n); */
pageno run_split(struct pages *ps, pageno r, uint32_t n)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* Run r and the run q behind it, neither in a tree, become one, of r's kind. */
/*@ RUN_MEMORY RUN_TILES(requires)
    requires runs:   RunStart(g->home, ps->end, r) && RunStart(g->home, ps->end, q) &&
                     RunNext(ps->tree.length, r, q);
    requires trees:  TreeOk(ps->tree, g->tree) && g->tree.in[r] == 0;
    requires owners: RunUnites(ps->owner, r, q);
    requires kinds:  ps->kind[r] == RUN_FREE ==> ps->kind[q] == RUN_FREE;
    assigns ps->tree.length[r], ps->kind[q], ps->head[q + ps->tree.length[q] - 1],
            g->home[q .. q + ps->tree.length[q] - 1];
    RUN_TILES(ensures)
    ensures trees:   TreeOk(ps->tree, g->tree);
    ensures length:  ps->tree.length[r] == \old(ps->tree.length[r] + ps->tree.length[q]);
    ensures inside:  ps->kind[q] == RUN_INSIDE;
    ensures homes:   RunJoined(\old(g->home), g->home, ps->end, r, q);
    ensures borders: RunBordersKept(\old(ps->kind), \old(g->home), ps->kind, g->home, ps->end, 0); */
void run_join(struct pages *ps, pageno r, pageno q)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* Takes the first n pages, all or fewer than all, of free run r out of its pool. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, 0) RUN_COALESCED(requires, r, 0)
    requires run:    RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE;
    requires n:      0 < n <= ps->tree.length[r];
    assigns RUN_TREE_ARRAYS, ps->tree.length[r .. r + ps->tree.length[r] - 1],
            ps->kind[r + 1 .. r + ps->tree.length[r] - 1],
            ps->head[r .. r + ps->tree.length[r] - 1], g->home[r + n .. r + ps->tree.length[r] - 1];
    RUN_TILES(ensures) RUN_TREES(ensures, r) RUN_COALESCED(ensures, r, r + n)
    ensures run:     RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE && g->tree.in[r] == 0;
    ensures length:  ps->tree.length[r] == n;
    ensures homes:   n < \old(ps->tree.length[r]) ==> RunSplit(\old(g->home), g->home, ps->end, r, r + n);
    ensures whole:   n == \old(ps->tree.length[r]) ==>
                     \forall integer p; Page(ps->end, p) ==> g->home[p] == \old(g->home[p]);
    RUN_LIVE_KEPT(0) */
void run_cut(struct pages *ps, pageno r, uint32_t n)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* Takes n pages whose address is a multiple of `align` pages out of free run r, which is long enough,
 * and out of its pool. Their first page: a run of the kind, in no tree. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, 0) RUN_COALESCED(requires, 0, 0)
    requires run:    RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE;
    requires align:  1 <= align <= SLOTS;
    requires n:      0 < n && RunSkip(ps->bias, r, align) + n <= ps->tree.length[r];
    requires kind:   RUN_BIN <= kind <= RUN_HUGE;
    assigns RUN_TREE_ARRAYS, ps->tree.length[r .. r + ps->tree.length[r] - 1],
            ps->kind[r .. r + ps->tree.length[r] - 1],
            ps->head[r .. r + ps->tree.length[r] - 1], g->home[r .. r + ps->tree.length[r] - 1];
    RUN_TILES(ensures) RUN_TREES(ensures, 0) RUN_COALESCED(ensures, 0, 0)
    ensures first:   RunFirst(ps->bias, r, align, \result);
    ensures aligned: (\result + ps->bias) % align == 0;
    ensures run:     RunStart(g->home, ps->end, \result) && ps->tree.length[\result] == n &&
                     ps->kind[\result] == kind && g->tree.in[\result] == 0;
    RUN_LIVE_KEPT(\result) */
pageno run_take(struct pages *ps, pageno r, uint32_t n, uint32_t align, enum kind kind)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* Gives run r, in no tree, back to its pool, and coalesces. The first page of the free run that it
 * is part of now. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, r)
    RUN_COALESCED(requires, r, r + ps->tree.length[r])
    requires run:    RunStart(g->home, ps->end, r) && g->tree.in[r] == 0;
    assigns RUN_ARRAYS;
    RUN_TILES(ensures) RUN_TREES(ensures, 0) RUN_COALESCED(ensures, 0, 0)
    ensures free:    RunStart(g->home, ps->end, \result) && ps->kind[\result] == RUN_FREE &&
                     g->home[r] == \result;
    RUN_LIVE_KEPT(r) */
pageno run_give(struct pages *ps, pageno r)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* Run r is in use by an arena's client: head[] leads to r from all its pages. */
/*@ requires mem:    \valid(ps);
    requires run:    FIRST_PAGE <= r < SLOTS && r + ps->tree.length[r] <= SLOTS;
    assigns ps->head[r .. r + ps->tree.length[r] - 1];
    ensures owned:   \forall integer p; r <= p < r + ps->tree.length[r] ==> ps->head[p] == r; */
void run_own(struct pages *ps, pageno r);

/* The pages of run r, just taken for the client, do not count as free any more. */
/*@ RUN_MEMORY
    requires run:    FIRST_PAGE <= r < SLOTS && r + ps->tree.length[r] <= SLOTS;
    requires dirty:  RunDirty(ps->dirty, ps->state, g->used);
    requires free:   \forall integer p; r <= p < r + ps->tree.length[r] ==> g->used[p] == 0;
    assigns ps->dirty, g->used[r .. r + ps->tree.length[r] - 1];
    ensures dirty:   RunDirty(ps->dirty, ps->state, g->used);
    ensures used:    \forall integer p; r <= p < r + ps->tree.length[r] ==> g->used[p] == 1; */
void run_use(struct pages *ps, pageno r)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* The pages of run r, just freed by the client, are dirty. */
/*@ RUN_MEMORY
    requires run:    FIRST_PAGE <= r < SLOTS && r + ps->tree.length[r] <= SLOTS;
    requires dirty:  RunDirty(ps->dirty, ps->state, g->used);
    requires used:   \forall integer p; r <= p < r + ps->tree.length[r] ==> g->used[p] == 1;
    assigns ps->dirty, ps->state[r .. r + ps->tree.length[r] - 1], g->used[r .. r + ps->tree.length[r] - 1];
    ensures dirty:   RunDirty(ps->dirty, ps->state, g->used);
    ensures soiled:  \forall integer p; r <= p < r + ps->tree.length[r] ==>
                     ps->state[p] == PAGE_DIRTY && g->used[p] == 0; */
void run_soil(struct pages *ps, pageno r)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* The n pages from r on, which are free, read as zero now. */
/*@ RUN_MEMORY
    requires range:  FIRST_PAGE <= r && r + n <= SLOTS;
    requires dirty:  RunDirty(ps->dirty, ps->state, g->used);
    requires free:   \forall integer p; r <= p < r + n ==> g->used[p] == 0;
    assigns ps->dirty, ps->state[r .. r + n - 1];
    ensures dirty:   RunDirty(ps->dirty, ps->state, g->used);
    ensures purged:  RunPurged(\old(ps->state), ps->state, r, n); */
void run_purge(struct pages *ps, pageno r, uint32_t n)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* The dirty pages of run r; while the client has it, those that were dirty when it was taken. */
/*@ requires mem:    \valid(ps);
    requires run:    FIRST_PAGE <= r < SLOTS && r + ps->tree.length[r] <= SLOTS;
    assigns \nothing;
    ensures count:   \result == DirtyIn(ps->state, r, r + ps->tree.length[r]) &&
                     0 <= \result <= ps->tree.length[r]; */
uint32_t run_dirty(const struct pages *ps, pageno r);

/*@ ghost
  // No page is dirty, nor the client's, before any is used.
  /@ RUN_MEMORY
     requires fresh:  \forall integer p; FIRST_PAGE <= p < SLOTS ==> ps->state[p] == PAGE_FRESH;
     assigns g->used[0 .. SLOTS - 1];
     ensures dirty:   RunDirty(0, ps->state, g->used);
     ensures used:    \forall integer p; 0 <= p < SLOTS ==> g->used[p] == 0; @/
  void run_begin(const struct pages *ps, struct run_ghost \ghost *g);
*/

#endif
