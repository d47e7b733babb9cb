/* magazine: the regions of one class that a cache holds, the last in the first out.
 *
 *     off  ... [ oldest | ... | next out |  ...  |  ...  ] ...
 *               low           top - 1    top      high
 *
 * All magazines of a cache are stretches of one array. One starts near the others, so that a cache that is little
 * used touches little memory; if it is large it has a stretch of its own, far away.
 */
#ifndef QED_MAGAZINE_H
#define QED_MAGAZINE_H

#include "region.h"

enum {
    CACHE_TAGS = 256,  /* there are */
    CACHE_NEAR = 64,   /* regions: the most that a magazine holds if it is only filled, or only drained */
    CACHE_ROOM = 1024, /* the most that it holds if it is filled and drained in turn */
    CACHE_BYTES = 64 * 1024, /* and so many bytes, or half of that */
};
_Static_assert(CACHE_BYTES / 2 >= (int)SMALL_MAX, "at least one of any class");

/* What a magazine for regions of so many bytes holds at most, and its stretch far away, if it needs one. */
#define CACHE_MOST(bytes)       (CACHE_BYTES / (bytes) < CACHE_ROOM ? CACHE_BYTES / (bytes) : CACHE_ROOM)
#define CACHE_FAR(bytes, pages) +(CACHE_MOST(bytes) > CACHE_NEAR ? CACHE_MOST(bytes) : 0)
enum { CACHE_OFFS = (BINS + 1) * CACHE_NEAR + (0 SIZE_CLASSES(CACHE_FAR)) };
enum { CACHE_HANDED = 1 << 16 }; /* one block handed out, in top[] below */
#define CACHE_ROUND(count) ((count) % (UINT64_MAX / CACHE_HANDED + 1)) /* of such blocks */
_Static_assert((int)CACHE_OFFS < (int)CACHE_HANDED, "a place in off[] fits 16 bits");

/* Places in off[], which may be read by whoever has the lock. */
struct magazine {
    uint16_t low;  /* of the oldest region in it */
    uint16_t high; /* when top is here, the next one makes it give some back; 0 for no live region's tag */
    uint16_t far;  /* of its stretch far away; 0: it has none */
    uint16_t was;  /* how many regions it had when it was last looked after */
};

/* A magazine is known by the tag of the live regions that go into it, class + 1. top may be read by other threads at any
 * time, all else by none. */
struct cache {
    /* The place behind the last region in it, and CACHE_HANDED times the blocks that were handed out of it: so
     * counting them costs nothing. */
    uint64_t top[CACHE_TAGS];
    struct magazine magazine[CACHE_TAGS];
    size_t end;             /* an offset: the heap's end, when it was last looked at, or 0 */
    uint32_t turn;          /* the class whose magazine is looked after next */
    bool full[BINS];        /* not empty, when it was last found one of both */
    size_t off[CACHE_OFFS]; /* of the regions in magazines */
};

#include "spec/magazine.acsl"

/* The place behind its last region. */
/*@ requires mem:    \valid_read(k);
    requires class:  c < BINS;
    assigns \nothing;
    ensures top:     \result == CacheTop(k->top, c + 1); */
static inline uint32_t magazine_top(const struct cache *k, uint32_t c) {
    return (uint32_t)(LOAD(k->top[c + 1]) % CACHE_HANDED);
}

/* Changes that, and not the count of the blocks handed out. */
/*@ requires mem:    \valid(k);
    requires place:  c < BINS && place < CACHE_HANDED;
    assigns k->top[c + 1];
    ensures top:     CacheTop(k->top, c + 1) == place;
    ensures handed:  k->top[c + 1] / CACHE_HANDED == \old(k->top[c + 1]) / CACHE_HANDED; */
static inline void magazine_set_top(struct cache *k, uint32_t c, uint32_t place) {
    STORE(k->top[c + 1], k->top[c + 1] / CACHE_HANDED * CACHE_HANDED + place);
}

/* A top when its last region has been handed out. */
/*@ requires some:   top % CACHE_HANDED > 0;
    assigns \nothing;
    ensures place:   \result % CACHE_HANDED == top % CACHE_HANDED - 1;
    ensures handed:  \result / CACHE_HANDED == CACHE_ROUND(top / CACHE_HANDED + 1); */
uint64_t magazine_handed_out(uint64_t top);

/* How many regions it has room for. */
/*@ requires mem:    \valid_read(k);
    requires class:  c < BINS && k->magazine[c + 1].low <= k->magazine[c + 1].high;
    assigns \nothing;
    ensures room:    \result == CACHE_SPACE(c + 1); */
static inline uint32_t magazine_room(const struct cache *k, uint32_t c) {
    return (uint32_t)k->magazine[c + 1].high - k->magazine[c + 1].low;
}

/* Regions in it. */
/*@ requires mem:    \valid_read(k);
    requires class:  c < BINS && k->magazine[c + 1].low <= CacheTop(k->top, c + 1);
    assigns \nothing;
    ensures count:   \result == CACHE_COUNT(c + 1); */
static inline uint32_t magazine_count(const struct cache *k, uint32_t c) {
    return magazine_top(k, c) - k->magazine[c + 1].low;
}

/* What it holds at most. */
/*@ requires class:  c < BINS;
    assigns \nothing;
    ensures most:    1 <= \result == CacheMost(c); */
uint32_t magazine_most(uint32_t c);

/*@ ghost
  // No magazine reaches into another.
  /@ requires mem:    \valid_read(k);
     requires rooms:  CacheRooms(k->magazine) && CachePlaces(k->magazine);
     assigns \nothing;
     ensures apart:   CacheApart(k->magazine);
     ensures end:     \forall integer t; TagLive(t) ==> k->magazine[t].high <= CACHE_OFFS; @/
  void magazines_apart(const struct cache *k);

  // The region at off, of that tag, which was live, is the last in its magazine now.
  /@ requires mem:    \valid_read(rs);
     requires cached: CacheCached(CACHE_HELD(a), t) && CacheOnce(CACHE_HELD(a));
     requires apart:  CacheApart(a.magazine) && CacheCounts(a.top, a.magazine);
     requires in:     TagLive(tag) && x == CacheTop(a.top, tag) < a.magazine[tag].high && CacheTop(b.top, tag) == x + 1;
     requires place:  x < CACHE_OFFS;
     requires tops:   \forall integer i; i != tag ==> b.top[i] == a.top[i];
     requires rest:   \forall integer i; i != x ==> b.off[i] == a.off[i];
     requires same:   b.magazine == a.magazine;
     requires off:    CacheKnows(SLOTS * PAGE, b.off[x]);
     requires tags:   TagChanged(t, rs->tags, TagAt(b.off[x]), tag, tag + TAG_CACHED);
     assigns \nothing;
     ensures cached:  CacheCached(CACHE_HELD(b), rs->tags);
     ensures once:    CacheOnce(CACHE_HELD(b));
     ensures others:  OthersKept(CACHE_HELD(a), t, CACHE_HELD(b), rs->tags); @/
  void one_in(struct cache a, struct tags t, struct cache b, const struct regions *rs, uint32_t tag, uint32_t x);

  // Of cache a, with tags t, the region at place x is out of its magazine, and cached no more: a has become b.
  /@ requires mem:    \valid_read(rs);
     requires cached: CacheCached(CACHE_HELD(a), t) && CacheOnce(CACHE_HELD(a));
     requires out:    TagLive(tag) && CacheOut(a.top, a.magazine, b.top, b.magazine, tag, x) && b.off == a.off;
     requires place:  x < CACHE_OFFS;
     requires gone:   rs->tags.tag[TagAt(a.off[x])] <= TAG_CACHED;
     requires tags:   \forall integer q; q != TagAt(a.off[x]) ==> rs->tags.tag[q] == t.tag[q];
     assigns \nothing;
     ensures cached:  CacheCached(CACHE_HELD(b), rs->tags);
     ensures once:    CacheOnce(CACHE_HELD(b));
     ensures others:  OthersKept(CACHE_HELD(a), t, CACHE_HELD(b), rs->tags); @/
  void one_out(struct cache a, struct tags t, struct cache b, const struct regions *rs, uint32_t tag, uint32_t x);
*/

/* Puts the live region at off, of that tag, in, for which there is room. */
/*@ CACHE_MEMORY
    CACHE_OK(requires, rs->tags)
    requires live:   CacheKnows(SLOTS * PAGE, off) && rs->tags.tag[TagAt(off)] == tag;
    requires room:   CACHE_FREES(tag);
    assigns k->top[tag], k->off[0 .. CACHE_OFFS - 1], rs->tags.tag[TagAt(off)];
    CACHE_OK(ensures, rs->tags)
    OTHERS_KEPT(ensures, rs->tags)
    ensures put:     CACHE_PUT(tag);
    ensures stay:    RegionsStay(rs->runs, \old(rs->tags), rs->tags); */
void magazine_put(struct cache *k, struct regions *rs, uint32_t tag, size_t off);

/* Gives it that room. */
/*@ CACHE_MEMORY
    CACHE_OK(requires, rs->tags)
    requires room:   c < BINS && 1 <= room <= CacheMost(c) && CACHE_COUNT(c + 1) <= room;
    requires place:  room <= CACHE_NEAR || 0 < k->magazine[c + 1].far == k->magazine[c + 1].low;
    assigns k->magazine[c + 1].high;
    CACHE_OK(ensures, rs->tags)
    OTHERS_KEPT(ensures, rs->tags)
    ensures room:    CACHE_SPACE(c + 1) == room; */
void magazine_set_room(struct cache *k, uint32_t c, uint32_t room) /*@ ghost (const struct regions *rs) */;

/* The regions of class c behind the oldest `many` are at `to` now, and those are not in the magazine any more. */
/*@ requires mem:    \valid(k) && \valid_read(rs) && \separated(k, rs, &classes);
    requires rooms:  CacheRooms(k->magazine) && CacheCounts(k->top, k->magazine) && CachePlaces(k->magazine);
    requires to:     c < BINS && (to == k->magazine[c + 1].low || 0 < k->magazine[c + 1].far == to);
    requires many:   many <= CACHE_COUNT(c + 1);
    requires left:   left.top == k->top && left.off == k->off && left.magazine[c + 1].low == k->magazine[c + 1].low + many;
    requires lows:   \forall integer i; i != c + 1 ==> left.magazine[i].low == k->magazine[i].low;
    requires cached: CacheCached(CACHE_HELD(left), rs->tags) && CacheOnce(CACHE_HELD(left));
    assigns k->top[c + 1], k->magazine[c + 1].low, k->magazine[c + 1].high, k->off[0 .. CACHE_OFFS - 1];
    ensures rooms:   CacheRooms(k->magazine) && CacheCounts(k->top, k->magazine);
    ensures places:  CachePlaces(k->magazine);
    ensures cached:  CacheCached(CACHE_HELD(*k), rs->tags);
    ensures once:    CacheOnce(CACHE_HELD(*k));
    ensures others:  OthersKept(CACHE_HELD(left), rs->tags, CACHE_HELD(*k), rs->tags);
    ensures count:   CACHE_COUNT(c + 1) == \old(CACHE_COUNT(c + 1)) - many;
    ensures room:    k->magazine[c + 1].low == to && CACHE_SPACE(c + 1) == \old(CACHE_SPACE(c + 1)); */
void magazine_move(struct cache *k, uint32_t c, uint32_t many, uint32_t to)
    /*@ ghost (struct cache left, const struct regions *rs) */;

/* The regions from the place on are turned round. */
/*@ CACHE_MEMORY
    CACHE_OK(requires, rs->tags)
    requires place:  c < BINS && k->magazine[c + 1].low <= place <= CacheTop(k->top, c + 1);
    assigns k->off[0 .. CACHE_OFFS - 1];
    CACHE_OK(ensures, rs->tags)
    OTHERS_KEPT(ensures, rs->tags) */
void magazine_turn_round(struct cache *k, uint32_t c, uint32_t place) /*@ ghost (const struct regions *rs) */;

/* Notes for when it is looked after next how many regions it has. */
/*@ CACHE_MEMORY
    CACHE_OK(requires, rs->tags)
    requires class:  c < BINS;
    assigns k->magazine[c + 1].was;
    CACHE_OK(ensures, rs->tags)
    OTHERS_KEPT(ensures, rs->tags) */
void magazine_set_was(struct cache *k, uint32_t c) /*@ ghost (const struct regions *rs) */;

/* A magazine that was found full, or else empty, gets twice the room. More than what is near does not help if it has not
 * been found the other since. */
/*@ CACHE_MEMORY
    CACHE_OK(requires, rs->tags)
    requires class:  c < BINS;
    assigns k->full[c], k->top[c + 1], k->magazine[c + 1].low, k->magazine[c + 1].high, k->off[0 .. CACHE_OFFS - 1];
    CACHE_OK(ensures, rs->tags)
    OTHERS_KEPT(ensures, rs->tags)
    ensures count:   CACHE_COUNT(c + 1) == \old(CACHE_COUNT(c + 1)); */
void magazine_widen(struct cache *k, uint32_t c, bool full) /*@ ghost (const struct regions *rs) */;

#endif
