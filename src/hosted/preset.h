/* The hosted preset: the sizes of a heap for a process on Linux.
 *
 * The capacity is an address-space figure: the arrays of a hosted heap are
 * mapped only as far as the heap has grown.
 */
#ifndef QED_PRESET_H
#define QED_PRESET_H

#include <stdint.h>

enum {
    QUANTUM = 16,          /* bytes: the smallest block, and the least alignment */
    PAGE = 4096,           /* bytes: the unit of runs */
    CHUNK_PAGES = 1024,    /* pages: the unit that arenas and huge blocks own */
    HEAP_CHUNKS = 1 << 18, /* chunks: the capacity, 1 TiB */
    ARENAS = 256,          /* at most: 4 per CPU of a machine with 64 */
    BINS = 40,             /* rows of SIZE_CLASSES */
    SMALL_MAX = 32768,     /* bytes: the largest small class */
};

/* A page number, in memory: the narrowest type that holds the capacity. */
typedef uint32_t pageno;

/* The small size classes, four per doubling: bytes of a region, pages of a run.
 * A run wastes at most 1/64 of itself and holds at least 8 regions of up to
 * 1024 bytes, 4 of the larger ones. */
/* clang-format off */
#define SIZE_CLASSES(X) \
    X(16, 1) X(32, 1) X(48, 1) X(64, 1) X(80, 1) X(96, 1) X(112, 1) \
    X(128, 1) X(160, 2) X(192, 1) X(224, 1) X(256, 1) X(320, 3) X(384, 2) \
    X(448, 1) X(512, 1) X(640, 3) X(768, 3) X(896, 2) X(1024, 2) \
    X(1280, 5) X(1536, 3) X(1792, 4) X(2048, 2) X(2560, 5) X(3072, 3) \
    X(3584, 7) X(4096, 4) X(5120, 5) X(6144, 6) X(7168, 7) X(8192, 8) \
    X(10240, 10) X(12288, 12) X(14336, 14) X(16384, 16) X(20480, 20) \
    X(24576, 24) X(28672, 28) X(32768, 32)
/* clang-format on */

#endif
