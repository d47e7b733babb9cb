/* block: what starts at an offset, any number: a live block, or why not. */
#ifndef QED_BLOCK_H
#define QED_BLOCK_H

#include "arena.h"
#include "verdict.h"

#include "spec/block.acsl"

/* HEAP_OK if a live block starts at off; else what is wrong with it. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    assigns \nothing;
    ensures ok:      \result == HEAP_OK <==> BlockAt(ps->kind, ps->end, rs->tags, off);
    ensures foreign: \result == HEAP_FOREIGN <==> !InHeap(ps->end, off);
    ensures unaligned: \result == HEAP_UNALIGNED <==> InHeap(ps->end, off) && off % QUANTUM != 0;
    ensures inside:  \result == HEAP_INTERIOR <==> InHeap(ps->end, off) && off % QUANTUM == 0 &&
                     BlockInside(ps->kind, ps->tree.length, ps->end, rs->tags, off);
    ensures freed:   \result == HEAP_DOUBLE_FREE <==> InHeap(ps->end, off) && off % QUANTUM == 0 &&
                     (FreePage(ps->kind, ps->state, g->home, off, PAGE_DIRTY) ||
                      (RegionStart(ps->kind, g->home, rs->runs, off) && !Small(rs->tags, off)));
    ensures purged:  \result == HEAP_PURGED <==> InHeap(ps->end, off) && off % QUANTUM == 0 &&
                     PurgedPage(ps->kind, ps->state, g->home, off);
    ensures else:    \result == HEAP_OK || HEAP_FOREIGN <= \result <= HEAP_UNALLOCATED; */
enum verdict block_verdict(const struct pages *ps, const struct regions *rs, size_t off)
    /*@ ghost (const struct bins *bins, struct run_ghost \ghost *g) */;

/* A block of class c for the owner; 0 if there is none, and nothing changes. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires bin:    1 <= owner <= ARENAS && c < BINS;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            rs->runs.class[0 .. SLOTS - 1], rs->runs.nfree[0 .. SLOTS - 1], rs->runs.low[0 .. SLOTS - 1],
            rs->tags.tag[0 .. RunTag(SLOTS) - 1], bins->runcur[BinTree(owner, c)];
    ARENA_OK(ensures)
    BLOCK_NEW(ClassBytes(c))
    ensures region:  \result != 0 ==> RegionsPlace(g->home[\result / PAGE], c) &&
                     RegionAt(g->home[\result / PAGE], c, \result);
    ensures none:    \result == 0 <==> \old(bins->runcur[BinTree(owner, c)]) == 0 &&
                     LargeNone(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, owner,
                               ClassPages(c)) &&
                     NoneFits(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, 1);
    ensures same:    \result == 0 ==>
                     *ps == \old(*ps) && *g == \old(*g) && *rs == \old(*rs) && *bins == \old(*bins); */
size_t block_small(struct pages *ps, struct regions *rs, struct bins *bins, uint32_t owner, uint32_t c)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* A block of n pages for the owner, at an address that is a multiple of `align` pages, a power of two; 0 if
 * there is none, and nothing changes. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires owner:  1 <= owner <= ARENAS;
    requires n:      0 < n && 1 <= align && n + align - 1 <= CHUNK_PAGES;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1];
    ARENA_OK(ensures)
    BLOCK_NEW(n * PAGE)
    ensures aligned: \result != 0 ==> \result % PAGE == 0 && (\result / PAGE + ps->bias) % align == 0;
    ensures none:    \result == 0 <==>
                     LargeNone(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, owner,
                               n + align - 1) &&
                     NoneFits(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, 1);
    ensures same:    \result == 0 ==> *ps == \old(*ps) && *g == \old(*g); */
size_t block_large(struct pages *ps, uint32_t owner, uint32_t n, uint32_t align)
    /*@ ghost (struct regions *rs, struct bins *bins, struct run_ghost \ghost *g) */;

/* The same of whole chunks, nobody's. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires n:      0 < n <= SLOTS;
    HUGE_ALIGN(align)
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1];
    ARENA_OK(ensures)
    BLOCK_NEW(WholeChunks(n) * PAGE)
    ensures aligned: \result != 0 ==> \result % PAGE == 0 && (\result / PAGE + ps->bias) % align == 0;
    ensures none:    \result == 0 <==> Extent(ps->bias, n, align) == 0 ||
                     NoneFits(\old(ps->kind), \old(ps->tree.length), ps->owner, ps->end,
                              Extent(ps->bias, n, align));
    ensures same:    \result == 0 ==> *ps == \old(*ps) && *g == \old(*g); */
size_t block_huge(struct pages *ps, uint32_t n, uint32_t align)
    /*@ ghost (struct regions *rs, struct bins *bins, struct run_ghost \ghost *g) */;

/* The usable bytes of the live block at off. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires block:  BlockAt(ps->kind, ps->end, rs->tags, off);
    assigns \nothing;
    ensures bytes:   \result == BlockBytes(ps->tree.length, rs->tags, off) && 0 < \result <= SLOTS * PAGE - off; */
size_t block_bytes(const struct pages *ps, const struct regions *rs, size_t off)
    /*@ ghost (const struct bins *bins, struct run_ghost \ghost *g) */;

/* Gives the large block at off the length of n pages, 1 .. CHUNK_PAGES, in place; false, and nothing changes,
 * if the pages behind it are not free. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires block:  off % PAGE == 0 && Page(ps->end, off / PAGE) && ps->kind[off / PAGE] == RUN_LARGE;
    requires n:      0 < n <= CHUNK_PAGES;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            ps->state[0 .. SLOTS - 1];
    ARENA_OK(ensures)
    BLOCK_RESIZED(n * PAGE)
    ensures result:  \result <==> LargeRoom(\old(ps->kind), \old(ps->tree.length), ps->end, off / PAGE, n);
    ensures same:    !\result ==> *ps == \old(*ps) && *g == \old(*g); */
bool block_resize_large(struct pages *ps, size_t off, uint32_t n)
    /*@ ghost (struct regions *rs, struct bins *bins, struct run_ghost \ghost *g) */;

/* The same of the huge block at off, for n pages rounded up to whole chunks. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires block:  off % PAGE == 0 && HugeBlock(ps->kind, ps->end, off / PAGE);
    requires n:      0 < n <= SLOTS;
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1], ps->state[0 .. SLOTS - 1];
    ARENA_OK(ensures)
    BLOCK_RESIZED(WholeChunks(n) * PAGE)
    ensures result:  \result <==> Room(\old(ps->kind), \old(ps->tree.length), ps->owner, ps->end, off / PAGE,
                                       WholeChunks(n));
    ensures same:    !\result ==> *ps == \old(*ps) && *g == \old(*g); */
bool block_resize_huge(struct pages *ps, size_t off, uint32_t n)
    /*@ ghost (struct regions *rs, struct bins *bins, struct run_ghost \ghost *g) */;

/* Frees the live block at off. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires block:  BlockAt(ps->kind, ps->end, rs->tags, off);
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            ps->state[0 .. SLOTS - 1], rs->runs.nfree[0 .. SLOTS - 1], rs->runs.low[0 .. SLOTS - 1],
            rs->tags.tag[TagAt(off)], bins->runcur[0 .. TREES];
    ARENA_OK(ensures)
    ensures freed:   !BlockAt(ps->kind, ps->end, rs->tags, off);
    ensures pages:   \old(Small(rs->tags, off)) ||
                     RunFreePages(ps->kind, g->home, off / PAGE, off / PAGE + \old(ps->tree.length[off / PAGE]));
    BLOCKS_KEPT(off) */
void block_free(struct pages *ps, struct regions *rs, struct bins *bins, size_t off)
    /*@ ghost (struct run_ghost \ghost *g) */;

/*@ ghost
  // A live block lies in the heap, in one run, and overlaps with no other.
  /@ ARENA_MEMORY ARENA_OK(requires)
     requires block:  BlockAt(ps->kind, ps->end, rs->tags, off);
     assigns \nothing;
     ensures span:    BlockSpan(ps->kind, ps->tree.length, g->home, rs->runs, rs->tags, ps->end, off);
     ensures apart:   BlockApart(ps->kind, ps->tree.length, rs->tags, ps->end, off);
     ensures end:     off + BlockBytes(ps->tree.length, rs->tags, off) <= ps->end * PAGE; @/
  void block_apart(const struct pages *ps, const struct regions *rs, const struct bins *bins, size_t off,
                   struct run_ghost \ghost *g);

  // All live blocks stay but that at off: its tag has changed, and no run in use but perhaps r.
  /@ RUN_MEMORY PAGES_OK(requires)
     requires mem:    \valid_read(rs);
     requires before: PAGES_OK_OF(a, b);
     requires end:    a.end == ps->end;
     requires off:    InHeap(SLOTS, off) && off % QUANTUM == 0;
     requires page:   r != 0 ==> off == r * PAGE;
     requires large:  LargeKept(a.kind, a.tree.length, b.home, ps->kind, ps->tree.length, g->home, ps->end, r);
     requires tags:   \forall integer q; q != TagAt(off) ==> rs->tags.tag[q] == t.tag[q];
     assigns \nothing;
     ensures blocks:  BlocksKept(a.kind, a.tree.length, t, ps->kind, ps->tree.length, rs->tags, ps->end, off); @/
  void blocks_kept(struct pages a, struct run_ghost b, struct tags t, const struct pages *ps,
                   const struct regions *rs, size_t off, pageno r, struct run_ghost \ghost *g);
*/

#endif
