#include "edge.h"

enum { NUMBERS = 1 << 24 }; /* of pages that are told apart; larger alignments no heap has */

/*@ requires mem:    \valid_read(heap);
    requires misuse: v == HEAP_OK || HEAP_FOREIGN <= v <= HEAP_UNALLOCATED;
    assigns \nothing;
    ensures same:    \result == v; */
static enum qed_heap_verdict report(const struct qed_heap *heap, enum verdict v, void *pointer) {
    enum qed_heap_verdict verdict = (enum qed_heap_verdict)v;
    if (v != HEAP_OK) edge_misuse(heap, verdict, pointer);
    return verdict;
}

/* The number of the page of offset 0, modulo NUMBERS: enough for any alignment that a heap has. */
/*@ requires mem:    \valid_read(h);
    requires page:   (uintptr_t)h->data % PAGE == 0;
    assigns \nothing;
    ensures placed:  Placed(h->data, \result); */
static uint32_t base_page(const struct qed_heap *h) {
    return (uint32_t)((edge_address(h->data) / PAGE + (NUMBERS - FIRST_PAGE)) % NUMBERS);
}

/* All `chunks` free, none ever used. */
/*@ requires mem:    \valid(h);
    requires data:   h->data != \null && (uintptr_t)h->data % PAGE == 0;
    requires chunks: 0 < chunks <= QED_HEAP_CHUNKS;
    assigns h->core, h->live, h->peak;
    ensures heap:    QedHeap(*h) && QedEmpty(*h);
    ensures size:    QedSize(*h) == chunks * CHUNK; */
static void restart(struct qed_heap *h, uint32_t chunks) {
    /*@ ghost struct run_ghost g; */
    edge_erase(h);
    heap_init(&h->core, 1, base_page(h)) /*@ ghost (&g) */;
    heap_grow(&h->core, chunks) /*@ ghost (&g) */;
    edge_begin(h, (size_t)chunks * CHUNK);
    h->live = 0;
    h->peak = 0;
}

/* The configuration is copied by its parts. */
/*@ requires mem:    \valid(h);
    requires config: config == \null || (\valid_read(config) && \separated(h, config));
    assigns h->config; */
static void configure(struct qed_heap *h, const struct qed_heap_config *config) {
    h->config.lock = config != NULL ? config->lock : NULL;
    h->config.unlock = config != NULL ? config->unlock : NULL;
    h->config.misuse = config != NULL ? config->misuse : NULL;
    h->config.context = config != NULL ? config->context : NULL;
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
    configure(heap, config);
    heap->data = (char *)memory + skip;
    restart(heap, (uint32_t)chunks);
    return true;
}

void qed_heap_reset(struct qed_heap *heap) {
    if (!edge_enter(heap)) return;
    edge_all_dead(heap);
    restart(heap, heap->core.pages.end / CHUNK_PAGES - FIRST_CHUNK);
    edge_unlock(heap);
}

/* A new block, or NULL. */
/*@ HEAP_OPEN
    requires align:  QedPower(align);
    assigns h->core, h->live, h->peak;
    assigns \result \from *h, align, bytes;
    ensures heap:    QedStays(\old(*h), *h);
    ensures none:    \result == \null <==> !QedFits(\old(*h), align, bytes);
    ensures aligned: (uintptr_t)\result % align == 0 && (uintptr_t)\result % QUANTUM == 0;
    ensures same:    \result == \null ==> *h == \old(*h);
    ensures block:   \result != \null ==> QedNew(\old(*h), *h, (char *)\result, bytes);
    ensures blocks:  QedKept(\old(*h), *h, (char *)\result, (char *)\result); */
static void *take(struct qed_heap *h, size_t align, size_t bytes) {
    /*@ ghost struct run_ghost g; */
    /*@ ghost core_ghost(&h->core, &g); */
    size_t off = heap_alloc(&h->core, 0, edge_asks(bytes), align) /*@ ghost (&g) */;
    if (off == 0) return NULL;
    size_t usable = heap_usable(&h->core, off) /*@ ghost (&g) */;
    edge_account(h, 0, usable);
    void *block = edge_block(h, off);
    edge_born(block, bytes, usable);
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

void *qed_heap_calloc(struct qed_heap *heap, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) return NULL;
    void *block = qed_heap_alloc(heap, count * size);
    if (block != NULL) edge_clear(block, count * size);
    return block;
}

/* Resizes in place; what the program could use until then in *before. */
/*@ HEAP_OPEN
    requires mem:    \valid(before) && \separated(h, before);
    assigns h->core, h->live, h->peak, *before;
    ensures heap:    QedStays(\old(*h), *h);
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result <= HEAP_UNALLOCATED || \result == HEAP_NO_ROOM;
    ensures was:     \result == HEAP_OK || \result == HEAP_NO_ROOM <==> QedBlock(\old(*h), (char *)pointer);
    ensures before:  QedBlock(\old(*h), (char *)pointer) ==> *before == QedBytes(\old(*h), (char *)pointer);
    ensures block:   \result == HEAP_OK ==> QedSound(*h, (char *)pointer) && bytes <= QedBytes(*h, (char *)pointer);
    ensures same:    \result != HEAP_OK ==> *h == \old(*h);
    ensures blocks:  QedKept(\old(*h), *h, (char *)pointer, (char *)pointer); */
static enum verdict resize(struct qed_heap *h, void *pointer, size_t bytes, size_t *before) {
    /*@ ghost struct run_ghost g; */
    /*@ ghost core_ghost(&h->core, &g); */
    size_t off = edge_offset(h, pointer);
    size_t old = heap_usable(&h->core, off) /*@ ghost (&g) */;
    *before = edge_usable(h, off, old);
    enum verdict v = heap_resize(&h->core, off, edge_asks(bytes)) /*@ ghost (&g) */;
    if (v != HEAP_OK) return v;
    size_t usable = heap_usable(&h->core, off) /*@ ghost (&g) */;
    edge_account(h, old, usable);
    edge_resized(pointer, *before, bytes, usable);
    return v;
}

void *qed_heap_realloc(struct qed_heap *heap, void *pointer, size_t bytes) {
    if (pointer == NULL) return qed_heap_alloc(heap, bytes);
    if (!edge_enter(heap)) return NULL;
    size_t before;
    enum verdict v = resize(heap, pointer, bytes, &before);
    edge_unlock(heap);
    if (v == HEAP_OK) return pointer;
    if (v != HEAP_NO_ROOM) return report(heap, v, pointer), NULL;
    void *moved = qed_heap_alloc(heap, bytes);
    if (moved == NULL) return bytes <= before ? pointer : NULL;
    edge_copy(moved, pointer, bytes < before ? bytes : before);
    qed_heap_free(heap, pointer);
    return moved;
}

/* Ends the live block at the pointer. */
/*@ HEAP_OPEN
    assigns h->core, h->live, h->peak;
    ensures heap:    QedStays(\old(*h), *h);
    ensures ok:      \result == HEAP_OK <==> QedBlock(\old(*h), (char *)pointer);
    ensures misuse:  \result == HEAP_OK || HEAP_FOREIGN <= \result <= HEAP_UNALLOCATED;
    ensures freed:   !QedBlock(*h, (char *)pointer);
    ensures same:    \result != HEAP_OK ==> *h == \old(*h);
    ensures blocks:  QedKept(\old(*h), *h, (char *)pointer, (char *)pointer); */
static enum verdict drop(struct qed_heap *h, void *pointer) {
    /*@ ghost struct run_ghost g; */
    /*@ ghost core_ghost(&h->core, &g); */
    size_t off = edge_offset(h, pointer), before = heap_usable(&h->core, off) /*@ ghost (&g) */;
    enum verdict v = heap_free(&h->core, off) /*@ ghost (&g) */;
    if (v != HEAP_OK) return v;
    edge_account(h, before, 0);
    edge_dead(pointer, before);
    return v;
}

enum qed_heap_verdict qed_heap_free(struct qed_heap *heap, void *pointer) {
    if (pointer == NULL) return QED_HEAP_OK;
    if (!edge_enter(heap)) return QED_HEAP_FOREIGN;
    enum verdict v = drop(heap, pointer);
    edge_unlock(heap);
    return report(heap, v, pointer);
}

/* What the program may use of the block at the pointer; 0 if there is none. */
/*@ HEAP_OPEN
    assigns \nothing;
    ensures bytes:   QedBlock(*h, (char *)pointer) ==> \result == QedBytes(*h, (char *)pointer) && 0 < \result;
    ensures none:    !QedBlock(*h, (char *)pointer) ==> \result == 0; */
static size_t usable(const struct qed_heap *h, const void *pointer) {
    /*@ ghost struct run_ghost g; */
    /*@ ghost core_ghost(&h->core, &g); */
    size_t off = edge_offset(h, pointer);
    return edge_usable(h, off, heap_usable(&h->core, off) /*@ ghost (&g) */);
}

size_t qed_heap_usable(const struct qed_heap *heap, const void *pointer) {
    if (!edge_enter(heap)) return 0;
    size_t bytes = usable(heap, pointer);
    edge_unlock(heap);
    return bytes;
}
