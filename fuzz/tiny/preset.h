/* The tiny preset: a heap so small that all of its lives of some length can be tried.
 *
 * Three chunks of four pages of four quanta: what takes hundreds of operations elsewhere (a full run, a full
 * chunk, a full heap, a bin with three runs) takes a few here.
 */
#ifndef QED_PRESET_H
#define QED_PRESET_H

#include <stdint.h>

enum {
    QUANTUM = 8,         /* bytes: the smallest block, and the least alignment */
    PAGE = 32,           /* bytes: the unit of runs */
    CHUNK_PAGES = 4,     /* pages: the unit that arenas and huge blocks own */
    HEAP_CHUNKS = 3 + 3, /* chunks: the capacity, with those of the tree headers */
    ARENAS = 2,
    CLASS_STEPS = 2, /* small size classes per doubling */
    BINS = 3,        /* rows of SIZE_CLASSES */
    SMALL_MAX = 32,  /* bytes: the largest small class */
};

/* A page number, in memory: the narrowest type that holds the capacity. */
typedef uint8_t pageno;

/* The small size classes: bytes of a region, pages of a run. */
#define SIZE_CLASSES(X) X(8, 1) X(16, 2) X(32, 3)

#endif
