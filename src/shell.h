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
#include "os.h"
#ifndef __FRAMAC__
#include "thread.h"
#endif

enum { SHELL_ALIGN = 16 }; /* bytes: every block is at a multiple, so that it may hold objects of any type */

/* What the contracts here say is not proved: WP takes the prototypes at their word, see "Assumed" in verify/README.md. */
#include "spec/shell.acsl"

struct shell_stats {
    struct heap_stats heap; /* what is cached is not live */
    size_t cached;          /* bytes of regions in the caches of threads */
    size_t allocations;     /* blocks handed out since the start */
    uint32_t arenas;        /* heaps, of which this is the sum, */
    uint32_t threads;       /* the threads at home there, */
    uint32_t crowd;         /* and the most of them in one */
};

/* What a thread's cache does not do. (The contract is for who wants to know whether the block reads as zero.) */
/*@ requires align:  PowerOfTwo(align);
    requires mem:    \valid(zero);
    SHELL_WRITES
    assigns *zero;
    assigns \result \from g_moment, bytes, align;
    ensures zero:    \result != \null && *zero ==> \forall integer i; 0 <= i < bytes ==> ((char *)\result)[i] == 0;
    SHELL_NEW(\result, bytes, align) */
void *shell_alloc_slowly(size_t bytes, size_t align, bool *zero);
enum verdict shell_free_slowly(void *p, const char *call);

/* What shell_alloc may do by the thread's cache alone: false if it cannot, and *p is meaningless then. */
/*@ requires align:  PowerOfTwo(align);
    requires mem:    \valid(p);
    SHELL_WRITES
    assigns *p \from g_moment, bytes, align;
    ensures block:   \result ==> *p != \null;
    SHELL_NEW((\result ? *p : \null), bytes, align) */
static inline bool shell_alloc_at_hand(size_t bytes, size_t align, void **p);

#ifndef __FRAMAC__
/* In the heap of the thread's cache. */
static inline size_t shell_offset(const void *p) {
    return (uintptr_t)p - thread.space.base;
}

static inline void *shell_address(size_t off) {
    return (void *)(thread.space.base + off);
}

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

#endif

/* Makes the block at p one of `bytes` in place: HEAP_OK. HEAP_NO_ROOM if it would have to move; misuse is
 * raised. *usable is the size of the block then, 0 if there is none; SIZE_MAX if nobody can say, as the call is granted
 * nothing: HEAP_NO_ROOM. */
/*@ requires mem:    \valid(usable);
    SHELL_WRITES
    assigns *usable;
    ensures verdict: \result == HEAP_OK || \result == HEAP_NO_ROOM || HEAP_FOREIGN <= \result < HEAP_VERDICTS;
    ensures mine:    \old(SHELL_MINE(p)) ==> \result == HEAP_OK || \result == HEAP_NO_ROOM;
    ensures misuse:  \old(SHELL_NOBODYS(p) && !ShellShut(g_moment)) ==> HEAP_FOREIGN <= \result;
    ensures before:  \old(SHELL_MINE(p)) && \result == HEAP_NO_ROOM ==>
                     *usable == \old(ShellBytes(g_moment, (char *)p)) || *usable == SIZE_MAX;
    ensures block:   \old(SHELL_MINE(p)) && \result == HEAP_OK ==> ShellSound(g_moment, (char *)p, bytes, 1);
    ensures valid:   \old(SHELL_MINE(p)) && \result == HEAP_OK ==>
                     \valid((char *)p + (0 .. ShellBytes(g_moment, (char *)p) - 1));
    ensures same:    \result != HEAP_OK ==> ShellKept(\old(g_moment), g_moment, \null, \null);
    SHELL_KEPT(p, p, o != p || \result != HEAP_OK || i < ShellBytes(g_moment, o)) */
enum verdict shell_resize(void *p, size_t bytes, size_t *usable);

/* Moves `bytes` of the block at `from` to that at `to`, which has room for them, and frees the former. Of a huge block
 * the pages are moved, if the system does that. */
/*@ requires to:     SHELL_MINE(to) && bytes <= ShellBytes(g_moment, (char *)to);
    requires from:   SHELL_MINE(from) ==> bytes <= ShellBytes(g_moment, (char *)from);
    SHELL_WRITES
    ensures freed:   from == \null || !ShellBlock(g_moment, (char *)from);
    ensures copied:  \old(SHELL_MINE(from)) ==>
                     \forall integer i; 0 <= i < bytes ==> ((char *)to)[i] == \old(((char *)from)[i]);
    SHELL_KEPT(from, from, o != from && o != to) */
void shell_move(void *to, void *from, size_t bytes);

/* Free the block at p; misuse is raised. NULL is none. `call` is the function that the program called. A call
 * that is granted nothing loses the block: HEAP_OK. */
/*@ SHELL_WRITES
    ensures verdict: \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS;
    ensures mine:    \old(SHELL_MINE(p)) || p == \null ==> \result == HEAP_OK;
    ensures misuse:  \old(SHELL_NOBODYS(p) && !ShellShut(g_moment)) ==> HEAP_FOREIGN <= \result;
    ensures freed:   p == \null || !ShellBlock(g_moment, (char *)p);
    SHELL_KEPT(p, p, o != p) */
static inline enum verdict shell_free(void *p, const char *call);
#ifndef __FRAMAC__
static inline enum verdict shell_free(void *p, const char *call) {
    struct cache *k = thread_pick_up();
    if (k != NULL) {
        bool done = cache_free(k, thread.space.regions, shell_offset(p));
        thread_put_down(k);
        if (done) return HEAP_OK;
    }
    return p == NULL ? HEAP_OK : shell_free_slowly(p, call);
}
#endif

/* The same, unless the block cannot have been asked for so: that is misuse, and it stays. */
/*@ SHELL_WRITES
    ensures verdict: \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS;
    ensures sized:   \old(SHELL_MINE(p)) && bytes == \old(ShellAsked(g_moment, (char *)p)) &&
                     align == \old(ShellAlign(g_moment, (char *)p)) ==> \result == HEAP_OK;
    ensures misuse:  \old(SHELL_NOBODYS(p) && !ShellShut(g_moment)) ==> HEAP_FOREIGN <= \result;
    ensures freed:   \result == HEAP_OK ==> p == \null || !ShellBlock(g_moment, (char *)p);
    ensures same:    \result != HEAP_OK ==> ShellKept(\old(g_moment), g_moment, \null, \null);
    SHELL_KEPT(p, p, o != p || \result != HEAP_OK) */
enum verdict shell_free_sized(void *p, size_t bytes, size_t align, const char *call);

/* Usable bytes of the block at p; misuse is raised, and 0. */
/*@ assigns \nothing;
    ensures bytes:   SHELL_MINE(p) ==> \result == ShellBytes(g_moment, (char *)p) || (\result == 0 && ShellShut(g_moment));
    ensures none:    SHELL_NOBODYS(p) ==> \result == 0; */
size_t shell_usable(const void *p);

/* Gives all free memory back to the system, what the thread has cached included; whether there was any. */
/*@ SHELL_WRITES
    SHELL_KEPT(\null, \null, o != \null) */
bool shell_purge(void);

/* So many heaps are shared by all threads at most; 0: as many as suit the CPUs. It is decided when the second thread
 * allocates. */
void shell_share(uint32_t arenas);

/* How long free memory may be left alone before it goes back; 0: it goes at once. */
void shell_be_patient(uint64_t milliseconds);

const char *shell_check(void);

void shell_stats(struct shell_stats *s);

#endif
