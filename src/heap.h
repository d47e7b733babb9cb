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
#include "extent.h"

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

/* The offset of a new block of at least `bytes` for arena a; `align`, a power of two, divides
 * its address. 0 if nothing fits; any size may be asked, 0 is served like 1. Nothing fits a huge block
 * (see huge_extent) at an alignment above PAGE that the heap's base does not have, up to that of a chunk. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    requires arena:  a < h->arenas;
    requires align:  RequestAlign(align);
    HEAP_ASSIGNS
    HEAP_OK(ensures)
    ensures block:   \result != 0 ==> HEAP_SOUND(\result) && bytes <= HEAP_BYTES(\result);
    ensures fresh:   !BlockAt(\old(h->pages.kind), h->pages.end, \old(h->regions.tags), \result);
    ensures aligned: \result != 0 ==> HEAP_ALIGNED(\result, align);
    ensures none:    \result == 0 <==> \old(HeapFull(*h, a, bytes, align));
    HEAP_KEPT(\result, \result != 0) */
size_t heap_alloc(struct heap *h, uint32_t a, size_t bytes, size_t align)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* The usable bytes of the block that heap_alloc would return; 0 if the request exceeds any heap. */
/*@ requires mem:    \valid_read(h);
    requires sizes:  SizesOk(h->sizes);
    requires align:  RequestAlign(align);
    assigns \nothing;
    ensures value:   \result == HeapGood(h->sizes, bytes, align);
    ensures holds:   bytes <= \result || \result == 0; */
size_t heap_good_size(const struct heap *h, size_t bytes, size_t align);

/* The class of the small block that heap_alloc would return, see request_is_small. */
/*@ requires mem:    \valid_read(h);
    requires sizes:  SizesOk(h->sizes);
    requires small:  RequestSmall(bytes, align) && RequestAlign(align);
    assigns \nothing;
    ensures value:   \result == ClassOf(h->sizes, RequestBytes(bytes, align));
    ensures fits:    ClassFits(\result, bytes); */
uint32_t heap_class(const struct heap *h, size_t bytes, size_t align);

/* HEAP_OK if a live block starts at off, any number; else what is wrong. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    assigns \nothing;
    ensures ok:      \result == HEAP_OK <==> HEAP_BLOCK(off);
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result <= HEAP_UNALLOCATED;
    HEAP_VERDICT(off) */
enum verdict heap_verdict(const struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */;

/* Usable bytes of the live block at off; 0 if there is none. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    assigns \nothing;
    ensures bytes:   HEAP_BLOCK(off) ==> \result == HEAP_BYTES(off) && 0 < \result;
    ensures none:    !HEAP_BLOCK(off) ==> \result == 0; */
size_t heap_usable(const struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */;

/* Whether the block at off, just allocated and never written, reads as zero for certain. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    requires block:  HEAP_BLOCK(off);
    assigns \nothing;
    ensures clean:   \result <==> !Small(h->regions.tags, off) &&
                     DirtyIn(h->pages.state, off / PAGE, off / PAGE + h->pages.tree.length[off / PAGE]) == 0; */
bool heap_is_zero(const struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */;

/* Frees the live block at off; if none starts there, says what is wrong and changes nothing. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    HEAP_ASSIGNS
    HEAP_OK(ensures)
    ensures ok:      \result == HEAP_OK <==> \old(HEAP_BLOCK(off));
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result <= HEAP_UNALLOCATED;
    HEAP_VERDICT(off)
    ensures freed:   !HEAP_BLOCK(off);
    ensures pages:   \result != HEAP_OK || \old(Small(h->regions.tags, off)) ||
                     RunFreePages(h->pages.kind, g->home, off / PAGE, off / PAGE + \old(h->pages.tree.length[off / PAGE]));
    HEAP_KEPT(off, \result == HEAP_OK) */
enum verdict heap_free(struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */;

/* The same for a block that heap_alloc(h, a, bytes, align) returned, or resized to `bytes`
 * with align 1: HEAP_WRONG_SIZE or HEAP_WRONG_ALIGN if it cannot have been. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    requires align:  RequestAlign(align);
    HEAP_ASSIGNS
    HEAP_OK(ensures)
    ensures ok:      \result == HEAP_OK ==> \old(HEAP_BLOCK(off)) && bytes <= \old(HEAP_BYTES(off)) && !HEAP_BLOCK(off);
    ensures wrong:   \old(HEAP_BLOCK(off)) <==> \result == HEAP_OK || \result >= HEAP_WRONG_SIZE;
    ensures align_of: \result == HEAP_WRONG_ALIGN <==> \old(HEAP_BLOCK(off)) && !HEAP_ALIGNED(off, align);
    ensures size_of: \result == HEAP_WRONG_SIZE <==> \old(HEAP_BLOCK(off)) && HEAP_ALIGNED(off, align) &&
                     \old(HEAP_BYTES(off)) != HeapGood(h->sizes, bytes, align);
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS;
    HEAP_VERDICT(off)
    HEAP_KEPT(off, \result == HEAP_OK) */
enum verdict heap_free_sized(struct heap *h, size_t off, size_t bytes, size_t align)
    /*@ ghost (struct run_ghost \ghost *g) */;

/* Makes the live block at off what heap_alloc would return for `bytes`, in place. HEAP_NO_ROOM,
 * and nothing changes, if it would have to move. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    HEAP_ASSIGNS
    HEAP_OK(ensures)
    ensures block:   \result == HEAP_OK ==> HEAP_SOUND(off) && bytes <= HEAP_BYTES(off);
    ensures room:    \result == HEAP_OK <==> \old(HEAP_BLOCK(off) && HeapRoom(*h, off, bytes));
    ensures misuse:  \old(HEAP_BLOCK(off)) <==> \result == HEAP_OK || \result == HEAP_NO_ROOM;
    ensures some:    \result == HEAP_OK || \result == HEAP_NO_ROOM || HEAP_FOREIGN <= \result < HEAP_VERDICTS;
    HEAP_VERDICT(off)
    HEAP_KEPT(off, \result == HEAP_OK) */
enum verdict heap_resize(struct heap *h, size_t off, size_t bytes) /*@ ghost (struct run_ghost \ghost *g) */;

/*@ requires mem:    \valid_read(h) && \valid(s);
    assigns *s;
    ensures active:  s->active <= SLOTS * PAGE; */
void heap_stats(const struct heap *h, struct heap_stats *s);

#endif
