#include "inside.h"

#include "supply.h"

/* A function for each that the core has: what it wants and yields, and what the rest needs of it here. */

/*@ HOME_OK(requires)
    requires align:  RequestAlign(align);
    assigns HOME_HEAP;
    HOME_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END);
    ensures block:   \result != 0 ==> HOME_BLOCK(\result); */
static size_t take(struct home *h, size_t bytes, size_t align) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    const size_t off = heap_alloc(h->space.heap, 0, bytes, align) /*@ ghost (&g) */;
    /*@ ghost core_sound(h->space.heap, &g); */
    return off;
}

enum verdict inside_free(struct home *h, size_t off) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    const enum verdict v = heap_free(h->space.heap, off) /*@ ghost (&g) */;
    /*@ ghost core_sound(h->space.heap, &g); */
    return v;
}

enum verdict inside_free_sized(struct home *h, size_t off, size_t bytes, size_t align) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    const enum verdict v = heap_free_sized(h->space.heap, off, bytes, align) /*@ ghost (&g) */;
    /*@ ghost core_sound(h->space.heap, &g); */
    return v;
}

enum verdict inside_resize(struct home *h, size_t off, size_t bytes) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    const enum verdict v = heap_resize(h->space.heap, off, bytes) /*@ ghost (&g) */;
    /*@ ghost core_sound(h->space.heap, &g); */
    return v;
}

enum verdict inside_verdict(const struct home *h, size_t off) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    return heap_verdict(h->space.heap, off) /*@ ghost (&g) */;
}

size_t inside_usable(const struct home *h, size_t off) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    return heap_usable(h->space.heap, off) /*@ ghost (&g) */;
}

/*@ HOME_OK(requires)
    requires block:  HOME_BLOCK(off);
    assigns \nothing; */
static bool is_zero(const struct home *h, size_t off) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    return heap_is_zero(h->space.heap, off) /*@ ghost (&g) */;
}

/*@ ghost
  // A live block is in the heap, and only one of pages has more bytes than a region.
  /@ HEAP_MEMORY HEAP_OK(requires)
     requires block:  HEAP_BLOCK(off);
     assigns \nothing;
     ensures inside:  FIRST_PAGE * PAGE <= off && off + HEAP_BYTES(off) <= h->pages.end * PAGE;
     ensures small:   Small(h->regions.tags, off) ==> HEAP_BYTES(off) <= SMALL_MAX;
     ensures whole:   !Small(h->regions.tags, off) ==>
                      off % PAGE == 0 && HEAP_BYTES(off) == h->pages.tree.length[off / PAGE] * PAGE; @/
  void block_inside(const struct heap *h, size_t off, struct run_ghost \ghost *g) {
      pages_facts(&h->pages, g);
      block_apart(&h->pages, &h->regions, &h->bins, off, g);
      const uint8_t tag = h->regions.tags.tag[off / QUANTUM - FIRST_PAGE * PAGE_QUANTA];
      if (0 < tag && tag <= BINS) class_facts((uint32_t)tag - 1);
  }
*/

/*@ HOME_OK(requires)
    requires small:  RequestSmall(bytes, align) && RequestAlign(align);
    assigns \nothing;
    ensures class:   \result < BINS; */
static uint32_t class_of(const struct home *h, size_t bytes, size_t align) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    return heap_class(h->space.heap, bytes, align);
}

enum verdict inside_free_purged(struct home *h, size_t off, size_t bytes) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    const size_t usable = heap_usable(h->space.heap, off) /*@ ghost (&g) */;
    /*@ ghost if (usable != 0) block_inside(h->space.heap, off, &g); */
    const enum verdict v = heap_free(h->space.heap, off) /*@ ghost (&g) */;
    if (v == HEAP_OK && usable >= bytes)
        heap_purged(h->space.heap, (uint32_t)(off / PAGE), (uint32_t)(bytes / PAGE)) /*@ ghost (&g) */;
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    /*@ assert space: h->space == \at(h->space, Pre); */
    /*@ ghost core_sound(h->space.heap, &g); */
    return v;
}

/* The same with a cache in hand. */

/*@ HOME_OK(requires)
    HAND_OK(requires)
    requires class:  c < BINS;
    assigns HOME_HEAP, *k;
    HOME_OK(ensures)
    HAND_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END); */
static void fill_with(struct cache *k, struct home *h, uint32_t c) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    cache_fill(k, h->space.heap, 0, c) /*@ ghost (&g) */;
    /*@ ghost core_sound(h->space.heap, &g); */
}

/*@ HOME_OK(requires)
    HAND_OK(requires)
    assigns HOME_HEAP, *k;
    HOME_OK(ensures)
    HAND_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END); */
static bool empty(struct cache *k, struct home *h) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    bool any = cache_empty(k, h->space.heap) /*@ ghost (&g) */;
    /*@ ghost core_sound(h->space.heap, &g); */
    return any;
}

/*@ CACHE_HEAP_MEMORY
    CACHE_HEAP(requires)
    assigns k->top[1 .. BINS], k->off[0 .. CACHE_OFFS - 1], h->regions;
    CACHE_HEAP(ensures) */
static bool put(struct cache *k, struct heap *h, size_t off) /*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost struct tags t = h->regions.tags; */
    bool done = cache_free(k, &h->regions, off);
    /*@ ghost if (done) heap_stays(t, h, off, g); */
    return done;
}

/* Makes room for the block at off, if it is one, and puts it in. */
/*@ HOME_OK(requires)
    HAND_OK(requires)
    assigns HOME_HEAP, *k;
    HOME_OK(ensures)
    HAND_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END); */
static bool free_with(struct cache *k, struct home *h, size_t off) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    cache_make_room(k, h->space.heap, off) /*@ ghost (&g) */;
    /*@ assert space: h->space == \at(h->space, Pre); */
    bool done = put(k, h->space.heap, off) /*@ ghost (&g) */;
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    /*@ assert space: h->space == \at(h->space, Pre); */
    /*@ ghost core_sound(h->space.heap, &g); */
    /*@ ghost cache_sound(k, &h->space.heap->regions); */
    return done;
}

/* The cache had no block of that class: it gets some. */
/*@ HOME_OK(requires)
    requires align:  RequestAlign(align);
    assigns HOME_HEAP, HAND_ASSIGNS;
    HOME_OK(ensures)
    ensures end:     HOME_END == \old(HOME_END); */
static void fill(struct home *h, size_t bytes, size_t align) {
    if (!request_is_small(bytes, align) || h != hand_home()) return;
    struct cache *k = hand_pick_up(h);
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    if (k == NULL) return;
    fill_with(k, h, class_of(h, bytes, align));
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    hand_put_down() /*@ ghost (k, h) */;
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
}

bool inside_empty_cache(struct home *h) {
    struct cache *k = hand_pick_up(h);
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    if (k == NULL) return false;
    bool any = empty(k, h);
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    hand_put_down() /*@ ghost (k, h) */;
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    return any;
}

bool inside_free_to_cache(struct home *h, size_t off) {
    struct cache *k = hand_pick_up(h);
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    if (k == NULL) return false;
    bool done = free_with(k, h, off);
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    hand_put_down() /*@ ghost (k, h) */;
    /*@ assert end:   HOME_END == \at(HOME_END, Pre); */
    return done;
}

/* A block, for which the heap may grow if all is granted. */
/*@ HOME_OK(requires)
    requires align:  RequestAlign(align);
    assigns HOME_ASSIGNS, HAND_ASSIGNS;
    HOME_OK(ensures)
    ensures block:   \result != 0 ==> HOME_BLOCK(\result); */
static size_t alloc_or_grow(struct home *h, enum grant grant, size_t asks, size_t align) {
    size_t off;
    bool emptied = false; /* once: whoever the system lets in meanwhile may fill it again */
    /*@ HOME_OK(loop invariant)
        loop assigns off, emptied, HOME_ASSIGNS, HAND_ASSIGNS;
        loop variant 2 * (SLOTS - HOME_END) + (emptied ? 0 : 1); */
    while ((off = take(h, asks, align)) == 0 && grant == GRANT_ALL) {
        if (supply_grow(h, asks, align)) continue;
        if (emptied || !inside_empty_cache(h)) break;
        emptied = true;
    }
    return off;
}

size_t inside_alloc(struct home *h, enum grant grant, size_t asks, size_t align, bool *zero) {
    const size_t off = alloc_or_grow(h, grant, asks, align);
    if (off == 0) return 0;
    if (*zero) *zero = is_zero(h, off);
    home_count(h);
    fill(h, asks, align);
    return off;
}
