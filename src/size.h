/* size: which block sizes exist, and how a request finds its own.
 *
 *   small   up to SMALL_MAX: CLASS_STEPS size classes per doubling, many regions to a run
 *   large   whole pages, a run each, up to one chunk
 *   huge    whole chunks
 *
 * A block of `bytes`, 1 or more and not aligned further, wastes less than max(QUANTUM, bytes / CLASS_STEPS) if it is small,
 * less than PAGE if large, less than a chunk if huge.
 */
#ifndef QED_SIZE_H
#define QED_SIZE_H

#include <stddef.h>
#include <stdint.h>

#include "preset.h"

enum {
    PAGE_QUANTA = PAGE / QUANTUM,
    SMALL_QUANTA = SMALL_MAX / QUANTUM,
    CHUNK = PAGE * CHUNK_PAGES, /* bytes */
};

_Static_assert(PAGE % QUANTUM == 0 && SMALL_MAX % QUANTUM == 0, "blocks are whole quanta");
_Static_assert(SMALL_MAX <= (int)CHUNK, "a small class fits a chunk");
_Static_assert(BINS < 128, "a class number and a flag fit a byte");

/* From the quanta of a request to its class; written once, by sizes_init. */
struct sizes {
    uint8_t class_of[SMALL_QUANTA + 1]; /* index 1 .. SMALL_QUANTA; value below BINS */
};

/* Of each class, a row of SIZE_CLASSES. */
struct classes {
    uint16_t bytes[BINS];   /* of a region */
    uint16_t regions[BINS]; /* in a run */
    uint8_t pages[BINS];    /* of a run */
};
extern const struct classes classes;

#include "spec/size.acsl"

/*@ requires mem:   \valid(s);
    assigns s->class_of[0 .. SMALL_QUANTA];
    ensures table:  SizesOk(*s); */
void sizes_init(struct sizes *s);

/* The smallest class of at least `bytes`. */
/*@ requires mem:   \valid_read(s);
    requires table: SizesOk(*s);
    requires small: 1 <= bytes <= SMALL_MAX;
    assigns \nothing;
    ensures value:  \result == ClassOf(*s, bytes);
    ensures fits:   ClassFits(\result, bytes);
    ensures least:  ClassLeast(\result, bytes);
    ensures waste:  ClassBytes(\result) - bytes < QUANTUM || CLASS_STEPS * (ClassBytes(\result) - bytes) < bytes; */
uint32_t size_class(const struct sizes *s, size_t bytes);

/* Of class c: bytes and quanta of a region, pages of a run, regions in a run. */
/*@ requires class: c < BINS;
    assigns \nothing;
    ensures value:  \result == ClassBytes(c); */
uint32_t class_bytes(uint32_t c);

/*@ requires class: c < BINS;
    assigns \nothing;
    ensures value:  \result == ClassQuanta(c); */
uint32_t class_quanta(uint32_t c);

/*@ requires class: c < BINS;
    assigns \nothing;
    ensures value:  \result == ClassPages(c); */
uint32_t class_pages(uint32_t c);

/*@ requires class: c < BINS;
    assigns \nothing;
    ensures value:  \result == ClassRegions(c); */
uint32_t class_regions(uint32_t c);

/* The least whole number of pages that holds `bytes`. */
/*@ assigns \nothing;
    ensures holds:  bytes <= \result * PAGE;
    ensures least:  \result * PAGE < bytes + PAGE; */
size_t pages_of(size_t bytes);

#endif
