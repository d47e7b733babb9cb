/* thread: which cache is whose.
 *
 * A thread has a cache for the blocks of the heap that it is at home in (home.h), from which it allocates, and others
 * for blocks of other heaps, which it only frees. It takes them in hand to work on them, and puts them back. A signal
 * handler that comes in meanwhile finds none at hand, and does without; so does the thread for ever if the handler jumps
 * out of there.
 *
 * A cache lies in memory of its own; that of a thread that has ended is another's later.
 * thread_join, thread_meet, thread_leave, thread_next and thread_is_other need the lock of the first heap.
 */
#ifndef QED_THREAD_H
#define QED_THREAD_H

#include <stdatomic.h>

#include "cache.h"
#include "space.h"

struct thread {
    struct cache *volatile at_hand; /* the first; NULL: there is none, or the thread is at work on one */
    struct space space;             /* of its heap */
    struct owned *own; /* the first cache in its place among all; NULL: it has none, or no more */
    uint32_t home;     /* the number of the heap that it is at home in; the first's, if nowhere */
    uint32_t within;   /* the number, plus one, of the heap that it has come in to first, or is about to */
    bool asked;        /* it has had a cache, or gets one now, and gets no other first one */
};

/* initial-exec: found without a call. There is room for so little even if the library is loaded late. */
extern _Thread_local struct thread thread __attribute__((tls_model("initial-exec")));

/* What the calling thread has at hand. */
static inline struct cache *thread_pick_up(void) {
    struct cache *k = thread.at_hand;
    if (k != NULL) {
        thread.at_hand = NULL;
        atomic_signal_fence(memory_order_seq_cst);
    }
    return k;
}

static inline void thread_put_down(struct cache *k) {
    atomic_signal_fence(memory_order_seq_cst);
    thread.at_hand = k;
}

/* Gives the calling thread a cache for blocks of heap `home`, where it is at home from now on, unless it has had one,
 * or the system refuses. `end` is called in the thread when it ends. */
void thread_join(uint32_t home, const struct space *s, void (*end)(void *));

/* Whether thread_meet would. */
bool thread_may_meet(uint32_t other);

/* Gives it a cache for the blocks of heap `other` as well, unless it has too many, or the system refuses. */
void thread_meet(uint32_t other);

/* The thread has its caches in hand: that for the blocks of heap `home`, or NULL. */
struct cache *thread_cache(uint32_t home);

/* The calling thread's caches, which are empty, are nobody's, and may be another thread's. */
void thread_leave(void);

/* The same of one. */
void thread_recycle(struct cache *k);

/* The cache behind k, the first if k is NULL, NULL behind the last. */
struct cache *thread_next(struct cache *k);

/* Whether the cache is somebody else's. */
bool thread_is_other(struct cache *k);

/* The heap whose blocks it is for. */
uint32_t thread_home(struct cache *k);

#endif
