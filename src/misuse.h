/* misuse: what happens when the program gives back what it does not have.
 *
 * Unless the program has set a hook, one line on standard error and the end:
 *
 *     qedmalloc: double-free ptr=0x7f12a4c00040 class=64 state=free call=free
 *
 * The verdict and the pointer come first, then key=value; keys may be added at the end.
 */
#ifndef QED_MISUSE_H
#define QED_MISUSE_H

#include "heap.h"

/* Taken down while the heap is at rest. */
struct misuse {
    enum verdict verdict; /* HEAP_OK: there is none */
    const void *pointer;
    const char *call;  /* the function that the program called */
    size_t class;      /* bytes of the regions there, or of the large or huge block; 0: none */
    const char *state; /* of the memory there: live, free, cached, purged, unused, none */
};

/* Takes down what there is to know of the pointer to off, which has the verdict. */
/*@ requires mem:    \valid_read(h);
    requires misuse: HEAP_FOREIGN <= verdict < HEAP_VERDICTS;
    assigns \nothing; */
struct misuse misuse_note(const struct heap *h, size_t off, enum verdict verdict, const void *pointer,
                          const char *call);

/* Tells the hook, or the world. Returns only if the hook does. */
/*@ requires mem:    \valid_read(m);
    assigns \nothing; */
void misuse_raise(const struct misuse *m);

#endif
