/* thread: which cache is whose.
 *
 * A thread takes its cache in hand to work on it, and puts it back. A signal handler that comes in meanwhile
 * finds none at hand, and does without; so does the thread for ever if the handler jumps out of there.
 *
 * A cache lies in memory of its own; that of a thread that has ended is another's later.
 * thread_join, thread_recycle, thread_next and thread_is_other need the lock.
 */
#ifndef QED_THREAD_H
#define QED_THREAD_H

#include <stdatomic.h>

#include "cache.h"

struct thread {
    struct cache *volatile at_hand; /* NULL: it has none, or is at work on it */
    struct owned *own;              /* a cache in its place among all; NULL: it has none, or no more */
    bool asked;                     /* it has had a cache, or gets one now, and gets no other */
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

/* Gives the calling thread a cache, unless it has had one, or the system refuses. `end` is called in the
 * thread when it ends. */
void thread_join(void (*end)(void *));

/* The calling thread has no cache from now on: what it had, or NULL. */
struct cache *thread_leave(void);

/* The cache, which is empty, is nobody's, and may be another thread's. */
void thread_recycle(struct cache *k);

/* The cache behind k, the first if k is NULL, NULL behind the last. */
struct cache *thread_next(struct cache *k);

/* Whether the cache is somebody else's. */
bool thread_is_other(struct cache *k);

#endif
