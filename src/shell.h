/* shell: the heaps of the process, by pointers.
 *
 * What the thread's cache can do, it does, without a lock. Else the shell takes the lock of a heap (home.h), asks the
 * core, grows the heap when it is full and purges it when much of it is dirty (supply.h).
 * What the arguments of malloc and its family mean is malloc.c's business.
 *
 * A thread may come in again while it is inside: a call to the system may be interposed by
 * code that allocates, a fork handler may, a signal handler may. What such a call is
 * granted depends on where it found us (enum grant in home.h), and on what other threads are doing to other heaps;
 * what it is not granted fails as if there were no memory. errno is left alone.
 */
#ifndef QED_SHELL_H
#define QED_SHELL_H

#include "misuse.h"
#include "thread.h"

struct shell_stats {
    struct heap_stats heap; /* what is cached is not live */
    size_t cached;          /* bytes of regions in the caches of threads */
    size_t allocations;     /* blocks handed out since the start */
    uint32_t arenas;        /* heaps, of which this is the sum, */
    uint32_t threads;       /* the threads at home there, */
    uint32_t crowd;         /* and the most of them in one */
};

/* What a thread's cache does not do. */
void *shell_alloc_slowly(size_t bytes, size_t align, bool *zero);
enum verdict shell_free_slowly(void *p, const char *call);

/* In the heap of the thread's cache. */
static inline size_t shell_offset(const void *p) {
    return (uintptr_t)p - thread.space.base;
}

static inline void *shell_address(size_t off) {
    return (void *)(thread.space.base + off);
}

/* What shell_alloc may do by the thread's cache alone: false if it cannot, and *p is meaningless then. */
static inline bool shell_alloc_at_hand(size_t bytes, size_t align, void **p) {
    struct cache *k = thread_pick_up();
    if (k == NULL) return false;
    size_t off;
    bool small =
        __builtin_expect(request_is_small(bytes, align), true); /* the way of most is the straight one */
    bool done =
        small && cache_alloc(k, thread.space.regions, heap_class(thread.space.heap, bytes, align), &off);
    thread_put_down(k);
    if (done) *p = shell_address(off);
    return done;
}

/* A block of at least `bytes` at a multiple of `align`, a power of two; NULL if there is no memory.
 * *zero, unless zero is NULL: whether the block reads as zero for certain. */
static inline void *shell_alloc(size_t bytes, size_t align, bool *zero) {
    void *p;
    if (!shell_alloc_at_hand(bytes, align, &p)) return shell_alloc_slowly(bytes, align, zero);
    if (zero != NULL) *zero = false;
    return p;
}

/* Makes the block at p one of `bytes` in place: HEAP_OK. HEAP_NO_ROOM if it would have to move; misuse is
 * raised. *usable is the size of the block then, 0 if there is none. */
enum verdict shell_resize(void *p, size_t bytes, size_t *usable);

/* Moves `bytes` of the block at `from` to that at `to`, which has room for them, and frees the former. Of a huge block
 * the pages are moved, if the system does that. */
void shell_move(void *to, void *from, size_t bytes);

/* Free the block at p; misuse is raised. NULL is none. `call` is the function that the program called. A call
 * that is granted nothing loses the block: HEAP_OK. */
static inline enum verdict shell_free(void *p, const char *call) {
    struct cache *k = thread_pick_up();
    if (k != NULL) {
        bool done = cache_free(k, thread.space.regions, shell_offset(p));
        thread_put_down(k);
        if (done) return HEAP_OK;
    }
    return p == NULL ? HEAP_OK : shell_free_slowly(p, call);
}
enum verdict shell_free_sized(void *p, size_t bytes, size_t align, const char *call);

/* Usable bytes of the block at p; misuse is raised, and 0. */
size_t shell_usable(const void *p);

/* Gives all free memory back to the system, what the thread has cached included; whether there was any. */
bool shell_purge(void);

/* So many heaps are shared by all threads at most; 0: as many as suit the CPUs. It is decided when the second thread
 * allocates. */
void shell_share(uint32_t arenas);

/* How long free memory may be left alone before it goes back; 0: it goes at once. */
void shell_be_patient(uint64_t milliseconds);

const char *shell_check(void);

void shell_stats(struct shell_stats *s);

#endif
