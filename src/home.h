/* home: the heaps of the process, each with a lock of its own. A thread is at home in one of them, where it allocates:
 * in that with the fewest threads. Each is what elsewhere is called an arena.
 *
 *     the first, for huge blocks, too        the others, if there are several threads
 *   [ metadata ]   [ data ...         ]    [ metadata | data ][ metadata | data ][ metadata | data ] ...
 *
 * No thread waits for a lock while it holds another: it tries then, and does without if it fails. But for fork, which
 * takes them all, in the order of their numbers; if it is called from inside, that is not kept, and two of them may wait
 * for each other. A heap's lock guards all of it; the lock of the first one guards
 * also which threads are at home where.
 */
#ifndef QED_HOME_H
#define QED_HOME_H

#include "keep.h"
#include "os.h"
#include "thread.h"

_Static_assert((int)ARENAS <= (int)LOCKS, "each heap has its lock");

/* What a call may do, should it find the lock its own thread's already. */
enum grant {
    GRANT_NOTHING, /* the core is at work: only a signal handler can come in */
    GRANT_FREE,    /* pages are being purged: they must stay free */
    GRANT_ALLOC,   /* the heap is about to grow: what is there may be used */
    GRANT_ALL
};

struct home {
    _Alignas(128) struct space space;
    volatile enum grant grant;
    struct keep keep;
    size_t allocations; /* but those from caches */
    uint32_t threads;   /* are at home here */
};

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

static inline uint32_t home_number(const struct home *h) {
    return (uint32_t)(h - homes.home);
}

/* The heap that address p, any, is in; the first one if it is in none. */
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

/* Whether the calling thread is inside a heap already: what it is called from was interrupted, or called the system. */
bool home_is_inside(void);

/* What the world was like outside. */
struct visit {
    struct home *home;
    enum grant grant;
    uint32_t within; /* the thread's */
    int error;       /* errno */
};

/* Comes in to h, if `need` is granted there, and the heap is at rest. */
bool home_enter(struct visit *v, struct home *h, enum grant need);

void home_leave(const struct visit *v);

/* The heap with the fewest threads, a new one if there may be more and all have some. With the first one's lock; the
 * system may call in. */
struct home *home_choose(void);

#endif
