/* cache: the free small blocks that a thread keeps at hand.
 *
 * A magazine for each class, the last in the first out. To allocate is to take a region out of it and
 * to free is to put it in: no lock, and nothing shared is written but the region's tag, which
 * says that it is cached. What a magazine lacks or has too much of comes from an arena and goes back
 * to it, many at a time. That needs the heap, and so its lock; hence the struct regions
 * and the struct heap below.
 *
 *     off  ... [ oldest | ... | next out |  ...  |  ...  ] ...
 *               low           top - 1    top      high
 *
 * A magazine starts near the others, so that a cache that is little used touches little memory; if it is
 * large it has a stretch of its own, far away.
 *
 * Two threads that free one block at the same instant may both find it live. It is in two magazines then, and
 * whoever takes it out second finds by its tag, unless again at the same instant, that it is not to be had.
 */
#ifndef QED_CACHE_H
#define QED_CACHE_H

#include "heap.h"

enum {
    CACHE_TAGS = 256,  /* there are */
    CACHE_NEAR = 64,   /* regions: the most that a magazine holds if it is only filled, or only drained */
    CACHE_ROOM = 1024, /* the most that it holds if it is filled and drained in turn */
    CACHE_BYTES = 64 * 1024, /* and so many bytes, or half of that */
    CACHE_LOOKS = 3,         /* magazines: looked after whenever one is found empty, or full */
};
_Static_assert(CACHE_BYTES / 2 >= (int)SMALL_MAX, "at least one of any class");

/* What a magazine for regions of so many bytes holds at most, and its stretch far away, if it needs one. */
#define CACHE_MOST(bytes)       (CACHE_BYTES / (bytes) < CACHE_ROOM ? CACHE_BYTES / (bytes) : CACHE_ROOM)
#define CACHE_FAR(bytes, pages) +(CACHE_MOST(bytes) > CACHE_NEAR ? CACHE_MOST(bytes) : 0)
enum { CACHE_OFFS = (BINS + 1) * CACHE_NEAR + (0 SIZE_CLASSES(CACHE_FAR)) };
#define CACHE_HANDED ((uint64_t)1 << 16) /* one block handed out, in top[] below */
_Static_assert(CACHE_OFFS < CACHE_HANDED, "a place in off[] fits 16 bits");

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

/* Makes k, which is zero or has been emptied, the cache of another thread: its magazines have the least room. */
void cache_init(struct cache *k);

/* A block of class c, c < BINS: its offset in *off. False, and *off is meaningless, if there is none at hand. */
bool cache_alloc(struct cache *k, struct regions *rs, uint32_t c, size_t *off);

/* Whether off, any number, is a multiple of QUANTUM in the heap, as far as the cache knows: it learns the heap's end
 * when it is filled or drained. */
bool cache_knows(const struct cache *k, size_t off);

/* Frees the live small block at off, any number. False, and nothing changes, if none starts there, as far as the
 * cache knows, or there is no room for it. */
bool cache_free(struct cache *k, struct regions *rs, size_t off);

/* The class of the live small block at off, any number; BINS if none starts there, as far as
 * the cache knows. */
uint32_t cache_class(const struct cache *k, const struct regions *rs, size_t off);

/* cache_alloc had no block of class c: takes some from arena a, as far as the heap has them, and not so few the
 * next time. */
void cache_fill(struct cache *k, struct heap *h, uint32_t a, uint32_t c);

/* cache_free did not free the block at off: if it is one that it could have, it can now. */
void cache_make_room(struct cache *k, struct heap *h, size_t off);

/* Regions of class c in it; any thread may ask that has the lock. */
uint32_t cache_count(const struct cache *k, uint32_t c);

/* Blocks handed out since k was zero, those that two threads freed at once counted twice; any thread may ask. */
uint64_t cache_allocations(const struct cache *k);

/* Gives all back; whether there was anything. */
bool cache_empty(struct cache *k, struct heap *h);

#endif
