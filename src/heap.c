#include "heap.h"

/* A block of `bytes`, a multiple of `align`. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    requires owner:  1 <= owner <= ARENAS;
    requires bytes:  1 <= bytes <= SMALL_MAX && Power(align) && align <= PAGE && bytes % align == 0;
    HEAP_ASSIGNS
    HEAP_OK(ensures)
    ensures block:   \result != 0 ==> HEAP_SOUND(\result) && bytes <= HEAP_BYTES(\result);
    ensures fresh:   !BlockAt(\old(h->pages.kind), h->pages.end, \old(h->regions.tags), \result);
    ensures aligned: \result != 0 ==> \result % align == 0;
    ensures none:    \result == 0 <==>
                     \old(SmallFull(h->pages, h->bins, owner, ClassOf(h->sizes, bytes)));
    HEAP_KEPT(\result, \result != 0) */
static size_t alloc_small(struct heap *h, uint32_t owner, uint32_t bytes)
/*@ ghost (struct run_ghost \ghost *g, size_t align) */ {
    uint32_t c = size_class(&h->sizes, bytes);
    size_t off = block_small(&h->pages, &h->regions, &h->bins, owner, c) /*@ ghost (g) */;
    /*@ ghost class_of_multiple(c, bytes, (uint32_t)align); */
    /*@ ghost if (off != 0) region_aligned(g->home[off / PAGE], c, off, (uint32_t)align); */
    return off;
}

/*@ ghost
  /@ requires mem:    \valid_read(h);
     requires off:    off < SLOTS * PAGE;
     requires align:  RequestOk(0, align);
     requires pages:  off % PAGE == 0 && (off / PAGE + h->pages.bias) % RequestPageAlign(align) == 0;
     assigns \nothing;
     ensures aligned: HEAP_ALIGNED(off, align); @/
  void pages_aligned(const struct heap *h, size_t off, size_t align) {
      if (align <= PAGE) {
          size_t in_page = PAGE / align, times = off / PAGE * in_page;
          /@ assert page:  PAGE == in_page * align; @/
          /@ assert times: off == times * align; @/
          /@ assert most:  times <= off; @/
          multiple((long long)off, (long long)times, (long long)align);
      }
  }
*/

size_t heap_alloc(struct heap *h, uint32_t a, size_t bytes,
                  size_t align) /*@ ghost (struct run_ghost \ghost *g) */ {
    if (request_exceeds(bytes, align)) return 0;
    struct request r = request_of(bytes, align);
    /*@ assert small: r.small != 0 ==> align <= PAGE; */
    /*@ assert pages: align > PAGE ==> r.align == align / PAGE; */
    if (r.small != 0) return alloc_small(h, a + 1, r.small) /*@ ghost (g, align) */;
    size_t off;
    if (request_is_large(r))
        off = block_large(&h->pages, a + 1, r.pages, r.align) /*@ ghost (&h->regions, &h->bins, g) */;
    else
        off = block_huge(&h->pages, r.pages, r.align) /*@ ghost (&h->regions, &h->bins, g) */;
    /*@ ghost if (off != 0) pages_aligned(h, off, align); */
    return off;
}

size_t heap_good_size(const struct heap *h, size_t bytes, size_t align) {
    if (request_exceeds(bytes, align)) return 0;
    struct request r = request_of(bytes, align);
    if (r.small != 0) return class_bytes(size_class(&h->sizes, r.small));
    return (request_is_large(r) ? r.pages : (size_t)whole_chunks(r.pages)) * PAGE;
}

uint32_t heap_class(const struct heap *h, size_t bytes, size_t align) {
    return size_class(&h->sizes, request_small(bytes, align));
}

enum verdict heap_verdict(const struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */ {
    return block_verdict(&h->pages, &h->regions, off) /*@ ghost (&h->bins, g) */;
}

size_t heap_usable(const struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */ {
    if (heap_verdict(h, off) /*@ ghost (g) */ != HEAP_OK) return 0;
    return block_bytes(&h->pages, &h->regions, off) /*@ ghost (&h->bins, g) */;
}

bool heap_is_zero(const struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost pages_facts(&h->pages, g); */
    /*@ ghost block_apart(&h->pages, &h->regions, &h->bins, off, g); */
    return !region_is_live(&h->regions, off) && run_dirty(&h->pages, (pageno)(off / PAGE)) == 0;
}

enum verdict heap_free(struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */ {
    enum verdict v = heap_verdict(h, off) /*@ ghost (g) */;
    if (v == HEAP_OK) block_free(&h->pages, &h->regions, &h->bins, off) /*@ ghost (g) */;
    return v;
}

/* Whether the address of off is a multiple of align, a power of two. */
/*@ requires mem:    \valid_read(h);
    requires off:    off < SLOTS * PAGE;
    requires align:  RequestAlign(align);
    assigns \nothing;
    ensures aligned: \result <==> HEAP_ALIGNED(off, align); */
static bool is_aligned(const struct heap *h, size_t off, size_t align) {
    if (align <= PAGE) return off % align == 0;
    return off % PAGE == 0 && !request_exceeds(0, align) &&
           run_misalignment(&h->pages, (pageno)(off / PAGE), (uint32_t)(align / PAGE)) == 0;
}

enum verdict heap_free_sized(struct heap *h, size_t off, size_t bytes, size_t align)
/*@ ghost (struct run_ghost \ghost *g) */ {
    enum verdict v = heap_verdict(h, off) /*@ ghost (g) */;
    if (v != HEAP_OK) return v;
    if (!is_aligned(h, off, align)) return HEAP_WRONG_ALIGN;
    size_t has = block_bytes(&h->pages, &h->regions, off) /*@ ghost (&h->bins, g) */;
    if (has != heap_good_size(h, bytes, align)) return HEAP_WRONG_SIZE;
    block_free(&h->pages, &h->regions, &h->bins, off) /*@ ghost (g) */;
    return HEAP_OK;
}

/* Whether the live block at off could be made one of `bytes` in place, and is now. */
/*@ HEAP_MEMORY HEAP_OK(requires)
    requires block:  HEAP_BLOCK(off);
    requires bytes:  bytes <= RequestMax;
    HEAP_ASSIGNS
    HEAP_OK(ensures)
    ensures room:    \result <==> \old(HeapRoom(*h, off, bytes));
    ensures block:   \result ==> HEAP_SOUND(off) && bytes <= HEAP_BYTES(off);
    HEAP_KEPT(off, \result) */
static bool resize_block(struct heap *h, size_t off, size_t bytes)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost pages_facts(&h->pages, g); */
    /*@ ghost block_apart(&h->pages, &h->regions, &h->bins, off, g); */
    struct request r = request_of(bytes, 1);
    if (region_is_live(&h->regions, off)) {
        return r.small != 0 && size_class(&h->sizes, r.small) == region_class(&h->regions, off);
    }
    if (r.small != 0) return false;
    if (h->pages.kind[off / PAGE] == RUN_HUGE)
        return !request_is_large(r) &&
               block_resize_huge(&h->pages, off, r.pages) /*@ ghost (&h->regions, &h->bins, g) */;
    return request_is_large(r) &&
           block_resize_large(&h->pages, off, r.pages) /*@ ghost (&h->regions, &h->bins, g) */;
}

enum verdict heap_resize(struct heap *h, size_t off, size_t bytes) /*@ ghost (struct run_ghost \ghost *g) */ {
    enum verdict v = heap_verdict(h, off) /*@ ghost (g) */;
    if (v != HEAP_OK) return v;
    if (request_exceeds(bytes, 1)) return HEAP_NO_ROOM;
    return resize_block(h, off, bytes) /*@ ghost (g) */ ? HEAP_OK : HEAP_NO_ROOM;
}
