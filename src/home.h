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
 *
 * What the contracts here say is not proved: WP takes the prototypes at their word, see "Assumed" in verify/README.md.
 */
#ifndef QED_HOME_H
#define QED_HOME_H

#include "cache.h"
#include "keep.h"
#include "os.h"
#include "space.h"

_Static_assert((int)ARENAS <= (int)LOCKS, "each heap has its lock");

/* What a call may do, should it find the lock its own thread's already. */
enum grant {
    GRANT_NOTHING, /* the core is at work: only a signal handler can come in */
    GRANT_FREE,    /* pages are being purged: they must stay free */
    GRANT_ALLOC,   /* the heap is about to grow: what is there may be used */
    GRANT_ALL
};

struct __attribute__((aligned(128))) home {
    struct space space;
    volatile enum grant grant;
    struct keep keep;
    size_t allocations; /* but those from caches */
    uint32_t threads;   /* are at home here */
};

#include "spec/core.acsl"
#include "spec/home.acsl"

/* How many there are. */
/*@ assigns \nothing;
    ensures number:  \result <= ARENAS; */
static inline uint32_t homes_started(void);

/* Number n, below ARENAS, which is the n-th that is started. */
/*@ requires number: n < ARENAS;
    assigns \result \from n;
    ensures place:   \result == Homes + n && \valid(\result); */
static inline struct home *home_at(uint32_t n);

/*@ assigns \nothing; */
static inline uint32_t home_number(const struct home *h);

/* The heap that address p, any, is in; the first one if it is in none. */
/*@ assigns \result \from p;
    ensures mem:     \valid(\result); */
static inline struct home *home_of(const void *p);

/*@ assigns \nothing; */
static inline size_t home_offset(const struct home *h, const void *p);

/*@ assigns \result \from h, off; */
static inline void *home_address(const struct home *h, size_t off);

/* Whether the calling thread is inside a heap already: what it is called from was interrupted, or called the system. */
/*@ assigns \nothing; */
bool home_is_inside(void);

/* What the world was like outside. */
struct visit {
    struct home *home;
    enum grant grant;
    uint32_t within; /* the thread's */
    int error;       /* errno */
};

/* Comes in to h, if `need` is granted there, and the heap is at rest. Until then it was anybody's. */
/*@ requires mem:    \valid(v) && \valid(h);
    assigns *v, HOMES_ASSIGNS;
    ensures visit:   \result ==> v->home == h && need <= v->grant && v->error == \old(errno);
    ensures inside:  g_inside == \old(g_inside) + (\result ? 1 : 0);
    ensures error:   !\result ==> errno == \old(errno);
    ensures home:    \result ==> \valid(h) && \valid(h->space.heap) && 
                     \separated(h->space.heap, h, v, Caches + (0 .. CachesCount - 1), &classes);
    ensures place:   \result ==> HomeIn(h, h->space.heap);
    ensures sound:   \result ==> HomeSound(h->space, *h->space.heap); */
bool home_enter(struct visit *v, struct home *h, enum grant need);

/*@ VISIT_ENDS(v) */
void home_leave(const struct visit *v);

/* The system is asked: who comes in until home_shut is granted so much. */
/*@ HOME_OK(requires)
    assigns h->grant, g_granted;
    ensures granted: g_granted == grant; */
static inline void home_let_in(struct home *h, enum grant grant);

/* Whoever has come in meanwhile has done no more than that. */
/*@ HOME_OK(requires)
    requires ghost:  \valid(g) && \separated(h->space.heap, h, g, &classes) && CoreSound(*h->space.heap, *g);
    assigns HOME_HEAP, h->grant, h->keep, h->allocations, errno, *g;
    HOME_OK(ensures)
    ensures ghost:   CoreSound(*h->space.heap, *g);
    ensures end:     g_granted < GRANT_ALL ==> h->space.heap->pages.end == \old(h->space.heap->pages.end);
    ensures free:    g_granted == GRANT_FREE ==> FreeStay(\old(h->space.heap->pages.kind), \old(g->home),
                                                          h->space.heap->pages.kind, g->home,
                                                          h->space.heap->pages.end); */
static inline void home_shut(struct home *h) /*@ ghost (struct run_ghost \ghost *g) */;

/* One block more has been handed out. */
/*@ requires mem:    \valid(h);
    assigns h->allocations; */
static inline void home_count(struct home *h);

/* The heap with the fewest threads, a new one if there may be more and all have some. With the first one's lock; the
 * system may call in. */
struct home *home_choose(void);

/* WP has the prototypes alone. */
#ifndef __FRAMAC__
#include "home_body.h"
#endif

#endif
