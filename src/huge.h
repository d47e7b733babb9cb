/* huge: the heap's chunks, and the blocks that take whole ones.
 *
 * Chunks that nobody owns are free runs in the pool TREE_CHUNKS, or huge blocks in the tree
 * TREE_HUGE, by address, which finds the block that contains an address. The lengths of both are
 * multiples of CHUNK_PAGES.
 */
#ifndef QED_HUGE_H
#define QED_HUGE_H

#include "run.h"

#include "spec/huge.acsl"

/* The n pages, whole chunks, behind the last of the heap are free chunks of it now. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires n:      0 < n <= SLOTS - ps->end && n % CHUNK_PAGES == 0;
    assigns RUN_ARRAYS, ps->end;
    PAGES_OK(ensures)
    ensures end:     ps->end == \old(ps->end) + n;
    ensures free:    RunFreePages(ps->kind, g->home, \old(ps->end), ps->end);
    ensures tail:    FreeTail(ps->kind, ps->tree.length, ps->owner, g->home, ps->end) ==
                     FreeTail(\old(ps->kind), \old(ps->tree.length), ps->owner, \old(g->home), \old(ps->end)) + n;
    ensures live:    RunLiveKept(\old(ps->kind), \old(ps->tree.length), \old(g->home),
                                 ps->kind, ps->tree.length, g->home, \old(ps->end), 0);
    ensures pages:   RunPagesKept(\old(ps->kind), \old(g->home), \old(ps->head), g->home, ps->head,
                                  \old(ps->end), 0);
    ensures nodes:   RunNodesKept(\old(ps->kind), \old(g->tree.in), ps->kind, g->tree.in, ps->end, 0); */
void chunks_add(struct pages *ps, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */;

/* The pages of the free chunks at the heap's end, with which new chunks would be joined. */
/*@ RUN_MEMORY PAGES_OK(requires)
    assigns \nothing;
    ensures tail:    \result == FreeTail(ps->kind, ps->tree.length, ps->owner, g->home, ps->end);
    ensures whole:   \result % CHUNK_PAGES == 0 && \result <= SLOTS; */
uint32_t chunks_tail(const struct pages *ps) /*@ ghost (struct run_ghost \ghost *g) */;

/* The least length of a free run of chunks that is certain to hold n pages, n > 0, at a multiple of
 * `align` pages; 0 if no chunk has an address that is one. Both at most SLOTS. */
/*@ requires mem:    \valid(ps);
    requires n:      0 < n <= SLOTS;
    HUGE_ALIGN(align)
    assigns \nothing;
    ensures extent:  \result == Extent(ps->bias, n, align); */
uint32_t huge_extent(const struct pages *ps, uint32_t n, uint32_t align);

/* n pages, at most SLOTS, rounded up to whole chunks. */
/*@ requires n:      n <= SLOTS;
    assigns \nothing;
    ensures value:   \result == WholeChunks(n);
    ensures least:   n <= \result < n + CHUNK_PAGES && \result % CHUNK_PAGES == 0; */
uint32_t whole_chunks(uint32_t n);

/* A huge block of n pages at an address that is a multiple of `align` pages, a power of two;
 * both are rounded up to chunks. Its first page, or 0 if none fits. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires n:      0 < n <= SLOTS;
    HUGE_ALIGN(align)
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1];
    PAGES_OK(ensures)
    ensures none:    \result == 0 <==> Extent(ps->bias, n, align) == 0 ||
                     NoneFits(\old(ps->kind), \old(ps->tree.length), ps->owner, ps->end,
                              Extent(ps->bias, n, align));
    ensures same:    \result == 0 ==> *ps == \old(*ps) && *g == \old(*g);
    ensures lowest:  \result != 0 ==> LowestFit(\old(ps->kind), \old(ps->tree.length), ps->owner, ps->end,
                                                \old(g->home)[\result], Extent(ps->bias, n, align));
    ensures first:   \result != 0 ==> RunFirst(ps->bias, \old(g->home)[\result], align, \result);
    ensures aligned: \result != 0 ==> (\result + ps->bias) % align == 0;
    ensures block:   \result != 0 ==> HugeBlock(ps->kind, ps->end, \result) &&
                                      ps->tree.length[\result] == WholeChunks(n);
    RUN_LIVE_KEPT(\result) */
pageno huge_alloc(struct pages *ps, uint32_t n, uint32_t align) /*@ ghost (struct run_ghost \ghost *g) */;

/* Frees the huge block at page p. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires block:  HugeBlock(ps->kind, ps->end, p);
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1], ps->state[p .. p + ps->tree.length[p] - 1];
    PAGES_OK(ensures)
    ensures freed:   !RunLive(ps->kind, g->home, ps->end, p);
    ensures soiled:  \forall integer i; p <= i < p + \old(ps->tree.length[p]) ==> ps->state[i] == PAGE_DIRTY;
    RUN_LIVE_KEPT(p) */
void huge_free(struct pages *ps, pageno p) /*@ ghost (struct run_ghost \ghost *g) */;

/* The first page of the huge block that page p, of the heap or not, is part of; 0 if none is. */
/*@ RUN_MEMORY PAGES_OK(requires)
    assigns \nothing;
    ensures block:   \result != 0 ==> HugeHolds(ps->kind, ps->tree.length, ps->end, \result, p);
    ensures none:    \result == 0 ==>
                     \forall integer r; !HugeHolds(ps->kind, ps->tree.length, ps->end, r, p); */
pageno huge_find(const struct pages *ps, pageno p) /*@ ghost (struct run_ghost \ghost *g) */;

/* Gives the huge block at p the length of n pages, n > 0, rounded up to chunks, in place; false, and
 * nothing changes, if the chunks behind it are not free. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires block:  HugeBlock(ps->kind, ps->end, p);
    requires n:      0 < n <= SLOTS;
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1],
            ps->state[p + WholeChunks(n) .. p + ps->tree.length[p] - 1];
    PAGES_OK(ensures)
    ensures result:  \result <==> Room(\old(ps->kind), \old(ps->tree.length), ps->owner, ps->end, p,
                                           WholeChunks(n));
    ensures same:    !\result ==> *ps == \old(*ps) && *g == \old(*g);
    ensures block:   HugeBlock(ps->kind, ps->end, p);
    ensures length:  \result ==> ps->tree.length[p] == WholeChunks(n);
    ensures soiled:  \forall integer i; p + WholeChunks(n) <= i < p + \old(ps->tree.length[p]) ==>
                     ps->state[i] == PAGE_DIRTY;
    RUN_LIVE_KEPT(p) */
bool huge_resize(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */;

/* A chunk for the owner, not 0: one free run in its pool. Its first page, or 0. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires owner:  1 <= owner <= ARENAS;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1];
    PAGES_OK(ensures)
    ensures none:    \result == 0 ==> NoneFits(\old(ps->kind), \old(ps->tree.length), ps->owner, ps->end, 1);
    ensures same:    \result == 0 ==> *ps == \old(*ps) && *g == \old(*g);
    ensures lowest:  \result != 0 ==> LowestFit(\old(ps->kind), \old(ps->tree.length), \old(ps->owner),
                                                ps->end, \result, CHUNK_PAGES);
    ensures chunk:   \result != 0 ==> RunStart(g->home, ps->end, \result) && ps->kind[\result] == RUN_FREE &&
                                      ps->tree.length[\result] == CHUNK_PAGES && \result % CHUNK_PAGES == 0;
    ensures owner:   \result != 0 ==> OwnerOf(ps->owner, \result) == owner;
    ensures others:  \forall integer c; 0 <= c < HEAP_CHUNKS && c != \result / CHUNK_PAGES ==>
                     ps->owner[c] == \old(ps->owner[c]);
    RUN_LIVE_KEPT(0) */
pageno chunk_take(struct pages *ps, uint32_t owner) /*@ ghost (struct run_ghost \ghost *g) */;

/* Gives the chunk at page p back, which is one free run in its owner's pool. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires chunk:  Page(ps->end, p) && ps->kind[p] == RUN_FREE && p % CHUNK_PAGES == 0 &&
                     ps->tree.length[p] == CHUNK_PAGES;
    assigns RUN_ARRAYS, ps->owner[p / CHUNK_PAGES];
    PAGES_OK(ensures)
    ensures owner:   OwnerOf(ps->owner, p) == 0;
    RUN_LIVE_KEPT(0) */
void chunk_give(struct pages *ps, pageno p) /*@ ghost (struct run_ghost \ghost *g) */;

#endif
