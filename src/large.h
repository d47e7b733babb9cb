/* large: the runs of arenas' chunks, which are large blocks or hold the regions of a bin.
 *
 * An arena takes a chunk when none of its free runs fits, and gives a chunk back as soon as it is one free
 * run. From every page of a run in use head[] leads to the first, so that an offset finds its block.
 */
#ifndef QED_LARGE_H
#define QED_LARGE_H

#include "huge.h"

#include "spec/large.acsl"

/* A run of n pages for the owner, at an address that is a multiple of `align` pages, a power of two: in his
 * lowest free run of n + align - 1 pages, CHUNK_PAGES at most, or in the lowest free chunk if he has none
 * such. Its first page, or 0 if there is neither. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires owner:  1 <= owner <= ARENAS;
    requires n:      0 < n && 1 <= align && n + align - 1 <= CHUNK_PAGES;
    requires kind:   kind == RUN_BIN || kind == RUN_LARGE;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1];
    PAGES_OK(ensures)
    ensures none:    \result == 0 <==>
                     LargeNone(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, owner,
                               n + align - 1) &&
                     NoneFits(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, 1);
    ensures same:    \result == 0 ==> *ps == \old(*ps) && *g == \old(*g);
    ensures run:     \result != 0 ==> RunStart(g->home, ps->end, \result) && ps->kind[\result] == kind &&
                     ps->tree.length[\result] == n && g->tree.in[\result] == 0;
    ensures owner:   \result != 0 ==> OwnerOf(ps->owner, \result) == owner;
    ensures was:     \result != 0 ==> \old(ps->kind[g->home[\at(\result, Post)]]) == RUN_FREE;
    ensures lowest:  \result != 0 ==> LargeLowest(\old(ps->kind), \old(ps->tree.length), \old(ps->owner),
                                                 ps->bias, owner, n + align - 1, align, \result);
    ensures aligned: \result != 0 ==> (\result + ps->bias) % align == 0;
    LARGE_LIVE_KEPT(\result) */
pageno large_take(struct pages *ps, uint32_t owner, uint32_t n, uint32_t align, enum kind kind)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* Frees run r, which is in no tree; a chunk that is one free run now is nobody's again. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires run:    LargeRun(ps->kind, g->home, ps->owner, ps->end, r) && g->tree.in[r] == 0;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            ps->state[r .. r + ps->tree.length[r] - 1];
    PAGES_OK(ensures)
    ensures freed:   !RunLive(ps->kind, g->home, ps->end, r);
    ensures soiled:  \forall integer i; r <= i < r + \old(ps->tree.length[r]) ==> ps->state[i] == PAGE_DIRTY;
    ensures back:    OwnerOf(ps->owner, r) == 0 || ps->tree.length[g->home[r]] < CHUNK_PAGES;
    LARGE_LIVE_KEPT(r) */
void large_give(struct pages *ps, pageno r) /*@ ghost (struct run_ghost \ghost *g) */;

/* Gives the large block at p the length of n pages, 1 .. CHUNK_PAGES, in place; false, and nothing changes,
 * if the pages behind it are not free. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires block:  LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE;
    requires n:      0 < n <= CHUNK_PAGES;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            ps->state[p + n .. p + ps->tree.length[p] - 1];
    PAGES_OK(ensures)
    ensures result:  \result <==> LargeRoom(\old(ps->kind), \old(ps->tree.length), ps->end, p, n);
    ensures same:    !\result ==> *ps == \old(*ps) && *g == \old(*g);
    ensures block:   LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE;
    ensures length:  \result ==> ps->tree.length[p] == n;
    ensures soiled:  \forall integer i; p + n <= i < p + \old(ps->tree.length[p]) ==>
                     ps->state[i] == PAGE_DIRTY;
    LARGE_LIVE_KEPT(p) */
bool large_resize(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */;

/* The n pages from p on, which are free, read as zero now. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires range:  FIRST_PAGE <= p && p + n <= ps->end;
    requires free:   RunFreePages(ps->kind, g->home, p, p + n);
    assigns ps->dirty, ps->state[p .. p + n - 1];
    PAGES_OK(ensures)
    ensures purged:  RunPurged(\old(ps->state), ps->state, p, n); */
void pages_purge(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */;

/*@ ghost
  // The invariant of the pages begins with zeroes.
  /@ RUN_MEMORY
     requires begin:  ps->end == FIRST_PAGE;
     requires tree:   TreeZero(ps->tree.links, ps->tree.red, ps->tree.longest);
     requires zero:   PagesZero(ps->dirty, ps->kind, ps->state, ps->owner);
     assigns g->tree, g->used[0 .. SLOTS - 1];
     PAGES_OK(ensures)
     ensures none:    \forall integer x; TREES < x < SLOTS ==> g->tree.in[x] == 0; @/
  void pages_begin(const struct pages *ps, struct run_ghost \ghost *g);

  // What follows from the invariant of the pages.
  /@ RUN_MEMORY PAGES_OK(requires)
     assigns \nothing;
     ensures home:    RunHome(g->home, ps->end);
     ensures kind:    RunKind(ps->kind, g->home, ps->end);
     ensures span:    RunSpan(ps->tree.length, g->home, ps->end);
     ensures exact:   RunExact(ps->tree.length, g->home, ps->end);
     ensures owner:   RunOwner(ps->owner, g->home, ps->end);
     ensures huge:    HugeRunsBut(ps->kind, ps->tree.length, ps->owner, ps->end, 0);
     ensures heads:   OwnedHeadsBut(ps->kind, ps->owner, g->home, ps->head, ps->end, 0);
     ensures bins:    BinNodes(ps->kind, g->tree.in, ps->end);
     ensures large:   \forall integer p; Page(ps->end, p) && ps->kind[p] == RUN_LARGE ==> g->tree.in[p] == 0; @/
  void pages_facts(const struct pages *ps, struct run_ghost \ghost *g);

  // The same of what the pages were.
  /@ requires end:    FIRST_PAGE <= a.end <= SLOTS;
     requires pages:  PAGES_OK_OF(a, b);
     assigns \nothing;
     ensures home:    RunHome(b.home, a.end);
     ensures kind:    RunKind(a.kind, b.home, a.end);
     ensures owner:   RunOwner(a.owner, b.home, a.end);
     ensures huge:    HugeRunsBut(a.kind, a.tree.length, a.owner, a.end, 0); @/
  void pages_facts_were(struct pages a, struct run_ghost b);

  // It holds on if runs of bins have gone to other bins' trees, or to none.
  /@ RUN_MEMORY
     requires pages:  PAGES_OK_BY(before.in);
     requires moved:  BinNodesMoved(ps->kind, before.in, g->tree.in, ps->end);
     assigns \nothing;
     ensures pages:   PAGES_OK_BY(g->tree.in); @/
  void bins_moved(const struct pages *ps, struct run_ghost \ghost *g, struct tree_ghost before);
*/

#endif
