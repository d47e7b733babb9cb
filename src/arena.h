/* arena: chunks of its own, with the bins and large blocks in them.
 *
 * An arena takes a chunk when no free run of its fits, and gives a chunk back as soon
 * as it is one free run. An operation on one arena changes nothing of another's.
 */
#ifndef QED_ARENA_H
#define QED_ARENA_H

#include "bin.h"
#include "large.h"

struct bins {
    pageno runcur[TREES + 1]; /* by the bin's tree: its lowest run with a free region; 0: none has one */
};

/* All metadata of a heap. */
struct heap {
    uint32_t arenas; /* 1 .. ARENAS */
    struct sizes sizes;
    struct bins bins;
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

/* The tree of the owner's bin of class c; an owner is the number of an arena plus one. */
/*@ requires bin:    1 <= owner <= ARENAS && c < BINS;
    assigns \nothing;
    ensures tree:    \result == BinTree(owner, c) && TREE_ARENAS < \result <= TREES; */
pageno arena_bin(uint32_t owner, uint32_t c);

/* The offset of a region of class c, the owner's now; 0 if no run of the bin has a free one, and there is
 * neither room for a run in the owner's chunks nor a free chunk. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires bin:    1 <= owner <= ARENAS && c < BINS;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            rs->runs.class[0 .. SLOTS - 1], rs->runs.nfree[0 .. SLOTS - 1], rs->runs.low[0 .. SLOTS - 1],
            rs->tags.tag[0 .. RunTag(SLOTS) - 1], bins->runcur[BinTree(owner, c)];
    ARENA_OK(ensures)
    ensures none:    \result == 0 <==> \old(bins->runcur[BinTree(owner, c)]) == 0 &&
                     LargeNone(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, owner,
                               ClassPages(c)) &&
                     NoneFits(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, 1);
    ensures same:    \result == 0 ==>
                     *ps == \old(*ps) && *g == \old(*g) && *rs == \old(*rs) && *bins == \old(*bins);
    ensures region:  \result != 0 ==>
                     BinOwn(ps->kind, ps->owner, rs->runs, ps->end, owner, c, g->home[\result / PAGE]) &&
                     RegionAt(g->home[\result / PAGE], c, \result) &&
                     RegionsHold(g->home[\result / PAGE], c, \result);
    ensures taken:   \result != 0 ==> TagChanged(\old(rs->tags), rs->tags, TagAt(\result), 0, c + 1);
    LARGE_KEPT */
size_t arena_take(struct pages *ps, struct regions *rs, struct bins *bins, uint32_t owner, uint32_t c)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* Frees the region at off, live or cached. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires off:    InHeap(SLOTS, off) && off % QUANTUM == 0;
    requires taken:  rs->tags.tag[TagAt(off)] != 0;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            ps->state[0 .. SLOTS - 1], rs->runs.nfree[0 .. SLOTS - 1], rs->runs.low[0 .. SLOTS - 1],
            rs->tags.tag[TagAt(off)], bins->runcur[0 .. TREES];
    ARENA_OK(ensures)
    ensures free:    rs->tags.tag[TagAt(off)] == 0;
    LARGE_KEPT */
void arena_give(struct pages *ps, struct regions *rs, struct bins *bins, size_t off)
    /*@ ghost (struct run_ghost \ghost *g) */;

/*@ ghost
  // The invariant of the bins begins with zeroes.
  /@ ARENA_MEMORY PAGES_OK(requires)
     requires begin:  ps->end == FIRST_PAGE;
     requires zero:   ArenaZero(rs->tags, bins->runcur);
     requires none:   \forall integer x; TREES < x < SLOTS ==> g->tree.in[x] == 0;
     assigns \nothing;
     ensures arena:   ARENA_OK_OF((*ps), (*g)); @/
  void arena_begin(const struct pages *ps, const struct regions *rs, const struct bins *bins,
                   struct run_ghost \ghost *g);

  // It holds on if tags t have only changed from live to cached or back.
  /@ ARENA_MEMORY PAGES_OK(requires)
     requires arena:  ArenaOk(ps->end, ps->kind, ps->tree.length, ps->owner, g->home, g->tree.in,
                              rs->runs, t, bins->runcur);
     requires stay:   RegionsStay(rs->runs, t, rs->tags);
     requires free:   \forall integer q; t.tag[q] == 0 ==> rs->tags.tag[q] == 0;
     assigns \nothing;
     ensures arena:   ARENA_OK_OF((*ps), (*g)); @/
  void arena_stays(struct tags t, const struct pages *ps, const struct regions *rs, const struct bins *bins,
                   struct run_ghost \ghost *g);

  // What follows from the invariant of the bins.
  /@ ARENA_MEMORY ARENA_OK(requires)
     assigns \nothing;
     ensures runs:    BinRunsBut(ps->kind, ps->tree.length, rs->runs, rs->tags, ps->end, 0);
     ensures tags:    BinTags(ps->kind, g->home, rs->tags, ps->end); @/
  void arena_facts(const struct pages *ps, const struct regions *rs, const struct bins *bins,
                   struct run_ghost \ghost *g);

  // The run of a bin that the live or cached region at off is in.
  /@ ARENA_MEMORY ARENA_OK(requires)
     requires off:    InHeap(SLOTS, off) && off % QUANTUM == 0;
     requires taken:  rs->tags.tag[TagAt(off)] != 0;
     assigns \nothing;
     ensures run:     BinRun(ps->kind, ps->end, g->home[off / PAGE]);
     ensures head:    ps->head[off / PAGE] == g->home[off / PAGE];
     ensures owner:   1 <= OwnerOf(ps->owner, g->home[off / PAGE]) <= ARENAS;
     ensures place:   RegionsPlace(g->home[off / PAGE], rs->runs.class[g->home[off / PAGE]]);
     ensures inside:  RegionsHold(g->home[off / PAGE], rs->runs.class[g->home[off / PAGE]], off) &&
                      off + ClassBytes(rs->runs.class[g->home[off / PAGE]]) <=
                      (g->home[off / PAGE] + ClassPages(rs->runs.class[g->home[off / PAGE]])) * PAGE;
     ensures region:  RegionAt(g->home[off / PAGE], rs->runs.class[g->home[off / PAGE]], off);
     ensures class:   rs->tags.tag[TagAt(off)] == rs->runs.class[g->home[off / PAGE]] + 1 ||
                      rs->tags.tag[TagAt(off)] == rs->runs.class[g->home[off / PAGE]] + 1 + TAG_CACHED; @/
  void region_found(const struct pages *ps, const struct regions *rs, const struct bins *bins, size_t off,
                    struct run_ghost \ghost *g);

  // It holds on if no run of a bin has changed, which run r is not; the heap may have new pages, which are free.
  /@ ARENA_MEMORY PAGES_OK(requires)
     requires before: PAGES_OK_OF(a, b);
     requires arena:  ARENA_OK_OF(a, b);
     requires end:    FIRST_PAGE <= a.end <= ps->end;
     requires free:   RunFreePages(ps->kind, g->home, a.end, ps->end);
     requires owners: LargeOwnersKept(a.kind, b.home, a.owner, ps->owner, a.end, r);
     requires live:   RunLiveKept(a.kind, a.tree.length, b.home, ps->kind, ps->tree.length, g->home, a.end, r);
     requires pages:  RunPagesKept(a.kind, b.home, a.head, g->home, ps->head, a.end, r);
     requires nodes:  RunNodesKept(a.kind, b.tree.in, ps->kind, g->tree.in, ps->end, r);
     requires run:    !BinRun(a.kind, a.end, r) && !BinRun(ps->kind, ps->end, r);
     assigns \nothing;
     ensures arena:   ARENA_OK_OF((*ps), (*g)); @/
  void arena_kept(struct pages a, struct run_ghost b, const struct pages *ps, const struct regions *rs,
                  const struct bins *bins, pageno r, struct run_ghost \ghost *g);
*/

#endif
