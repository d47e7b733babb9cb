/* inside: a heap of the process, its cache included, for the thread that has its lock: by offsets. */
#ifndef QED_INSIDE_H
#define QED_INSIDE_H

#include "hand.h"

/* Frees the block at off, see heap_free. */
/*@ HOME_OK(requires)
    assigns HOME_HEAP;
    HOME_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END);
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS;
    ensures ok:      \result == HEAP_OK <==> \old(HOME_BLOCK(off));
    ensures freed:   !HOME_BLOCK(off); */
enum verdict inside_free(struct home *h, size_t off);

/* The same, see heap_free_sized. */
/*@ HOME_OK(requires)
    requires align:  RequestAlign(align);
    assigns HOME_HEAP;
    HOME_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END);
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS; */
enum verdict inside_free_sized(struct home *h, size_t off, size_t bytes, size_t align);

/* See heap_resize. */
/*@ HOME_OK(requires)
    assigns HOME_HEAP;
    HOME_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END);
    ensures verdict: \result == HEAP_OK || \result == HEAP_NO_ROOM || HEAP_FOREIGN <= \result < HEAP_VERDICTS; */
enum verdict inside_resize(struct home *h, size_t off, size_t bytes);

/* See heap_verdict. */
/*@ HOME_OK(requires)
    assigns \nothing;
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result <= HEAP_UNALLOCATED; */
enum verdict inside_verdict(const struct home *h, size_t off);

/* See heap_usable. */
/*@ HOME_OK(requires)
    assigns \nothing;
    ensures some:    HOME_BLOCK(off) <==> \result != 0; */
size_t inside_usable(const struct home *h, size_t off);

/* The first bytes of the block at off are zero; it is freed. */
/*@ HOME_OK(requires)
    requires pages:  SMALL_MAX < bytes && bytes % PAGE == 0;
    assigns HOME_HEAP;
    HOME_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END);
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS; */
enum verdict inside_free_purged(struct home *h, size_t off, size_t bytes);

/* Whether there was anything in the cache. */
/*@ HOME_OK(requires)
    assigns HOME_HEAP, HAND_ASSIGNS;
    HOME_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END); */
bool inside_empty_cache(struct home *h);

/* The cache had no room for the block at off, if it is one. */
/*@ HOME_OK(requires)
    assigns HOME_HEAP, HAND_ASSIGNS;
    HOME_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END); */
bool inside_free_to_cache(struct home *h, size_t off);

/* A block, for which the heap may grow if all is granted: its offset, or 0. The cache gets more such. *zero asks, and
 * says then, whether the block reads as zero for certain. */
/*@ HOME_OK(requires)
    requires align:  RequestAlign(align);
    requires mem:    \valid(zero);
    assigns HOME_ASSIGNS, HAND_ASSIGNS, *zero;
    HOME_OK(ensures) */
size_t inside_alloc(struct home *h, enum grant grant, size_t asks, size_t align, bool *zero);

#endif
