/* extent: the memory that a heap has: growing it, and giving free pages back. */
#ifndef QED_EXTENT_H
#define QED_EXTENT_H

#include "arena.h"
#include "request.h"

/* Makes h a heap without memory, of `arenas` arenas, 1 .. ARENAS. The metadata must
 * be zero. `base_page` is the page number, modulo 2^32, of the address of offset 0:
 * alignments above PAGE are alignments of the address. */
void heap_init(struct heap *h, uint32_t arenas, uint32_t base_page);

/* The next `chunks` chunks of the range belong to the heap: they read as zero, and so
 * does their metadata. False, and nothing changes, if `chunks` is 0 or exceeds the capacity. */
bool heap_grow(struct heap *h, uint32_t chunks);

/* heap_alloc has just failed: the chunks that heap_grow must add for it to serve this request, perhaps
 * more than the capacity; 0 if no number would do. */
uint32_t heap_needs(const struct heap *h, size_t bytes, size_t align);

/* The lowest free run at page `from` or above that has dirty pages: its length in pages, 0 if there is
 * none, and its first page in *page, which else is meaningless. `from` is 0, or the end of the run of an
 * earlier answer; inside a run, because the heap has changed since, nothing is found. */
uint32_t heap_dirty(const struct heap *h, uint32_t from, uint32_t *page);

/* The pages [page, page + n), a run that heap_dirty found, read as zero now. */
void heap_purged(struct heap *h, uint32_t page, uint32_t n);

#endif
