/* hand: what the calling thread has at hand: the heap that it is at home in, and its caches.
 *
 * What the contracts here say is not proved: WP takes the prototypes at their word, see "Assumed" in verify/README.md.
 */
#ifndef QED_HAND_H
#define QED_HAND_H

#include "cache.h"
#include "home.h"

#include "spec/hand.acsl"

/* Makes the thread at home somewhere, if it never was. Whether somebody watches is known inside. */
/*@ OUTSIDE */
void hand_settle_down(void);

/*@ OUTSIDE */
static inline void hand_settle(void);

/* Has it a cache for the blocks of h, if there is room for one. */
/*@ requires mem:    \valid(h);
    OUTSIDE */
void hand_meet(const struct home *h);

/* The heap that the thread allocates from; that which it is inside, if it is. */
/*@ assigns \result \from \nothing;
    ensures mem:     \valid(\result); */
static inline struct home *hand_home(void);

/*@ assigns \result \from \nothing;
    ensures mem:     \valid(\result); */
static inline struct home *hand_within(void);

/* The thread's cache for the blocks of h, in hand; NULL if it has none, or has them in hand already. It is sound, and
 * so is a heap for which there is one; if the lock is held all else is as it was. */
/*@ requires mem:    \valid(h);
    assigns HAND_ASSIGNS;
    assigns \result \from h;
    ensures mem:     \result != \null ==> \valid(\result) && HandIn(\result) &&
                     \separated(\result, h->space.heap, h, &classes);
    ensures heap:    \result != \null ==> \valid(h->space.heap) && HomeIn(h, h->space.heap) &&
                     h->space.regions == &h->space.heap->regions;
    ensures sound:   \result != \null ==> CacheSound(*\result, h->space.heap->regions.tags); */
static inline struct cache *hand_pick_up(const struct home *h);

/* It is at hand again, for the blocks of h. */
/*@ requires mem:    \valid(k) && \valid(h) && \valid(h->space.heap);
    requires sound:  CacheSound(*k, h->space.heap->regions.tags);
    assigns HAND_ASSIGNS; */
static inline void hand_put_down(void) /*@ ghost (const struct cache *k, const struct home *h) */;

/* By the cache, without the lock: the class of the live small block at address p, any, BINS if it knows none there. */
/*@ assigns \nothing;
    ensures class:   \result <= BINS; */
static inline uint32_t hand_class(const void *p);

/* Whether it is that of a block of so many bytes. */
/*@ requires class:  c < BINS;
    assigns \nothing; */
static inline bool hand_is_of_class(uint32_t c, size_t bytes);

/* WP has the prototypes alone. */
#ifndef __FRAMAC__
#include "hand_body.h"
#endif

#endif
