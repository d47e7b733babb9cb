/* hand_body: the functions of hand.h that are short. */
#ifndef QED_HAND_BODY_H
#define QED_HAND_BODY_H

#include "hand.h"
#include "thread.h"

static inline void hand_settle(void) {
    if (!thread.asked) hand_settle_down();
}

static inline struct home *hand_home(void) {
    return &homes.home[thread.home];
}

static inline struct home *hand_within(void) {
    return &homes.home[thread.within - 1];
}

static inline struct cache *hand_pick_up(const struct home *h) {
    struct cache *first = thread_pick_up();
    if (first == NULL) return NULL;
    struct cache *k = thread_cache(home_number(h));
    if (k == NULL) thread_put_down(first);
    return k;
}

static inline void hand_put_down(void) {
    thread_put_down(thread_cache(thread.home));
}

static inline uint32_t hand_class(const void *p) {
    const struct cache *k = thread.at_hand;
    return k == NULL ? BINS : cache_class(k, thread.space.regions, (uintptr_t)p - thread.space.base);
}

static inline bool hand_is_of_class(uint32_t c, size_t bytes) {
    return request_is_small(bytes, 1) && heap_class(thread.space.heap, bytes, 1) == c;
}

#endif
