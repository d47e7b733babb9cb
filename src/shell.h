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
#ifdef PROVE_SHELL
#include "hand.h"
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
/*@ requires align:  0 < align && PowerOfTwo(align);
    requires mem:    SHELL_OUT(zero);
    SHELL_WRITES
    assigns *zero;
    assigns \result \from bytes, align;
    SHELL_SAYS(
    assigns \result \from g_moment;
    ensures zero:    \result != \null && *zero ==> \forall integer i; 0 <= i < bytes ==> ((char *)\result)[i] == 0;
    SHELL_NEW(\result, bytes, align)) */
void *shell_alloc_slowly(size_t bytes, size_t align, bool *zero);
/*@ SHELL_WRITES
    ensures verdict: \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS; */
enum verdict shell_free_slowly(void *p, const char *call);

/* What shell_alloc may do by the thread's cache alone: false if it cannot, and *p is meaningless then. */
/*@ requires align:  PowerOfTwo(align);
    requires mem:    \valid(p);
    SHELL_WRITES
    SHELL_SAYS(
    assigns *p \from g_moment, bytes, align;
    ensures block:   \result ==> *p != \null;
    SHELL_NEW((\result ? *p : \null), bytes, align)) */
static inline bool shell_alloc_at_hand(size_t bytes, size_t align, void **p);

/* A block of at least `bytes` at a multiple of `align`, a power of two; NULL if there is no memory.
 * *zero, unless zero is NULL: whether the block reads as zero for certain. */
static inline void *shell_alloc(size_t bytes, size_t align, bool *zero);

/* Makes the block at p one of `bytes` in place: HEAP_OK. HEAP_NO_ROOM if it would have to move; misuse is
 * raised. *usable is the size of the block then, 0 if there is none; SIZE_MAX if nobody can say, as the call is granted
 * nothing: HEAP_NO_ROOM. */
/*@ requires mem:    \valid(usable);
    SHELL_WRITES
    assigns *usable;
    ensures verdict: \result == HEAP_OK || \result == HEAP_NO_ROOM || HEAP_FOREIGN <= \result < HEAP_VERDICTS;
    SHELL_SAYS(
    ensures mine:    \old(SHELL_MINE(p)) ==> \result == HEAP_OK || \result == HEAP_NO_ROOM;
    ensures misuse:  \old(SHELL_NOBODYS(p) && !ShellShut(g_moment)) ==> HEAP_FOREIGN <= \result;
    ensures before:  \old(SHELL_MINE(p)) && \result == HEAP_NO_ROOM ==>
                     *usable == \old(ShellBytes(g_moment, (char *)p)) || *usable == SIZE_MAX;
    ensures block:   \old(SHELL_MINE(p)) && \result == HEAP_OK ==> ShellSound(g_moment, (char *)p, bytes, 1);
    ensures valid:   \old(SHELL_MINE(p)) && \result == HEAP_OK ==>
                     \valid((char *)p + (0 .. ShellBytes(g_moment, (char *)p) - 1));
    ensures same:    \result != HEAP_OK ==> ShellKept(\old(g_moment), g_moment, \null, \null);
    SHELL_KEPT(p, p, o != p || \result != HEAP_OK || i < ShellBytes(g_moment, o))) */
enum verdict shell_resize(void *p, size_t bytes, size_t *usable);

/* Moves `bytes` of the block at `from` to that at `to`, which has room for them, and frees the former. Of a huge block
 * the pages are moved, if the system does that. */
/*@ SHELL_SAYS(
    requires to:     SHELL_MINE(to) && bytes <= ShellBytes(g_moment, (char *)to);
    requires from:   SHELL_MINE(from) ==> bytes <= ShellBytes(g_moment, (char *)from);)
    SHELL_WRITES
    SHELL_SAYS(
    ensures freed:   from == \null || !ShellBlock(g_moment, (char *)from);
    ensures copied:  \old(SHELL_MINE(from)) ==>
                     \forall integer i; 0 <= i < bytes ==> ((char *)to)[i] == \old(((char *)from)[i]);
    SHELL_KEPT(from, from, o != from && o != to)) */
void shell_move(void *to, void *from, size_t bytes);

/* Free the block at p; misuse is raised. NULL is none. `call` is the function that the program called. A call
 * that is granted nothing loses the block: HEAP_OK. */
/*@ SHELL_WRITES
    ensures verdict: \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS;
    SHELL_SAYS(
    ensures mine:    \old(SHELL_MINE(p)) || p == \null ==> \result == HEAP_OK;
    ensures misuse:  \old(SHELL_NOBODYS(p) && !ShellShut(g_moment)) ==> HEAP_FOREIGN <= \result;
    ensures freed:   p == \null || !ShellBlock(g_moment, (char *)p);
    SHELL_KEPT(p, p, o != p)) */
static inline enum verdict shell_free(void *p, const char *call);
/* The same, unless the block cannot have been asked for so: that is misuse, and it stays. */
/*@ SHELL_WRITES
    ensures verdict: \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS;
    SHELL_SAYS(
    ensures sized:   \old(SHELL_MINE(p)) && bytes == \old(ShellAsked(g_moment, (char *)p)) &&
                     align == \old(ShellAlign(g_moment, (char *)p)) ==> \result == HEAP_OK;
    ensures misuse:  \old(SHELL_NOBODYS(p) && !ShellShut(g_moment)) ==> HEAP_FOREIGN <= \result;
    ensures freed:   \result == HEAP_OK ==> p == \null || !ShellBlock(g_moment, (char *)p);
    ensures same:    \result != HEAP_OK ==> ShellKept(\old(g_moment), g_moment, \null, \null);
    SHELL_KEPT(p, p, o != p || \result != HEAP_OK)) */
enum verdict shell_free_sized(void *p, size_t bytes, size_t align, const char *call);

/* Usable bytes of the block at p; misuse is raised, and 0. */
/*@ SHELL_READS
    SHELL_SAYS(
    ensures bytes:   SHELL_MINE(p) ==> \result == ShellBytes(g_moment, (char *)p) || (\result == 0 && ShellShut(g_moment));
    ensures none:    SHELL_NOBODYS(p) ==> \result == 0;) */
size_t shell_usable(const void *p);

/* Gives all free memory back to the system, what the thread has cached included; whether there was any. */
/*@ SHELL_WRITES
    SHELL_SAYS(
    SHELL_KEPT(\null, \null, o != \null)) */
bool shell_purge(void);

/* So many heaps are shared by all threads at most; 0: as many as suit the CPUs. It is decided when the second thread
 * allocates. */
void shell_share(uint32_t arenas);

/* How long free memory may be left alone before it goes back; 0: it goes at once. */
void shell_be_patient(uint64_t milliseconds);

const char *shell_check(void);

void shell_stats(struct shell_stats *s);

/* WP has the prototypes alone. */
#ifndef __FRAMAC__
#include "shell_body.h"
#endif

#endif
