/* cache: the free small blocks that a thread keeps at hand.
 *
 * A magazine for each class, the last in the first out. To allocate is to take a region out of it and
 * to free is to put it in: no lock, and nothing shared is written but the region's tag, which
 * says that it is cached. What a magazine lacks or has too much of comes from an arena and goes back
 * to it, many at a time. That needs the heap, and so its lock; hence the struct regions
 * and the struct heap below.
 *
 * Two threads that free one block at the same instant may both find it live. It is in two magazines then, and
 * whoever takes it out second finds by its tag, unless again at the same instant, that it is not to be had.
 */
#ifndef QED_CACHE_H
#define QED_CACHE_H

#include "heap.h"
#include "magazine.h"

/* Magazines: looked after whenever one is found empty, or full. */
enum { CACHE_LOOKS = 3 };

#include "spec/cache.acsl"

/* Makes k, which is zero or has been emptied, the cache of another thread: its magazines have the least room. */
/*@ requires mem:    \valid(k) && \separated(k, rs, &classes);
    requires empty:  CacheEmpty(k->top, k->magazine);
    requires others: \forall integer t; 0 <= t < CACHE_TAGS && !TagLive(t) ==> k->magazine[t].high == 0;
    requires looks:  k->end <= SLOTS * PAGE && k->turn < BINS;
    assigns k->top[1 .. BINS], k->magazine[1 .. BINS];
    CACHE_OK(ensures, rs->tags)
    OTHERS_KEPT(ensures, rs->tags)
    ensures empty:   CacheEmpty(k->top, k->magazine); */
void cache_init(struct cache *k) /*@ ghost (const struct regions *rs) */;

/* A block of class c, c < BINS: its offset in *off. False, and *off is meaningless, if there is none at hand. */
/*@ CACHE_MEMORY
    CACHE_OK(requires, rs->tags)
    requires out:    \valid(off) && \separated(off, k, rs, &classes);
    requires class:  c < BINS;
    assigns k->top[c + 1], *off, rs->tags.tag[0 .. RunTag(SLOTS) - 1];
    CACHE_OK(ensures, rs->tags)
    OTHERS_KEPT(ensures, rs->tags)
    ensures result:  \result <==> \old(CACHE_COUNT(c + 1)) > 0;
    ensures last:    \result ==> CACHE_COUNT(c + 1) == \old(CACHE_COUNT(c + 1)) - 1 &&
                     *off == k->off[CacheTop(k->top, c + 1)];
    ensures block:   \result ==> Small(rs->tags, *off) &&
                     TagChanged(\old(rs->tags), rs->tags, TagAt(*off), c + 1 + TAG_CACHED, c + 1);
    ensures handed:  \result ==> k->top[c + 1] / CACHE_HANDED == CACHE_ROUND(\old(k->top[c + 1]) / CACHE_HANDED + 1);
    ensures same:    !\result ==> *k == \old(*k) && *rs == \old(*rs);
    ensures stay:    RegionsStay(rs->runs, \old(rs->tags), rs->tags); */
bool cache_alloc(struct cache *k, struct regions *rs, uint32_t c, size_t *off);

/* Whether off, any number, is a multiple of QUANTUM in the heap, as far as the cache knows: it learns the heap's end
 * when it is filled or drained. */
/*@ requires mem:    \valid_read(k);
    assigns \nothing;
    ensures knows:   \result <==> CacheKnows(k->end, off); */
bool cache_knows(const struct cache *k, size_t off);

/* Frees the live small block at off, any number. False, and nothing changes, if none starts there, as far as the
 * cache knows, or there is no room for it. */
/*@ CACHE_MEMORY
    CACHE_OK(requires, rs->tags)
    assigns k->top[1 .. BINS], k->off[0 .. CACHE_OFFS - 1], rs->tags.tag[0 .. RunTag(SLOTS) - 1];
    CACHE_OK(ensures, rs->tags)
    OTHERS_KEPT(ensures, rs->tags)
    ensures result:  \result <==> CacheKnows(k->end, off) && \old(CACHE_FREES(rs->tags.tag[TagAt(off)]));
    ensures put:     \result ==> CACHE_PUT(\old(rs->tags.tag[TagAt(off)]));
    ensures same:    !\result ==> *k == \old(*k) && *rs == \old(*rs);
    ensures stay:    RegionsStay(rs->runs, \old(rs->tags), rs->tags); */
bool cache_free(struct cache *k, struct regions *rs, size_t off);

/* The class of the live small block at off, any number; BINS if none starts there, as far as
 * the cache knows. */
/*@ requires mem:    \valid_read(k) && \valid_read(rs);
    requires end:    k->end <= SLOTS * PAGE;
    assigns \nothing;
    ensures class:   CacheKnows(k->end, off) && Small(rs->tags, off) ==> \result == rs->tags.tag[TagAt(off)] - 1;
    ensures none:    !(CacheKnows(k->end, off) && Small(rs->tags, off)) ==> \result == BINS; */
uint32_t cache_class(const struct cache *k, const struct regions *rs, size_t off);

/* cache_alloc had no block of class c: takes some from arena a, as far as the heap has them, and not so few the
 * next time. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    requires arena:  a < h->arenas && c < BINS;
    assigns CACHE_HEAP_ARRAYS, k->end, k->turn, k->full[0 .. BINS - 1];
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures)
    ensures learned: k->end == h->pages.end * PAGE;
    ensures some:    CACHE_COUNT(c + 1) > 0 || SmallFull(h->pages, h->bins, a + 1, c); */
void cache_fill(struct cache *k, struct heap *h, uint32_t a, uint32_t c)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* cache_free did not free the block at off: if it is one that it could have, it can now. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    assigns CACHE_HEAP_ARRAYS, k->end, k->turn, k->full[0 .. BINS - 1];
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures)
    ensures learned: k->end == h->pages.end * PAGE;
    ensures room:    Small(h->regions.tags, off) ==> CACHE_FREES(h->regions.tags.tag[TagAt(off)]); */
void cache_make_room(struct cache *k, struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */;

/* Regions of class c in it; any thread may ask that has the lock. */
/*@ requires mem:    \valid_read(k);
    requires class:  c < BINS && k->magazine[c + 1].low <= CacheTop(k->top, c + 1);
    assigns \nothing;
    ensures count:   \result == CACHE_COUNT(c + 1); */
uint32_t cache_count(const struct cache *k, uint32_t c);

/* Blocks handed out since k was zero, those that two threads freed at once counted twice; any thread may ask. */
/*@ requires mem:    \valid_read(k);
    assigns \nothing;
    ensures sum:     \result == CacheHanded(k->top, BINS); */
uint64_t cache_allocations(const struct cache *k);

/* Gives all back; whether there was anything. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    assigns CACHE_HEAP_ARRAYS;
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures)
    ensures empty:   CacheEmpty(k->top, k->magazine);
    ensures any:     \result <==> !\old(CacheEmpty(k->top, k->magazine)); */
bool cache_empty(struct cache *k, struct heap *h) /*@ ghost (struct run_ghost \ghost *g) */;

/*@ ghost
  // What that means for any other cache j: cache b has become k, and tags t have become s.
  /@ requires cached: CacheCached(CACHE_HELD(j), t);
     requires apart:  CachesApart(CACHE_HELD(j), CACHE_HELD(b));
     requires others: OthersKept(CACHE_HELD(b), t, CACHE_HELD(k), s);
     assigns \nothing;
     ensures cached:  CacheCached(CACHE_HELD(j), s);
     ensures apart:   CachesApart(CACHE_HELD(j), CACHE_HELD(k)); @/
  void caches_apart(struct cache j, struct cache b, struct tags t, struct cache k, struct tags s);

  // What cache_alloc and cache_free mean for the heap, of which they see the regions only; its tags were t.
  /@ HEAP_MEMORY
     requires sizes:  SizesOk(h->sizes) && 1 <= h->arenas <= ARENAS;
     requires end:    FIRST_PAGE <= h->pages.end <= SLOTS;
     requires trees:  TreeOk(h->pages.tree, g->tree);
     requires pages:  PAGES_OK_OF(h->pages, (*g));
     requires arena:  ArenaOk(h->pages.end, h->pages.kind, h->pages.tree.length, h->pages.owner,
                              g->home, g->tree.in, h->regions.runs, t, h->bins.runcur);
     requires off:    CacheKnows(SLOTS * PAGE, off) && t.tag[TagAt(off)] != 0;
     requires tags:   \forall integer q; q != TagAt(off) ==> h->regions.tags.tag[q] == t.tag[q];
     requires stay:   RegionsStay(h->regions.runs, t, h->regions.tags);
     assigns \nothing;
     HEAP_OK(ensures)
     ensures block:   Small(h->regions.tags, off) ==> HEAP_SOUND(off);
     ensures blocks:  BlocksKept(h->pages.kind, h->pages.tree.length, t,
                                 h->pages.kind, h->pages.tree.length, h->regions.tags, h->pages.end, off); @/
  void heap_stays(struct tags t, const struct heap *h, size_t off, struct run_ghost \ghost *g);
*/

#endif
