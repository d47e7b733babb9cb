/* supply: what a heap gets from the system, and gives back to it. All of this with the heap's lock; the system may call
 * in, and is granted then what does no harm. */
#ifndef QED_SUPPLY_H
#define QED_SUPPLY_H

#include "home.h"

/* Chunks that the heap has. */
/*@ HOME_OK(requires)
    assigns \nothing;
    ensures chunks:  HOME_END == FIRST_PAGE + \result * CHUNK_PAGES && \result <= h->space.chunks; */
static inline uint32_t supply_chunks(const struct home *h) {
    return (h->space.heap->pages.end - FIRST_PAGE) / CHUNK_PAGES;
}

/* Grows the heap for a request that does not fit. */
/*@ HOME_OK(requires)
    requires align:  RequestAlign(align);
    assigns HOME_ASSIGNS;
    HOME_OK(ensures)
    ensures grown:   \result ? HOME_END > \old(HOME_END) : HOME_END == \old(HOME_END); */
bool supply_grow(struct home *h, size_t bytes, size_t align);

/* Gives back all dirty pages but `most`, the lowest: they are the next to be used. Whether the system took any. */
/*@ HOME_OK(requires)
    assigns HOME_ASSIGNS;
    HOME_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END); */
bool supply_purge(struct home *h, uint32_t most);

/* Leaves, and gives back what is too much, or has been left alone for long; the latter of all heaps now and then, as to
 * those whose threads are gone or asleep nobody else comes by. */
/*@ VISIT_ENDS(visit) */
void supply_leave(const struct visit *visit);

#endif
