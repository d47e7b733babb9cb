/* heap: the whole allocator as a function of its metadata.
 *
 * A heap hands out blocks of one address range, named by their offset in it.
 * It never touches that range: it reads and writes its own metadata only, calls
 * nothing outside, and holds no lock, so a caller may be any operating system,
 * any firmware, or any test. The caller
 *
 *   - grows the heap when it is full (heap_grow: the next chunks are there),
 *   - asks which pages are worth giving back, gives them back, and says so
 *     (heap_dirty, heap_purged),
 *   - copies contents when a block must move (heap_resize says HEAP_NO_ROOM).
 *
 * Offset 0 is no block. An offset's address is the heap's base plus it; the base
 * has the alignment of a page.
 */
#ifndef QED_HEAP_H
#define QED_HEAP_H

#include "block.h"

/* What heap_stats finds; bytes unless said otherwise. */
struct heap_stats {
    size_t live;               /* usable bytes of all live blocks */
    size_t small, large, huge; /* the parts of live */
    size_t mapped;             /* bytes of all chunks that the heap has */
    size_t active;             /* bytes of all pages in bin runs, large and huge blocks */
    size_t dirty;              /* bytes of free pages not given back */
    struct {
        uint32_t runs;
        uint32_t regions; /* live */
    } bin[BINS];
};

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

/* The offset of a new block of at least `bytes` for arena a; `align`, a power of two, divides
 * its address. 0 if nothing fits; any size may be asked, 0 is served like 1. Nothing fits a huge block
 * (see huge_extent) at an alignment above PAGE that the heap's base does not have, up to that of a chunk. */
size_t heap_alloc(struct heap *h, uint32_t a, size_t bytes, size_t align);

/* The usable bytes of the block that heap_alloc would return; 0 if the request exceeds any heap. */
size_t heap_good_size(const struct heap *h, size_t bytes, size_t align);

/* Whether heap_alloc would return a small block, and then, of which class. */
bool heap_is_small(size_t bytes, size_t align);
uint32_t heap_class(const struct heap *h, size_t bytes, size_t align);

/* HEAP_OK if a live block starts at off, any number; else what is wrong. */
enum verdict heap_verdict(const struct heap *h, size_t off);

/* Usable bytes of the live block at off; 0 if there is none. */
size_t heap_usable(const struct heap *h, size_t off);

/* Whether the block at off, just allocated and never written, reads as zero for certain. */
bool heap_is_zero(const struct heap *h, size_t off);

/* Frees the live block at off; if none starts there, says what is wrong and changes nothing. */
enum verdict heap_free(struct heap *h, size_t off);

/* The same for a block that heap_alloc(h, a, bytes, align) returned, or resized to `bytes`
 * with align 1: HEAP_WRONG_SIZE or HEAP_WRONG_ALIGN if it cannot have been. */
enum verdict heap_free_sized(struct heap *h, size_t off, size_t bytes, size_t align);

/* Makes the live block at off what heap_alloc would return for `bytes`, in place. HEAP_NO_ROOM,
 * and nothing changes, if it would have to move. */
enum verdict heap_resize(struct heap *h, size_t off, size_t bytes);

/* The lowest free run at page `from` or above that has dirty pages: its length in pages, 0 if there is
 * none, and its first page in *page, which else is meaningless. `from` is 0, or the end of the run of an
 * earlier answer; inside a run, because the heap has changed since, nothing is found. */
uint32_t heap_dirty(const struct heap *h, uint32_t from, uint32_t *page);

/* The pages [page, page + n), a run that heap_dirty found, read as zero now. */
void heap_purged(struct heap *h, uint32_t page, uint32_t n);

void heap_stats(const struct heap *h, struct heap_stats *s);

#endif
