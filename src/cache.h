/* cache: the free small blocks that a thread keeps at hand.
 *
 * A magazine for each class, the last in the first out. To allocate is to take a region out of it and
 * to free is to put it in: no lock, and nothing shared is written but the region's tag, which
 * says that it is cached. What a magazine lacks or has too much of comes from an arena and goes back
 * to it, many at a time. That needs the heap, and so its lock; hence the struct regions
 * and the struct heap below.
 *
 *     off  [ oldest | ... | next out |  ...  |  ...  ]
 *           0              n - 1     n       room     CACHE_ROOM
 *
 * Two threads that free one block at the same instant may both find it live. It is in two magazines then, and
 * whoever takes it out second finds by its tag, unless again at the same instant, that it is not to be had.
 */
#ifndef QED_CACHE_H
#define QED_CACHE_H

#include "heap.h"

enum {
    CACHE_TAGS = 256,        /* there are */
    CACHE_ROOM = 64,         /* regions: the most that a magazine holds */
    CACHE_BYTES = 32 * 1024, /* and bytes */
};
_Static_assert(CACHE_BYTES >= (int)SMALL_MAX, "at least one of any class");

/* A magazine is known by the tag of the live regions that go into it, class + 1. n and allocations may be read by
 * other threads at any time, all else by none. */
struct cache {
    uint8_t n[CACHE_TAGS]; /* regions in it */
    /* 1 .. CACHE_ROOM: so many, and the next one makes it give some back; 0 for what is no live region's tag */
    uint8_t room[CACHE_TAGS];
    size_t off[BINS + 1][CACHE_ROOM]; /* those below n */
    size_t allocations;               /* blocks handed out */
    size_t end;                       /* an offset: the heap's end, when it was last looked at, or 0 */
    uint32_t turn;                    /* the class whose magazine is looked after next */
    uint8_t was[BINS];                /* n when it was */
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

/* Gives all back; whether there was anything. */
bool cache_empty(struct cache *k, struct heap *h);

#endif
