/* supply: what a heap gets from the system, and gives back to it. All of this with the heap's lock; the system may call
 * in, and is granted then what does no harm. */
#ifndef QED_SUPPLY_H
#define QED_SUPPLY_H

#include "home.h"

/* Chunks that the heap has. */
static inline uint32_t supply_chunks(const struct home *h) {
    return (h->space.heap->pages.end - FIRST_PAGE) / CHUNK_PAGES;
}

/* Grows the heap for a request that does not fit. */
bool supply_grow(struct home *h, size_t bytes, size_t align);

/* Gives back all dirty pages but `most`, the lowest: they are the next to be used. Whether the system took any. */
bool supply_purge(struct home *h, uint32_t most);

/* Leaves, and gives back what is too much, or has been left alone for long; the latter of all heaps now and then, as to
 * those whose threads are gone or asleep nobody else comes by. */
void supply_leave(const struct visit *visit);

#endif
