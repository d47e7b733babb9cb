/* extent: the memory that a heap has: growing it, and giving free pages back. */
#ifndef QED_EXTENT_H
#define QED_EXTENT_H

#include "block.h"
#include "request.h"

#include "spec/heap.acsl"
#include "spec/extent.acsl"

/* Makes h a heap without memory, of `arenas` arenas, 1 .. ARENAS. The metadata must
 * be zero. `base_page` is the page number, modulo 2^32, of the address of offset 0:
 * alignments above PAGE are alignments of the address. */
/*@ HEAP_MEMORY
    requires arenas: 1 <= arenas <= ARENAS;
    requires trees:  TreeZero(h->pages.tree.links, h->pages.tree.red, h->pages.tree.longest);
    requires pages:  PagesZero(h->pages.dirty, h->pages.kind, h->pages.state, h->pages.owner);
    requires arena:  ArenaZero(h->regions.tags, h->bins.runcur);
    assigns h->sizes, h->arenas, h->pages.end, h->pages.bias, g->tree, g->used[0 .. SLOTS - 1];
    HEAP_OK(ensures)
    ensures begin:   h->arenas == arenas && h->pages.end == FIRST_PAGE && h->pages.bias == base_page;
    ensures empty:   \forall integer off; !HEAP_BLOCK(off); */
void heap_init(struct heap *h, uint32_t arenas, uint32_t base_page)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* The next `chunks` chunks of the range belong to the heap: they read as zero, and so
 * does their metadata. With free chunks right before them they are one free run. False, and nothing changes, if
 * `chunks` is 0 or exceeds the capacity. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    assigns h->pages, *g;
    HEAP_OK(ensures)
    ensures result:  \result <==> 0 < chunks <= (SLOTS - \old(h->pages.end)) / CHUNK_PAGES;
    ensures end:     h->pages.end == \old(h->pages.end) + (\result ? chunks * CHUNK_PAGES : 0);
    ensures same:    !\result ==> h->pages == \old(h->pages) && *g == \old(*g);
    ensures others:  h->pages.bias == \old(h->pages.bias) && h->pages.dirty == \old(h->pages.dirty) &&
                     h->pages.state == \old(h->pages.state) && h->pages.owner == \old(h->pages.owner);
    ensures free:    RunFreePages(h->pages.kind, g->home, \old(h->pages.end), h->pages.end);
    ensures tail:    HEAP_TAIL == \old(HEAP_TAIL) + (h->pages.end - \old(h->pages.end));
    ensures fits:    \result ==> !NoneFits(h->pages.kind, h->pages.tree.length, h->pages.owner, h->pages.end, HEAP_TAIL);
    ensures blocks:  BlocksStay(\old(h->pages.kind), \old(h->pages.tree.length), h->regions.tags, \old(h->pages.end),
                                h->pages.kind, h->pages.tree.length, h->regions.tags, h->pages.end); */
bool heap_grow(struct heap *h, uint32_t chunks) /*@ ghost (struct run_ghost \ghost *g) */;

/* heap_alloc has just failed: the chunks that heap_grow must add for it to serve this request, perhaps
 * more than the capacity; 0 if no number would do. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    requires align:  RequestAlign(align);
    assigns \nothing;
    ensures exceeds: !RequestOk(bytes, align) ==> \result == 0;
    ensures chunk:   RequestOk(bytes, align) && (RequestSmall(bytes, align) || RequestLarge(bytes, align)) ==>
                     \result == 1;
    ensures huge:    RequestOk(bytes, align) && RequestHuge(bytes, align) ==>
                     NeedsPages(h->pages.bias, RequestPages(bytes), RequestPageAlign(align), HEAP_TAIL,
                                \result * CHUNK_PAGES); */
uint32_t heap_needs(const struct heap *h, size_t bytes, size_t align)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* The lowest free run at page `from` or above that has dirty pages: its length in pages, 0 if there is
 * none, and its first page in *page, which else is meaningless. `from` is 0, or the end of the run of an
 * earlier answer; inside a run, because the heap has changed since, nothing is found. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    requires page:   \valid(page) && \separated(page, h, g);
    assigns *page;
    ensures run:     \result != 0 ==> from <= *page &&
                     DirtyRun(h->pages.kind, h->pages.tree.length, h->pages.state, h->pages.end, *page, \result);
    ensures free:    \result != 0 ==> *page + \result <= h->pages.end &&
                     RunFreePages(h->pages.kind, g->home, *page, *page + \result);
    ensures lowest:  RunBetween(h->pages.kind, h->pages.end, from) ==>
                     NoDirtyRun(h->pages.kind, h->pages.tree.length, h->pages.state, h->pages.end, from,
                                \result != 0 ? *page : h->pages.end);
    ensures inside:  !RunBetween(h->pages.kind, h->pages.end, from) ==> \result == 0; */
uint32_t heap_dirty(const struct heap *h, uint32_t from, uint32_t *page)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* The n pages from `page` on, free ones of a run that heap_dirty found, read as zero now. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    requires range:  FIRST_PAGE <= page && page + n <= h->pages.end;
    requires free:   RunFreePages(h->pages.kind, g->home, page, page + n);
    assigns h->pages.dirty, h->pages.state[page .. page + n - 1];
    HEAP_OK(ensures)
    ensures purged:  RunPurged(\old(h->pages.state), h->pages.state, page, n); */
void heap_purged(struct heap *h, uint32_t page, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */;

#endif
