/* shell: the one heap of the process, by pointers.
 *
 * Takes the lock, asks the core, grows the heap when it is full and purges it when much
 * of it is dirty. What the arguments of malloc and its family mean is malloc.c's business.
 *
 * A thread may come in again while it is inside: a call to the system may be interposed by
 * code that allocates, a fork handler may, a signal handler may. What such a call is
 * granted depends on where it found us (enum grant in shell.c); what it is not granted
 * fails as if there were no memory. errno is left alone.
 */
#ifndef QED_SHELL_H
#define QED_SHELL_H

#include "heap.h"
#include "misuse.h"

struct shell_stats {
    struct heap_stats heap;
    uint64_t allocations; /* blocks handed out since the start */
};

/* A block of at least `bytes` at a multiple of `align`, a power of two; NULL if there is no memory.
 * *zero, unless zero is NULL: whether the block reads as zero for certain. */
void *shell_alloc(size_t bytes, size_t align, bool *zero);

/* Makes the block at p one of `bytes` in place: HEAP_OK. HEAP_NO_ROOM if it would have to move; misuse is
 * raised. *usable is the size of the block then, 0 if there is none. */
enum verdict shell_resize(void *p, size_t bytes, size_t *usable);

/* Free the block at p; misuse is raised. `call` is the function that the program called. A call that is
 * granted nothing loses the block: HEAP_OK. */
enum verdict shell_free(void *p, const char *call);
enum verdict shell_free_sized(void *p, size_t bytes, size_t align, const char *call);

/* Usable bytes of the block at p; misuse is raised, and 0. */
size_t shell_usable(const void *p);

/* Gives all free memory back to the system; whether there was any. */
bool shell_purge(void);

const char *shell_check(void);

void shell_stats(struct shell_stats *s);

#endif
