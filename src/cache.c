#include "cache.h"
#include "spec/size_even.acsl"

/* steer: which row of SIZE_CLASSES a class is, and where its stretch far away starts and ends */
#define ROW(bytes, pages)    ROW_##bytes,
#define FAR(bytes, pages)    FAR_##bytes, FAR_END_##bytes = FAR_##bytes - 1 CACHE_FAR(bytes, pages),
#define FAR_OF(bytes, pages) FAR_##bytes,
enum { SIZE_CLASSES(ROW) ROW_END };
enum { FAR_BEFORE = (BINS + 1) * CACHE_NEAR - 1, SIZE_CLASSES(FAR) FAR_END };
/*@ ghost
  const uint16_t far_of[BINS + 1] = {SIZE_CLASSES(FAR_OF) FAR_END};

  /@ requires class:  c < BINS;
     assigns \nothing;
     ensures row:     SIZE_CLASSES(IS_ROW) \false; @/
  void class_row(uint32_t c) {
      class_spaced(c);
  }

  /@ requires class:  c < BINS;
     assigns \nothing;
     SIZE_CLASSES(MOST_OF) @/
  void class_most(uint32_t c) {
  }

  /@ requires class:  c < BINS;
     assigns \nothing;
     ensures next:    FarNext(far_of, c); @/
  void far_next(uint32_t c) {
      class_row(c);
      class_most(c);
      /@ assert row:   SIZE_CLASSES(IS_FAR) \false; @/
  }
*/

void cache_init(struct cache *k) /*@ ghost (const struct regions *rs) */ {
    uint32_t far = (BINS + 1) * CACHE_NEAR;
    /*@ loop invariant range: 0 <= c <= BINS && far == far_of[c];
        loop invariant rooms: \forall integer t; 1 <= t <= c ==> k->magazine[t].low == t * CACHE_NEAR &&
            k->magazine[t].high == k->magazine[t].low + 1 && CacheTop(k->top, t) == k->magazine[t].low &&
            1 <= CacheMost(t - 1) && CacheFar(k->magazine[t], t);
        loop invariant below: \forall integer t; 1 <= t <= c && 0 < k->magazine[t].far ==>
            k->magazine[t].far + CacheMost(t - 1) <= far;
        loop invariant order: \forall integer s, t; 1 <= s < t <= c && 0 < k->magazine[s].far && 0 < k->magazine[t].far ==>
            k->magazine[s].far + CacheMost(s - 1) <= k->magazine[t].far;
        loop assigns c, far, k->top[1 .. BINS], k->magazine[1 .. BINS];
        loop variant BINS - c; */
    for (uint32_t c = 0; c < BINS; c++) {
        /*@ ghost far_next(c); */
        const uint32_t low = (c + 1) * CACHE_NEAR;
        k->magazine[c + 1].low = (uint16_t)low;
        k->magazine[c + 1].high = (uint16_t)(low + 1);
        magazine_set_top(k, c, low);
        k->magazine[c + 1].far = magazine_most(c) > CACHE_NEAR ? (uint16_t)far : 0;
        if (k->magazine[c + 1].far != 0) far += magazine_most(c);
    }
}

inline bool cache_alloc(struct cache *k, struct regions *rs, uint32_t c, size_t *off) {
    /*@ ghost struct cache b = *k; */
    /*@ ghost struct tags t = rs->tags; */
    const uint32_t tag = c + 1;
    const uint64_t top = k->top[tag];
    const size_t place = (size_t)(top % CACHE_HANDED);
    if (place == k->magazine[tag].low) return false;
    *off = k->off[place - 1];
    STORE(k->top[tag], magazine_handed_out(top));
    const bool cached = region_uncache(rs, *off, tag);
    /*@ ghost one_out(b, t, *k, rs, tag, place - 1); */
    return cached;
}

inline bool cache_knows(const struct cache *k, size_t off) {
    return off % QUANTUM == 0 && (size_t)FIRST_PAGE * PAGE <= off && off < k->end;
}

inline uint32_t cache_class(const struct cache *k, const struct regions *rs, size_t off) {
    return cache_knows(k, off) && region_is_live(rs, off) ? region_class(rs, off) : BINS;
}

inline bool cache_free(struct cache *k, struct regions *rs, size_t off) {
    if (!cache_knows(k, off)) return false;
    uint32_t tag = region_tag(rs, off);
    if (k->top[tag] % CACHE_HANDED >= k->magazine[tag].high) return false;
    magazine_put(k, rs, tag, off);
    return true;
}

uint32_t cache_count(const struct cache *k, uint32_t c) {
    return magazine_count(k, c);
}

uint64_t cache_allocations(const struct cache *k) {
    uint64_t n = 0;
    /*@ loop invariant range: 0 <= c <= BINS;
        loop invariant sum:   n == CacheHanded(k->top, c) <= c * (UINT64_MAX / CACHE_HANDED);
        loop assigns c, n;
        loop variant BINS - c; */
    for (uint32_t c = 0; c < BINS; c++) n += LOAD(k->top[c + 1]) / CACHE_HANDED;
    return n;
}

/*@ ghost
  // A region at off is live neither before nor after: all live blocks stay.
  /@ RUN_MEMORY PAGES_OK(requires)
     requires mem:    \valid_read(rs);
     requires before: PAGES_OK_OF(a, b);
     requires end:    a.end == ps->end;
     requires off:    CacheKnows(SLOTS * PAGE, off);
     requires bin:    a.kind[b.home[off / PAGE]] == RUN_BIN || ps->kind[g->home[off / PAGE]] == RUN_BIN;
     requires large:  LargeKept(a.kind, a.tree.length, b.home, ps->kind, ps->tree.length, g->home, ps->end, 0);
     requires tags:   \forall integer q; q != TagAt(off) ==> rs->tags.tag[q] == t.tag[q];
     requires dead:   !TagLive(t.tag[TagAt(off)]) && !TagLive(rs->tags.tag[TagAt(off)]);
     assigns \nothing;
     ensures live:    LiveKept(t, rs->tags);
     ensures blocks:  BlocksKept(a.kind, a.tree.length, t, ps->kind, ps->tree.length, rs->tags, ps->end, 0); @/
  void live_kept(struct pages a, struct run_ghost b, struct tags t, const struct pages *ps,
                 const struct regions *rs, size_t off, struct run_ghost \ghost *g) {
      pages_facts(ps, g);
      pages_facts_were(a, b);
      blocks_kept(a, b, t, ps, rs, off, 0, g);
      /@ assert was: !Whole(a.kind, a.end, off); @/
      /@ assert now: !Whole(ps->kind, ps->end, off); @/
  }
*/

/* Gives the region at off, which is out of its magazine, back. What another thread has, see cache.h, is left to it. */
/*@ HEAP_MEMORY
    HEAP_OK(requires)
    requires cached: CacheCached(CACHE_HELD(a), h->regions.tags) && CacheOnce(CACHE_HELD(a));
    requires out:    TagLive(tag) && CacheOut(a.top, a.magazine, b.top, b.magazine, tag, x) && b.off == a.off;
    requires off:    x < CACHE_OFFS && off == a.off[x];
    assigns h->pages, h->regions, h->bins, *g;
    HEAP_OK(ensures)
    HEAP_BLOCKS_KEPT(ensures)
    ensures cached:  CacheCached(CACHE_HELD(b), h->regions.tags);
    ensures once:    CacheOnce(CACHE_HELD(b));
    ensures others:  OthersKept(CACHE_HELD(a), \old(h->regions.tags), CACHE_HELD(b), h->regions.tags); */
static void give(struct heap *h, size_t off)
/*@ ghost (struct cache a, struct cache b, uint32_t tag, uint32_t x, struct run_ghost \ghost *g) */ {
    /*@ ghost struct pages p = h->pages; */
    /*@ ghost struct run_ghost q = *g; */
    /*@ ghost struct tags t = h->regions.tags; */
    if (region_is_cached(&h->regions, off)) {
        /*@ ghost region_found(&h->pages, &h->regions, &h->bins, off, g); */
        arena_give(&h->pages, &h->regions, &h->bins, off) /*@ ghost (g) */;
        /*@ ghost one_out(a, t, b, &h->regions, tag, x); */
        /*@ ghost live_kept(p, q, t, &h->pages, &h->regions, off, g); */
    }
}

/* Gives the oldest `many` of class c back. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    requires many:   c < BINS && many <= CACHE_COUNT(c + 1);
    assigns k->top[c + 1], k->magazine[c + 1].low, k->magazine[c + 1].high, k->off[0 .. CACHE_OFFS - 1],
            h->pages, h->regions, h->bins, *g;
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures)
    ensures count:   CACHE_COUNT(c + 1) == \old(CACHE_COUNT(c + 1)) - many;
    ensures room:    CACHE_SPACE(c + 1) == \old(CACHE_SPACE(c + 1)); */
static void give_oldest(struct cache *k, struct heap *h, uint32_t c, uint32_t many)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost struct cache left = *k; */
    /*@ ghost magazines_apart(k); */
    const uint32_t low = k->magazine[c + 1].low;
    /*@ HEAP_OK(loop invariant)
        HEAP_BLOCKS_KEPT(loop invariant)
        loop invariant range: 0 <= i <= many && left.magazine[c + 1].low == low + i;
        loop invariant held:  left.top == k->top && left.off == k->off;
        loop invariant lows:  \forall integer j; j != c + 1 ==> left.magazine[j].low == k->magazine[j].low;
        loop invariant cached: CacheCached(CACHE_HELD(left), h->regions.tags);
        loop invariant once:  CacheOnce(CACHE_HELD(left));
        loop invariant others: OthersKept(\at(k->top, Pre), \at(k->magazine, Pre), \at(k->off, Pre),
                               \at(h->regions.tags, Pre), CACHE_HELD(left), h->regions.tags);
        loop assigns i, left, h->pages, h->regions, h->bins, *g;
        loop variant many - i; */
    for (uint32_t i = 0; i < many; i++) {
        /*@ ghost struct cache next = left; */
        /*@ ghost next.magazine[c + 1].low++; */
        give(h, k->off[low + i]) /*@ ghost (left, next, c + 1, low + i, g) */;
        /*@ ghost left = next; */
    }
    magazine_move(k, c, many, low) /*@ ghost (left, &h->regions) */;
}

/* One that has as many regions as when it was last looked at seems not to be used, gives half of them back, and
 * half of its room. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    requires class:  c < BINS;
    assigns CACHE_HEAP_ARRAYS;
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures) */
static void look_after(struct cache *k, struct heap *h, uint32_t c)
/*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t n = cache_count(k, c);
    if (n > 0 && n == k->magazine[c + 1].was) {
        give_oldest(k, h, c, n - n / 2) /*@ ghost (g) */;
        if (magazine_room(k, c) > 1)
            magazine_set_room(k, c, magazine_room(k, c) / 2) /*@ ghost (&h->regions) */;
    }
    magazine_set_was(k, c) /*@ ghost (&h->regions) */;
}

/* Each magazine in its turn. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    assigns CACHE_HEAP_ARRAYS, k->turn;
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures) */
static void look_after_some(struct cache *k, struct heap *h) /*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ CACHE_HEAP(loop invariant)
        CACHE_HEAP_KEPT(loop invariant)
        loop assigns i, CACHE_HEAP_ARRAYS, k->turn;
        loop variant CACHE_LOOKS - i; */
    for (uint32_t i = 0; i < CACHE_LOOKS; i++) {
        look_after(k, h, k->turn) /*@ ghost (g) */;
        k->turn = (k->turn + 1) % BINS;
    }
}

/* The magazine of class c was found full, or else empty. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    requires class:  c < BINS;
    assigns CACHE_HEAP_ARRAYS, k->turn, k->full[c];
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures) */
static void look_after_found(struct cache *k, struct heap *h, uint32_t c, bool full)
/*@ ghost (struct run_ghost \ghost *g) */ {
    look_after_some(k, h) /*@ ghost (g) */;
    magazine_widen(k, c, full) /*@ ghost (&h->regions) */;
}

/*@ requires mem:    \valid(k) && \valid_read(h) && \separated(k, h);
    requires end:    h->pages.end <= SLOTS;
    assigns k->end;
    ensures learned: k->end == h->pages.end * PAGE; */
static void learn_end(struct cache *k, const struct heap *h) {
    k->end = (size_t)h->pages.end * PAGE;
}

/* Takes a region of class c, for which there is room, from arena a. False, and nothing changes, if it has none. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    requires arena:  a < h->arenas && c < BINS;
    requires room:   CACHE_FREES(c + 1);
    assigns CACHE_ARRAYS, h->pages, h->regions, h->bins, *g;
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures)
    ensures taken:   \result ==> CACHE_COUNT(c + 1) == \old(CACHE_COUNT(c + 1)) + 1;
    ensures none:    !\result ==> k->top == \old(k->top) && SmallFull(h->pages, h->bins, a + 1, c); */
static bool take(struct cache *k, struct heap *h, uint32_t a, uint32_t c)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost struct pages before = h->pages; */
    /*@ ghost struct run_ghost b = *g; */
    /*@ ghost struct tags t = h->regions.tags; */
    const size_t off = arena_take(&h->pages, &h->regions, &h->bins, a + 1, c) /*@ ghost (g) */;
    if (off == 0) return false;
    /*@ ghost struct tags taken = h->regions.tags; */
    /*@ ghost pages_facts(&h->pages, g); */
    /*@ ghost arena_facts(&h->pages, &h->regions, &h->bins, g); */
    /*@ assert live: Small(h->regions.tags, off); */
    /*@ assert tagged: \forall integer q; t.tag[q] != 0 ==> h->regions.tags.tag[q] == t.tag[q]; */
    magazine_put(k, &h->regions, c + 1, off);
    /*@ ghost arena_stays(taken, &h->pages, &h->regions, &h->bins, g); */
    /*@ ghost live_kept(before, b, t, &h->pages, &h->regions, off, g); */
    return true;
}

/* Takes regions of class c from arena a until half of the room is taken, at least one, and no more than near. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    requires arena:  a < h->arenas && c < BINS;
    assigns CACHE_ARRAYS, h->pages, h->regions, h->bins, *g;
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures)
    ensures more:    \old(CACHE_COUNT(c + 1)) <= CACHE_COUNT(c + 1);
    ensures some:    CACHE_COUNT(c + 1) > 0 || SmallFull(h->pages, h->bins, a + 1, c); */
static void take_half(struct cache *k, struct heap *h, uint32_t a, uint32_t c)
/*@ ghost (struct run_ghost \ghost *g) */ {
    const uint32_t room = magazine_room(k, c), half = ((room < CACHE_NEAR ? room : CACHE_NEAR) + 1) / 2;
    /*@ CACHE_HEAP(loop invariant)
        CACHE_HEAP_KEPT(loop invariant)
        loop invariant more: \at(CACHE_COUNT(c + 1), Pre) <= CACHE_COUNT(c + 1);
        loop assigns CACHE_ARRAYS, h->pages, h->regions, h->bins, *g;
        loop variant CACHE_OFFS - CacheTop(k->top, c + 1); */
    while (cache_count(k, c) < half && take(k, h, a, c) /*@ ghost (g) */) continue;
}

/* The arena gives the lowest region first, so that one is to be the next out. */
void cache_fill(struct cache *k, struct heap *h, uint32_t a, uint32_t c)
/*@ ghost (struct run_ghost \ghost *g) */ {
    learn_end(k, h);
    look_after_found(k, h, c, false) /*@ ghost (g) */;
    const uint32_t first = magazine_top(k, c);
    take_half(k, h, a, c) /*@ ghost (g) */;
    magazine_turn_round(k, c, first) /*@ ghost (&h->regions) */;
}

/* The magazine of class c was found full, and has room then. */
/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    requires class:  c < BINS;
    assigns CACHE_HEAP_ARRAYS, k->turn, k->full[c];
    CACHE_HEAP(ensures)
    CACHE_HEAP_KEPT(ensures)
    ensures room:    CACHE_FREES(c + 1); */
static void make_room(struct cache *k, struct heap *h, uint32_t c) /*@ ghost (struct run_ghost \ghost *g) */ {
    look_after_found(k, h, c, true) /*@ ghost (g) */;
    if (cache_count(k, c) < magazine_room(k, c)) return;
    give_oldest(k, h, c, (magazine_room(k, c) + 1) / 2) /*@ ghost (g) */;
}

/*@ ghost
  /@ HEAP_MEMORY HEAP_OK(requires)
     assigns \nothing;
     ensures inside:  Small(h->regions.tags, off) ==> off < h->pages.end * PAGE; @/
  void small_inside(const struct heap *h, size_t off, struct run_ghost \ghost *g) {
      const size_t first = (size_t)FIRST_PAGE * PAGE, end = (size_t)SLOTS * PAGE;
      if (off < first || off >= end || off % QUANTUM != 0) return;
      const uint8_t tag = h->regions.tags.tag[off / QUANTUM - FIRST_PAGE * PAGE_QUANTA];
      if (0 < tag && tag <= BINS) block_apart(&h->pages, &h->regions, &h->bins, off, g);
  }
*/

void cache_make_room(struct cache *k, struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */ {
    learn_end(k, h);
    uint32_t c = cache_class(k, &h->regions, off);
    /*@ ghost small_inside(h, off, g); */
    /*@ assert class: Small(h->regions.tags, off) ==> h->regions.tags.tag[TagAt(off)] == c + 1; */
    if (c < BINS && cache_count(k, c) >= magazine_room(k, c)) make_room(k, h, c) /*@ ghost (g) */;
    /*@ assert still: Small(h->regions.tags, off) ==> h->regions.tags.tag[TagAt(off)] == c + 1; */
}

bool cache_empty(struct cache *k, struct heap *h) /*@ ghost (struct run_ghost \ghost *g) */ {
    bool any = false;
    /*@ CACHE_HEAP(loop invariant)
        CACHE_HEAP_KEPT(loop invariant)
        loop invariant range: 0 <= c <= BINS;
        loop invariant empty: \forall integer t; 1 <= t <= c ==> CACHE_COUNT(t) == 0;
        loop invariant rest:  \forall integer t; c < t <= BINS ==> CACHE_COUNT(t) == \at(CACHE_COUNT(t), Pre);
        loop invariant any:   any <==> \exists integer t; 1 <= t <= c && \at(CACHE_COUNT(t), Pre) > 0;
        loop assigns c, any, CACHE_HEAP_ARRAYS;
        loop variant BINS - c; */
    for (uint32_t c = 0; c < BINS; c++) {
        any |= cache_count(k, c) > 0;
        give_oldest(k, h, c, cache_count(k, c)) /*@ ghost (g) */;
    }
    return any;
}

/*@ ghost
  void caches_apart(struct cache j, struct cache b, struct tags t, struct cache k, struct tags s) {
      /@ assert elsewhere: \forall integer i, x; TagLive(i) && j.magazine[i].low <= x < CacheTop(j.top, i) ==>
              CachedElsewhere(CACHE_HELD(k), s, i, j.off[x]); @/
  }

  void heap_stays(struct tags t, const struct heap *h, size_t off, struct run_ghost \ghost *g) {
      arena_stays(t, &h->pages, &h->regions, &h->bins, g);
      const uint8_t tag = h->regions.tags.tag[off / QUANTUM - FIRST_PAGE * PAGE_QUANTA];
      if (0 < tag && tag <= BINS) block_apart(&h->pages, &h->regions, &h->bins, off, g);
      /@ assert apart: \forall integer o; o % QUANTUM == 0 && o != off ==> TagAt(o) != TagAt(off); @/
  }
*/
