/* platform: a system (src/os.h) that can be told to refuse, and remembers what it gave. */
#ifndef QED_PLATFORM_H
#define QED_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>

enum { PLATFORM_THREADS = 3, PLATFORM_LOCKS = 4 };

struct platform {
    unsigned refuse; /* the call that is refused, 0: none */
    bool onwards;    /* and so are all that follow */
    unsigned calls, refused;
    void (*visit)(void); /* called within each call, unless NULL */
    unsigned long clock; /* milliseconds */
    unsigned running;    /* the thread at work, of those that a harness makes up */
    void (*point)(void); /* called where another one may go on, unless NULL; */
    void (*wait)(void);  /* where it must, as it has the lock */
    bool roomy;          /* there is no limit to address space */
    struct platform_lock {
        unsigned held;   /* how often */
        unsigned holder; /* by this thread */
    } lock[PLATFORM_LOCKS];
    void (*end)(void *);          /* the shell's for the end of a thread, */
    void *what[PLATFORM_THREADS]; /* with this, unless NULL */
    const char *wrong;            /* what the shell did that it must not, or NULL */
};
extern struct platform platform;

/* All address space is free again. */
void platform_restart(unsigned refuse, bool onwards);

/* Stretches of address space that are mapped. */
unsigned platform_maps(void);

/* Whether a lock is held. */
bool platform_is_locked(void);

/* In restart.c: the shell (src/shell.c) as if the process had just begun. */
void shell_restart(void);

bool shell_has_heap(void);

/* Whether the heap could still grow for the request. */
bool shell_may_grow(size_t bytes, size_t align);

#endif
