/* home_body: the functions of home.h that are short, and what the homes are. */
#ifndef QED_HOME_BODY_H
#define QED_HOME_BODY_H

#include "home.h"
#include "thread.h"

struct homes {
    struct home home[ARENAS];
    uintptr_t start;          /* of the stretches, see space.h, of all but the first */
    uint32_t most;            /* that there are to be; 0: as many as suit the CPUs */
    uint32_t reserved;        /* have address space */
    _Atomic uint32_t started; /* are heaps */
    bool guarded;             /* fork knows of us */
};
#define HOMES_FIRST \
    { .home[0].keep = KEEP_FIRST, .home[0].grant = GRANT_ALL }
extern struct homes homes;

static inline uint32_t homes_started(void) {
    return atomic_load_explicit(&homes.started, memory_order_acquire);
}

static inline struct home *home_at(uint32_t n) {
    return &homes.home[n];
}

static inline uint32_t home_number(const struct home *h) {
    return (uint32_t)(h - homes.home);
}

static inline struct home *home_of(const void *p) {
    const uint32_t started = homes_started();
    if (started <= 1) return homes.home;
    const size_t stretch = ((uintptr_t)p - homes.start) >> LG_SPACE_STRETCH;
    return &homes.home[stretch < started - 1 ? stretch + 1 : 0];
}

static inline size_t home_offset(const struct home *h, const void *p) {
    return (uintptr_t)p - h->space.base;
}

static inline void *home_address(const struct home *h, size_t off) {
    return (void *)(h->space.base + off);
}

static inline void home_let_in(struct home *h, enum grant grant) {
    h->grant = grant;
}

static inline void home_shut(struct home *h) {
    h->grant = GRANT_NOTHING;
}

static inline void home_count(struct home *h) {
    h->allocations++;
}

#endif
