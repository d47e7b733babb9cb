#include "edge.h"

enum { NUMBERS = 1 << 24 }; /* of pages that are told apart; larger alignments no heap has */

/*@ requires mem:    \valid(heap);
    assigns \nothing;
    ensures same:    \result == v; */
static enum qed_heap_verdict report(const struct qed_heap *heap, enum verdict v, char *pointer) {
    enum qed_heap_verdict verdict = (enum qed_heap_verdict)v;
    if (v != HEAP_OK) edge_misuse(heap, verdict, pointer);
    return verdict;
}

/* The number of the page of offset 0, modulo NUMBERS: enough for any alignment that a heap has. */
/*@ requires mem:    \valid(h);
    requires page:   (uintptr_t)h->data % PAGE == 0;
    assigns \nothing;
    ensures base:    0 <= (uintptr_t)h->data && Based((uintptr_t)h->data, \result); */
static uint32_t base_page(const struct qed_heap *h) {
    uintptr_t number = edge_address(h->data) / PAGE + (NUMBERS - FIRST_PAGE);
    /*@ assert by: BasedBy((uintptr_t)h->data, number % NUMBERS, number / NUMBERS - 1); */
    return (uint32_t)(number % NUMBERS);
}

/*@ ghost
  // What has one free run fits any size up to its own.
  /@ requires mem:    \valid(h) && h->data != \null && WholeChunkEnd(h->core.pages.end) && h->core.pages.end <= SLOTS;
     requires fits:   !NoneFits(h->core.pages.kind, h->core.pages.tree.length, h->core.pages.owner,
                                h->core.pages.end, h->core.pages.end - FIRST_PAGE);
     assigns \nothing;
     ensures fits:    \forall integer n; 0 <= n <= QedSize(*h) ==> QedFits(*h, 1, n); @/
  void empty_fits(const struct qed_heap *h) {
  }
*/

/* All `chunks` free, none ever used. */
/*@ requires mem:    \valid(h);
    requires chunks: 0 < chunks <= QED_HEAP_CHUNKS;
    requires data:   h->data != \null && (uintptr_t)h->data % PAGE == 0 &&
                     (uintptr_t)h->data + chunks * CHUNK <= UINTPTR_MAX;
    assigns h->core, h->live, h->peak;
    ensures heap:    QedHeap(*h);
    ensures empty:   QedEmpty(*h);
    ensures size:    QedSize(*h) == chunks * CHUNK; */
static void restart(struct qed_heap *h, uint32_t chunks) {
    /*@ ghost struct run_ghost g; */
    edge_erase(h);
    heap_init(&h->core, 1, base_page(h)) /*@ ghost (&g) */;
    heap_grow(&h->core, chunks) /*@ ghost (&g) */;
    /*@ assert placed: Placed(h->data, h->core.pages.bias, h->core.pages.end); */
    edge_begin(h, (size_t)chunks * CHUNK);
    h->live = 0;
    h->peak = 0;
    /*@ assert none: \forall char *p; !QedBlock(*h, p); */
    /*@ ghost empty_fits(h); */
}

bool qed_heap_init_sized(struct qed_heap *heap, size_t size, void *memory, size_t bytes,
                         const struct qed_heap_config *config) {
    uintptr_t address = edge_address(memory);
    size_t skip = (PAGE - address % PAGE) % PAGE;
    if (heap == NULL || size != QED_HEAP_SIZE || memory == NULL) return false;
    if (bytes > UINTPTR_MAX - address || bytes < skip + CHUNK) return false;
    size_t chunks = (bytes - skip) / CHUNK;
    if (chunks > QED_HEAP_CHUNKS) return false;
    if (config != NULL && (config->lock == NULL) != (config->unlock == NULL)) return false;
    heap->config.lock = config != NULL ? config->lock : NULL;
    heap->config.unlock = config != NULL ? config->unlock : NULL;
    heap->config.misuse = config != NULL ? config->misuse : NULL;
    heap->config.context = config != NULL ? config->context : NULL;
    heap->data = edge_above(memory, skip);
    restart(heap, (uint32_t)chunks);
    return true;
}

void qed_heap_reset(struct qed_heap *heap) {
    if (!edge_enter(heap)) return;
    edge_all_dead(heap);
    restart(heap, heap->core.pages.end / CHUNK_PAGES - FIRST_CHUNK);
    edge_unlock(heap);
}

/*@ ghost
  /@ requires power:  QedPower(n);
     assigns \nothing;
     ensures align:   RequestAlign(n); @/
  void power_aligns(size_t n) {
      if (n < 0x10000) {
          /@ assert low:  QedPower16(n); @/
          ;
      }
      /@ assert high: n < 0x10000 || n % 0x10000 == 0; @/
  }
*/

/*@ ghost
  // Blocks lie in the heap, and are whole quanta.
  /@ requires mem:    \valid(c) && \valid(g) && \separated(c, g, &classes);
     requires sound:  CoreSound(*c, *g);
     requires block:  BlockAt(c->pages.kind, c->pages.end, c->regions.tags, off);
     assigns \nothing;
     ensures block:   CoreBlock(*c, off);
     ensures whole:   BlockBytes(c->pages.tree.length, c->regions.tags, off) % QUANTUM == 0; @/
  void block_whole(const struct heap *c, size_t off, struct run_ghost \ghost *g) {
      block_apart(&c->pages, &c->regions, &c->bins, off, g);
      pages_facts(&c->pages, g);
      uint8_t tag = c->regions.tags.tag[off / QUANTUM - FIRST_PAGE * PAGE_QUANTA];
      if (tag != 0) class_facts((uint32_t)tag - 1);
  }

  // A block of the core is one of the heap; its address is aligned as the core's is; other blocks stay if the core's do.
  /@ requires mem:    \valid(h) && h->data != \null && p != \null;
     requires block:  CoreBlock(h->core, off) && At(*h, p, off);
     requires whole:  BlockBytes(h->core.pages.tree.length, h->core.regions.tags, off) % QUANTUM == 0;
     assigns \nothing;
     ensures sound:   QedSound(*h, p);
     ensures quantum: off % QUANTUM == 0; @/
  void block_sound(const struct qed_heap *h, size_t off, char *p) {
  }

  /@ requires range:  0 < n && Multiple(x, n);
     assigns \nothing;
     ensures none:    x % n == 0; @/
  void no_rest(uintptr_t x, size_t n) {
  }

  // An address so many bytes above that of a page is aligned if they are,
  /@ requires off:    FIRST_PAGE * PAGE <= off && address % PAGE == 0;
     requires align:  align <= PAGE && Power(align) && off % align == 0;
     assigns \nothing;
     ensures aligned: Multiple(address + off - FIRST_PAGE * PAGE, align); @/
  void bytes_aligned(uintptr_t address, size_t off, size_t align) {
      uintptr_t page = address / PAGE;
      size_t times = PAGE / align, m = off / align;
      /@ assert page:  PAGE == times * align; @/
      /@ assert off:   off == m * align; @/
      /@ assert times: Times(address + off - FIRST_PAGE * PAGE, (page - FIRST_PAGE) * times + m, align); @/
  }

  // and at a multiple of pages, by the number of its page.
  /@ requires base:   Based(address, bias);
     requires align:  PAGE < align <= RequestMax && QedPower(align);
     requires page:   page < SLOTS && (page + bias) % (align / PAGE) == 0;
     assigns \nothing;
     ensures aligned: Multiple(address + page * PAGE - FIRST_PAGE * PAGE, align); @/
  void pages_aligned(uintptr_t address, uint32_t bias, size_t page, size_t align) {
      unsigned long long all = 0x100000000, number = (unsigned long long)page + bias;
      unsigned long long times = all / align, m = number / (align / PAGE);
      /@ assert times: all == times * align; @/
      /@ assert pages: number == m * (align / PAGE) && align == align / PAGE * PAGE; @/
      /@ assert bytes: number * PAGE == m * align; @/
      /@ assert sum:   \forall integer k; (m + k * times) * align == m * align + k * all; @/
      /@ assert whole: \forall integer k; BasedBy(address, bias, k) ==>
             Times(address + page * PAGE - FIRST_PAGE * PAGE, m + k * times, align); @/
  }

  /@ requires placed: address % PAGE == 0 && Based(address, bias);
     requires align:  QedPower(align) && CoreAligned(bias, off, align);
     requires off:    FIRST_PAGE * PAGE <= off < SLOTS * PAGE && address + off <= UINTPTR_MAX + FIRST_PAGE * PAGE;
     assigns \nothing;
     ensures aligned: (address + off - FIRST_PAGE * PAGE) % align == 0; @/
  void block_aligned(uintptr_t address, uint32_t bias, size_t off, size_t align) {
      power_aligns(align);
      if (align <= PAGE) bytes_aligned(address, off, align);
      else pages_aligned(address, bias, off / PAGE, align);
      no_rest(address + (off - (size_t)FIRST_PAGE * PAGE), align);
  }

  // Other blocks stay if those of the core do.
  /@ requires data:   a.data != \null && a.data == b.data;
     requires kept:   CoreKept(a.core, b.core, off);
     assigns \nothing;
     ensures blocks:  \forall char *p; Offset(a, p, off) ==> QedKept(a, b, p, p);
     ensures fresh:   !BlockAt(a.core.pages.kind, a.core.pages.end, a.core.regions.tags, off) ==>
                      \forall char *p; At(a, p, off) ==> !QedBlock(a, p); @/
  void blocks_stay(struct qed_heap a, struct qed_heap b, size_t off) {
  }

  // What is inside a block of the core is inside one of the heap.
  /@ requires memory: h->core.pages.end <= SLOTS && \valid(h->data + (0 .. QedSize(*h) - 1)) && h->data != \null;
     assigns \nothing;
     ensures inside:  \forall char *p; QedIn(h->data, QedSize(*h), p) && Offset(*h, p, off) ==>
                      (QedInside(*h, p) <==> CoreInside(h->core, off)); @/
  void inside_too(const struct qed_heap *h, size_t off) {
      /@ assert into:   \forall char *p, integer b; QedIn(h->data, QedSize(*h), p) && Offset(*h, p, off) &&
                        BlockAt(h->core.pages.kind, h->core.pages.end, h->core.regions.tags, b) &&
                        b < off < b + BlockBytes(h->core.pages.tree.length, h->core.regions.tags, b) ==>
                        QedBehind(*h, p, off - b); @/
      /@ assert from:   \forall char *p, integer i; QedIn(h->data, QedSize(*h), p) && Offset(*h, p, off) &&
                        QedBehind(*h, p, i) ==> CoreInside(h->core, off); @/
  }
*/

/* A new block, or NULL. */
/*@ HEAP_OPEN
    requires align:  QedPower(align);
    assigns h->core, h->live, h->peak;
    assigns \result \from *h, align, bytes;
    ensures heap:    QedStays(\old(*h), *h);
    ensures none:    \result == \null <==> !QedFits(\old(*h), align, bytes);
    ensures quantum: (uintptr_t)\result % QUANTUM == 0;
    ensures aligned: (uintptr_t)\result % align == 0;
    ensures same:    \result == \null ==> *h == \old(*h);
    ensures block:   \result != \null ==> QedNew(\old(*h), *h, \result, bytes);
    ensures blocks:  QedKept(\old(*h), *h, \result, \result); */
static char *take(struct qed_heap *h, size_t align, size_t bytes) {
    /*@ ghost struct run_ghost g; core_ghost(&h->core, &g); */
    /*@ ghost struct qed_heap was = *h; */
    /*@ ghost power_aligns(align); */
    size_t off = heap_alloc(&h->core, 0, edge_asks(bytes), align) /*@ ghost (&g) */;
    if (off == 0) return NULL;
    size_t usable = heap_usable(&h->core, off) /*@ ghost (&g) */;
    edge_account(h, 0, usable);
    char *block = edge_above(h->data, off - (size_t)FIRST_PAGE * PAGE);
    /*@ ghost block_whole(&h->core, off, &g); */
    /*@ ghost block_sound(h, off, block); */
    /*@ ghost block_aligned((uintptr_t)h->data, h->core.pages.bias, off, align); */
    /*@ ghost blocks_stay(was, *h, off); */
    /*@ assert bytes: bytes <= QedBytes(*h, block); */
    edge_born(h, off, bytes, usable);
    return block;
}

void *qed_heap_aligned(struct qed_heap *heap, size_t align, size_t bytes) {
    if (!edge_is_power(align) || !edge_enter(heap)) return NULL;
    void *block = take(heap, align, bytes);
    edge_unlock(heap);
    return block;
}

void *qed_heap_alloc(struct qed_heap *heap, size_t bytes) {
    return qed_heap_aligned(heap, 1, bytes);
}

/*@ ghost
  // What is cleared or copied of a block is of it,
  /@ requires range:  n <= bytes && bytes % QUANTUM == 0;
     assigns \nothing;
     ensures fits:    0 <= WholeQuanta(n) <= bytes; @/
  void quanta_fit(size_t n, size_t bytes) {
  }

  // and of no block that was there before it.
  /@ requires new:    QedNew(a, b, p, n) && QedKept(a, b, p, p);
     requires fits:   WholeQuanta(n) <= QedBytes(b, p);
     assigns \nothing;
     ensures apart:   \forall char *o; QedBlock(a, o) ==>
                      \separated(o + (0 .. QedBytes(a, o) - 1), p + (0 .. WholeQuanta(n) - 1)); @/
  void new_apart(struct qed_heap a, struct qed_heap b, char *p, size_t n) {
      /@ assert kept: \forall char *o; QedBlock(a, o) ==> o != p && QedBlock(b, o) && QedBytes(b, o) == QedBytes(a, o); @/
  }
*/

/*@ assigns \nothing;
    ensures exceeds: \result <==> count * size > SIZE_MAX;
    ensures range:   0 <= count * size; */
static bool product_exceeds(size_t count, size_t size) {
    if (size == 0) return false;
    size_t most = SIZE_MAX / size;
    /*@ assert most: most * size <= SIZE_MAX < (most + 1) * size; */
    /*@ assert some: count <= most ==> count * size <= most * size; */
    /*@ assert more: count > most ==> (most + 1) * size <= count * size; */
    return count > most;
}

void *qed_heap_calloc(struct qed_heap *heap, size_t count, size_t size) {
    if (heap == NULL || product_exceeds(count, size)) return NULL;
    size_t bytes = count * size;
    /*@ ghost struct qed_heap was = *heap; */
    void *block = qed_heap_alloc(heap, bytes);
    if (block == NULL) return NULL;
    /*@ assert fits: WholeQuanta(bytes) <= QedBytes(*heap, (char *)block); */
    /*@ ghost new_apart(was, *heap, block, bytes); */
    edge_clear(block, bytes);
    /*@ assert others: \forall char *o, integer i; QedBlock(was, o) && 0 <= i < QedBytes(was, o) ==>
            o[i] == \at(o[i], Pre); */
    return block;
}

/* Resizes in place; what the program could use until then in *before. */
/*@ HEAP_OPEN
    requires mem:    \valid(before) && \separated(h, before);
    assigns h->core, h->live, h->peak, *before;
    ensures heap:    QedStays(\old(*h), *h);
    ensures same:    \result != HEAP_OK ==> *h == \old(*h);
    ensures was:     \forall char *p; Offset(\old(*h), p, off) ==>
                     (\result == HEAP_OK || \result == HEAP_NO_ROOM <==> QedBlock(\old(*h), p));
    ensures before:  \forall char *p; Offset(\old(*h), p, off) && QedBlock(\old(*h), p) ==> *before == QedBytes(\old(*h), p);
    ensures block:   \forall char *p; Offset(\old(*h), p, off) && QedBlock(\old(*h), p) ==> QedSound(*h, p);
    ensures bytes:   \forall char *p; Offset(\old(*h), p, off) && \result == HEAP_OK ==> bytes <= QedBytes(*h, p);
    ensures blocks:  \forall char *p; Offset(\old(*h), p, off) ==> QedKept(\old(*h), *h, p, p); */
static enum verdict resize(struct qed_heap *h, size_t off, size_t bytes, size_t *before) {
    /*@ ghost struct run_ghost g; core_ghost(&h->core, &g); */
    /*@ ghost struct qed_heap was = *h; */
    size_t old = heap_usable(&h->core, off) /*@ ghost (&g) */;
    *before = edge_usable(h, off, old);
    /*@ ghost if (old != 0) block_whole(&h->core, off, &g); */
    /*@ assert sound: \forall char *p; Offset(*h, p, off) && QedBlock(*h, p) ==> QedSound(*h, p); */
    enum verdict v = heap_resize(&h->core, off, edge_asks(bytes)) /*@ ghost (&g) */;
    if (v != HEAP_OK) return v;
    /*@ ghost block_whole(&h->core, off, &g); */
    size_t usable = heap_usable(&h->core, off) /*@ ghost (&g) */;
    edge_account(h, old, usable);
    /*@ ghost blocks_stay(was, *h, off); */
    edge_resized(h, off, *before, bytes, usable);
    return v;
}

/* Gives the live block another place, of `bytes`, and its contents. The block itself if it cannot and need not;
 * NULL if it cannot. */
/*@ QED_HEAP_GIVEN(heap)
    requires some:   heap != \null && pointer != \null && heap->data != \null;
    requires block:  QedBlock(*heap, (char *)pointer) && QedSound(*heap, (char *)pointer);
    requires before: before == QedBytes(*heap, (char *)pointer);
    assigns *heap, QedMemory(*heap)[0 .. QedSize(*heap) - 1];
    assigns \result \from heap, *heap, pointer, bytes;
    QED_HEAP_MOVED */
static void *move(struct qed_heap *heap, void *pointer, size_t bytes, size_t before) {
    /*@ ghost struct qed_heap was = *heap; */
    void *moved = qed_heap_alloc(heap, bytes);
    if (moved == NULL) return bytes <= before ? pointer : NULL;
    size_t n = bytes < before ? bytes : before;
    /*@ ghost quanta_fit(n, before); */
    /*@ assert fits: WholeQuanta(n) <= QedBytes(*heap, (char *)moved); */
    /*@ ghost new_apart(was, *heap, moved, n); */
    edge_copy(moved, pointer, n);
    qed_heap_free(heap, pointer);
    return moved;
}

void *qed_heap_realloc(struct qed_heap *heap, void *pointer, size_t bytes) {
    if (pointer == NULL) return qed_heap_alloc(heap, bytes);
    if (!edge_enter(heap)) return NULL;
    size_t before, off = edge_offset(heap->data, pointer) /*@ ghost (heap->core.pages.end) */;
    enum verdict v = resize(heap, off, bytes, &before);
    edge_unlock(heap);
    if (v == HEAP_OK) return pointer;
    if (v != HEAP_NO_ROOM) return report(heap, v, pointer), NULL;
    return move(heap, pointer, bytes, before);
}

/* Ends the live block at off. */
/*@ HEAP_OPEN
    requires memory: \valid(h->data + (0 .. QedSize(*h) - 1));
    assigns h->core, h->live, h->peak;
    ensures heap:    QedStays(\old(*h), *h);
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result <= HEAP_UNALLOCATED;
    ensures same:    \result != HEAP_OK ==> *h == \old(*h);
    ensures ok:      \forall char *p; Offset(\old(*h), p, off) ==> (\result == HEAP_OK <==> QedBlock(\old(*h), p));
    ensures foreign: \result == HEAP_FOREIGN <==> \old(!InHeap(h->core.pages.end, off));
    ensures unaligned: \result == HEAP_UNALIGNED <==> \old(InHeap(h->core.pages.end, off)) && off % QUANTUM != 0;
    ensures inside:  \forall char *p; \old(QedIn(h->data, QedSize(*h), p) && Offset(*h, p, off)) ==>
                     (\result == HEAP_INTERIOR <==> off % QUANTUM == 0 && \old(QedInside(*h, p)));
    ensures freed:   \forall char *p; Offset(\old(*h), p, off) ==> !QedBlock(*h, p);
    ensures blocks:  \forall char *p; Offset(\old(*h), p, off) ==> QedKept(\old(*h), *h, p, p); */
static enum verdict drop(struct qed_heap *h, size_t off) {
    /*@ ghost struct run_ghost g; core_ghost(&h->core, &g); */
    /*@ ghost struct qed_heap was = *h; */
    size_t before = heap_usable(&h->core, off) /*@ ghost (&g) */;
    /*@ ghost if (before != 0) block_whole(&h->core, off, &g); */
    /*@ ghost inside_too(h, off); */
    enum verdict v = heap_free(&h->core, off) /*@ ghost (&g) */;
    if (v != HEAP_OK) return v;
    edge_account(h, before, 0);
    /*@ ghost blocks_stay(was, *h, off); */
    edge_dead(h, off, before);
    return v;
}

enum qed_heap_verdict qed_heap_free(struct qed_heap *heap, void *pointer) {
    if (pointer == NULL) return QED_HEAP_OK;
    if (!edge_enter(heap)) return QED_HEAP_FOREIGN;
    size_t off = edge_offset(heap->data, pointer) /*@ ghost (heap->core.pages.end) */;
    enum verdict v = drop(heap, off);
    edge_unlock(heap);
    return report(heap, v, pointer);
}

/* What the program may use of the block at off; 0 if there is none. */
/*@ HEAP_OPEN
    assigns \nothing;
    ensures bytes:   \forall char *p; Offset(*h, p, off) && QedBlock(*h, p) ==>
                     \result == QedBytes(*h, p) && 0 < \result;
    ensures none:    \forall char *p; Offset(*h, p, off) && !QedBlock(*h, p) ==> \result == 0; */
static size_t usable(const struct qed_heap *h, size_t off) {
    /*@ ghost struct run_ghost g; core_ghost(&h->core, &g); */
    size_t bytes = heap_usable(&h->core, off) /*@ ghost (&g) */;
    /*@ ghost if (bytes != 0) block_whole(&h->core, off, &g); */
    return edge_usable(h, off, bytes);
}

size_t qed_heap_usable(const struct qed_heap *heap, const void *pointer) {
    if (!edge_enter(heap)) return 0;
    size_t bytes = usable(heap, edge_offset(heap->data, pointer) /*@ ghost (heap->core.pages.end) */);
    edge_unlock(heap);
    return bytes;
}
