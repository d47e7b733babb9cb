#include "magazine.h"

uint32_t magazine_most(uint32_t c) {
    /*@ ghost class_facts(c); */
    return CACHE_MOST(class_bytes(c));
}

/* The count goes round in the end, yet nothing overflows: the compiler makes one addition of it. */
inline uint64_t magazine_handed_out(uint64_t top) {
    const uint64_t more = CACHE_HANDED - 1;
    return top <= UINT64_MAX - more ? top + more : top - (UINT64_MAX - more) - 1;
}

/* What it holds at most if it is only filled, or only drained. */
/*@ requires class:  c < BINS;
    assigns \nothing;
    ensures most:    1 <= \result <= CACHE_NEAR && \result <= CacheMost(c); */
static uint32_t most_near(uint32_t c) {
    /*@ ghost class_facts(c); */
    uint32_t most = CACHE_BYTES / 2 / class_bytes(c);
    return most < CACHE_NEAR ? most : CACHE_NEAR;
}

/*@ ghost
  void magazines_apart(const struct cache *k) {
  }

  // Only the region at off, of that tag, is cached now and was not, or was and is not.
  /@ requires mem:    \valid_read(rs);
     requires off:    TagLive(tag) && CacheKnows(SLOTS * PAGE, off);
     requires was:    t.tag[TagAt(off)] <= TAG_CACHED || t.tag[TagAt(off)] == tag + TAG_CACHED;
     requires now:    rs->tags.tag[TagAt(off)] <= TAG_CACHED || rs->tags.tag[TagAt(off)] == tag + TAG_CACHED;
     requires tags:   \forall integer q; q != TagAt(off) ==> rs->tags.tag[q] == t.tag[q];
     assigns \nothing;
     ensures same:    \forall integer i, o; TagLive(i) && (i != tag || o != off) ==>
                      (Cached(t, i, o) <==> Cached(rs->tags, i, o)); @/
  void cached_alike(struct tags t, const struct regions *rs, uint32_t tag, size_t off) {
      /@ assert apart: \forall integer o; o % QUANTUM == 0 && o != off ==> TagAt(o) != TagAt(off); @/
  }

  void one_in(struct cache a, struct tags t, struct cache b, const struct regions *rs, uint32_t tag, uint32_t x) {
      cached_alike(t, rs, tag, b.off[x]);
      /@ assert had:   \forall integer i, j; TagLive(i) && b.magazine[i].low <= j < CacheTop(b.top, i) && j != x ==>
              a.magazine[i].low <= j < CacheTop(a.top, i) && a.off[j] == b.off[j] && b.off[j] != b.off[x]; @/
      /@ assert rest:  \forall integer i, o; TagLive(i) && (i != tag || o != b.off[x]) ==>
              (CacheHas(CACHE_HELD(a), i, o) <==> CacheHas(CACHE_HELD(b), i, o)); @/
  }

  void one_out(struct cache a, struct tags t, struct cache b, const struct regions *rs, uint32_t tag, uint32_t x) {
      /@ assert was:   Cached(t, tag, a.off[x]); @/
      cached_alike(t, rs, tag, a.off[x]);
      /@ assert had:   \forall integer i, j; TagLive(i) && b.magazine[i].low <= j < CacheTop(b.top, i) ==>
              a.magazine[i].low <= j < CacheTop(a.top, i) && j != x; @/
      /@ assert other: \forall integer i, j; TagLive(i) && b.magazine[i].low <= j < CacheTop(b.top, i) ==>
              a.off[j] != a.off[x]; @/
      /@ assert rest:  \forall integer i, o; TagLive(i) && (i != tag || o != a.off[x]) ==>
              (CacheHas(CACHE_HELD(a), i, o) <==> CacheHas(CACHE_HELD(b), i, o)); @/
  }
*/

inline void magazine_put(struct cache *k, struct regions *rs, uint32_t tag, size_t off) {
    /*@ ghost struct cache b = *k; */
    /*@ ghost struct tags t = rs->tags; */
    const uint64_t top = k->top[tag];
    /*@ ghost magazines_apart(k); */
    region_cache(rs, off, tag);
    k->off[top % CACHE_HANDED] = off;
    STORE(k->top[tag], top + 1);
    /*@ ghost one_in(b, t, *k, rs, tag, (uint32_t)(top % CACHE_HANDED)); */
}

void magazine_set_room(struct cache *k, uint32_t c, uint32_t room) /*@ ghost (const struct regions *rs) */ {
    k->magazine[c + 1].high = (uint16_t)(k->magazine[c + 1].low + room);
}

/*@ ghost
  // One more region has moved.
  /@ requires moved:  CacheMoved(a.off, b.off, from, to, n) && CacheUnmoved(a.off, b.off, to, n);
     requires next:   d.off[to + n] == a.off[from + n];
     requires rest:   \forall integer j; j != to + n ==> d.off[j] == b.off[j];
     assigns \nothing;
     ensures moved:   CacheMoved(a.off, d.off, from, to, n + 1) && CacheUnmoved(a.off, d.off, to, n + 1); @/
  void one_moved(struct cache a, struct cache b, struct cache d, uint32_t from, uint32_t to, uint32_t n) {
  }

  // The magazine of that tag has moved, from a place to another.
  /@ requires cached: CacheCached(CACHE_HELD(a), s) && CacheOnce(CACHE_HELD(a));
     requires tag:    TagLive(tag);
     requires moved:  CacheMoved(a.off, b.off, a.magazine[tag].low, b.magazine[tag].low,
                                 CacheTop(b.top, tag) - b.magazine[tag].low);
     requires rest:   CacheUnmoved(a.off, b.off, b.magazine[tag].low, CacheTop(b.top, tag) - b.magazine[tag].low);
     requires tops:   \forall integer i; i != tag ==>
                      b.top[i] == a.top[i] && b.magazine[i].low == a.magazine[i].low;
     requires count:  CacheTop(b.top, tag) - b.magazine[tag].low == CacheTop(a.top, tag) - a.magazine[tag].low;
     requires counts: CacheCounts(b.top, b.magazine) && CacheApart(b.magazine);
     assigns \nothing;
     ensures cached:  CacheCached(CACHE_HELD(b), s);
     ensures once:    CacheOnce(CACHE_HELD(b));
     ensures others:  OthersKept(CACHE_HELD(a), s, CACHE_HELD(b), s); @/
  void has_moved(struct cache a, struct cache b, struct tags s, uint32_t tag) {
      /@ assert here:  \forall integer t, j; TagLive(t) && t != tag && b.magazine[t].low <= j < CacheTop(b.top, t) ==>
              b.off[j] == a.off[j]; @/
      /@ assert at:    \forall integer j; a.magazine[tag].low <= j < CacheTop(a.top, tag) ==>
              a.off[j] == b.off[j - a.magazine[tag].low + b.magazine[tag].low]; @/
      /@ assert there: \forall integer t, j; TagLive(t) && a.magazine[t].low <= j < CacheTop(a.top, t) ==>
              CacheHas(CACHE_HELD(b), t, a.off[j]); @/
      /@ assert back:  \forall integer t, j; TagLive(t) && b.magazine[t].low <= j < CacheTop(b.top, t) ==>
              CacheHas(CACHE_HELD(a), t, b.off[j]); @/
  }
*/

void magazine_move(struct cache *k, uint32_t c, uint32_t many, uint32_t to)
/*@ ghost (struct cache left, const struct regions *rs) */ {
    /*@ ghost magazines_apart(k); */
    const uint32_t from = k->magazine[c + 1].low + many, n = magazine_top(k, c) - from;
    /*@ loop invariant range: 0 <= i <= n;
        loop invariant moved: CacheMoved(left.off, k->off, from, to, i) && CacheUnmoved(left.off, k->off, to, i);
        loop invariant rest:  \forall integer j; from + i <= j < from + n ==> k->off[j] == left.off[j];
        loop assigns i, k->off[0 .. CACHE_OFFS - 1];
        loop variant n - i; */
    for (uint32_t i = 0; i < n; i++) {
        /*@ ghost struct cache b = *k; */
        k->off[to + i] = k->off[from + i];
        /*@ ghost one_moved(left, b, *k, from, to, i); */
    }
    k->magazine[c + 1].high = (uint16_t)(to + magazine_room(k, c));
    k->magazine[c + 1].low = (uint16_t)to;
    magazine_set_top(k, c, to + n);
    /*@ ghost magazines_apart(k); */
    /*@ ghost has_moved(left, *k, rs->tags, c + 1); */
}

/*@ ghost
  // Places i and j, both of regions in the magazine of that tag, have changed what they hold.
  /@ requires places: TagLive(tag) && a.magazine[tag].low <= i < j < CacheTop(a.top, tag);
     requires swapped: b.off[i] == a.off[j] && b.off[j] == a.off[i];
     requires rest:   \forall integer x; x != i && x != j ==> b.off[x] == a.off[x];
     requires same:   b.top == a.top && b.magazine == a.magazine;
     requires apart:  CacheCounts(a.top, a.magazine) && CacheApart(a.magazine);
     requires cached: CacheCached(CACHE_HELD(a), s) && CacheOnce(CACHE_HELD(a));
     assigns \nothing;
     ensures cached:  CacheCached(CACHE_HELD(b), s);
     ensures once:    CacheOnce(CACHE_HELD(b));
     ensures others:  OthersKept(CACHE_HELD(a), s, CACHE_HELD(b), s); @/
  void swapped(struct cache a, struct cache b, struct tags s, uint32_t tag, uint32_t i, uint32_t j) {
      /@ assert here:  \forall integer t, x; TagLive(t) && t != tag && b.magazine[t].low <= x < CacheTop(b.top, t) ==>
              b.off[x] == a.off[x]; @/
      /@ assert there: \forall integer t, x; TagLive(t) && a.magazine[t].low <= x < CacheTop(a.top, t) ==>
              CacheHas(CACHE_HELD(b), t, a.off[x]); @/
      /@ assert back:  \forall integer t, x; TagLive(t) && b.magazine[t].low <= x < CacheTop(b.top, t) ==>
              CacheHas(CACHE_HELD(a), t, b.off[x]); @/
  }
*/

/* The regions at places i and j of class c change places. */
/*@ CACHE_MEMORY
    CACHE_OK(requires, rs->tags)
    requires places: c < BINS && k->magazine[c + 1].low <= i < j < CacheTop(k->top, c + 1);
    assigns k->off[i], k->off[j];
    CACHE_OK(ensures, rs->tags)
    OTHERS_KEPT(ensures, rs->tags) */
static void swap(struct cache *k, uint32_t i, uint32_t j)
/*@ ghost (uint32_t c, const struct regions *rs) */ {
    /*@ ghost struct cache b = *k; */
    /*@ ghost magazines_apart(k); */
    size_t other = k->off[i];
    k->off[i] = k->off[j];
    k->off[j] = other;
    /*@ ghost swapped(b, *k, rs->tags, c + 1, i, j); */
}

void magazine_turn_round(struct cache *k, uint32_t c, uint32_t place)
/*@ ghost (const struct regions *rs) */ {
    /*@ ghost magazines_apart(k); */
    /*@ CACHE_OK(loop invariant, rs->tags)
        OTHERS_KEPT(loop invariant, rs->tags)
        loop invariant range: place <= i <= j <= CacheTop(k->top, c + 1);
        loop assigns i, j, k->off[0 .. CACHE_OFFS - 1];
        loop variant j - i; */
    for (uint32_t i = place, j = magazine_top(k, c); i + 1 < j; i++, j--)
        swap(k, i, j - 1) /*@ ghost (c, rs) */;
}

void magazine_set_was(struct cache *k, uint32_t c) /*@ ghost (const struct regions *rs) */ {
    k->magazine[c + 1].was = (uint16_t)magazine_count(k, c);
}

void magazine_widen(struct cache *k, uint32_t c, bool full) /*@ ghost (const struct regions *rs) */ {
    const uint32_t room = magazine_room(k, c), twice = 2 * room,
                   most = k->full[c] != full ? magazine_most(c) : most_near(c);
    const uint32_t wide = twice < most ? twice : most;
    k->full[c] = full;
    if (wide <= room) return;
    if (wide > CACHE_NEAR && room <= CACHE_NEAR)
        magazine_move(k, c, 0, k->magazine[c + 1].far) /*@ ghost (*k, rs) */;
    magazine_set_room(k, c, wide) /*@ ghost (rs) */;
}
