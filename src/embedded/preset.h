/* The embedded preset: the sizes of a heap over a static buffer.
 *
 * The metadata of a heap has a fixed size, set by QED_HEAP_CHUNKS: define it for
 * the largest heap of the program, in chunks of 16 KiB, and build with it.
 */
#ifndef QED_PRESET_H
#define QED_PRESET_H

#include <stdint.h>

#ifndef QED_HEAP_CHUNKS
#define QED_HEAP_CHUNKS 16
#endif

enum {
    QUANTUM = 8,                       /* bytes: the smallest block, and the least alignment */
    PAGE = 256,                        /* bytes: the unit of runs */
    CHUNK_PAGES = 64,                  /* pages: the unit that arenas and huge blocks own */
    HEAP_CHUNKS = QED_HEAP_CHUNKS + 1, /* chunks: the capacity, with the one of the tree headers */
    ARENAS = 1,
    CLASS_STEPS = 4, /* small size classes per doubling */
    BINS = 20,       /* rows of SIZE_CLASSES */
    SMALL_MAX = 512, /* bytes: the largest small class */
};

/* A page number, in memory: the narrowest type that holds the capacity. */
typedef uint16_t pageno;

/* The small size classes: bytes of a region, pages of a run.
 * A run wastes at most 1/64 of itself and holds at least 4 regions. */
/* clang-format off */
#define SIZE_CLASSES(X) \
    X(8, 1) X(16, 1) X(24, 2) X(32, 1) X(40, 3) X(48, 3) X(56, 2) \
    X(64, 1) X(80, 5) X(96, 3) X(112, 4) X(128, 2) X(160, 5) X(192, 3) \
    X(224, 7) X(256, 4) X(320, 5) X(384, 6) X(448, 7) X(512, 8)
/* clang-format on */

#endif
