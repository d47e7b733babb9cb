/* model: what a heap must answer, worked out the slow way.
 *
 * Each page says what it is part of and each quantum which block covers it; there are no trees,
 * no counts to keep in step, no lists. Every question is a scan. As the heap's policy is
 * deterministic (lowest extent that is long enough, lowest run, lowest region), the model knows
 * the very offset of every block, and for every number the verdict on freeing it.
 *
 * fuzz/oracle.c asks it. It shares the preset and the table of
 * size classes with the heap, and nothing else.
 */
#ifndef QED_MODEL_H
#define QED_MODEL_H

#include "fuzz/ops.h"

enum { MODEL_PAGES = (FIRST_CHUNK + MOST_CHUNKS) * CHUNK_PAGES };

enum use { USE_FREE, USE_BIN, USE_LARGE, USE_HUGE };

struct model {
    uint32_t arenas, end, bias; /* as in struct heap and struct pages */
    struct {
        uint8_t use;    /* enum use */
        uint8_t state;  /* enum state */
        uint8_t class;  /* of a page in a bin run */
        uint16_t owner; /* the arena plus one; 0: its chunk is nobody's */
        uint32_t start; /* of the run that it is part of, unless it is free */
    } page[MODEL_PAGES];
    uint32_t full[MOST_ARENAS][BINS]; /* to save time: no run of the bin below that page has a free region */
    /* Which block covers it, by a number of the caller's; 0: none. */
    uint16_t block[(size_t)MODEL_PAGES * PAGE_QUANTA];
};

void model_init(struct model *m, uint32_t arenas, uint32_t base_page);

/* Adds chunks, no more in all than MOST_CHUNKS. */
void model_grow(struct model *m, uint32_t chunks);

/* The offset that heap_alloc must return. The block gets the caller's number. */
size_t model_alloc(struct model *m, uint32_t a, size_t bytes, size_t align, uint16_t number);

/* The chunks that must be added for a request that failed; 0: none would do. */
uint32_t model_needs(const struct model *m, size_t bytes, size_t align);

size_t model_good_size(size_t bytes, size_t align);
enum verdict model_verdict(const struct model *m, size_t off);

/* These need a live block at off. */
size_t model_usable(const struct model *m, size_t off);
bool model_is_zero(const struct model *m, size_t off); /* right after its allocation */
void model_free(struct model *m, size_t off);
enum verdict model_sized(const struct model *m, size_t off, size_t bytes, size_t align);
enum verdict model_resize(struct model *m, size_t off, size_t bytes);

/* The bytes by which a large or huge block at off can grow in place. */
size_t model_behind(const struct model *m, size_t off);

/* Whether no block but that of the number covers any of the bytes, which lie in the heap. */
bool model_is_clear(const struct model *m, size_t off, size_t bytes, uint16_t number);

/* As heap_dirty, heap_purged, heap_stats. */
uint32_t model_dirty(const struct model *m, uint32_t from, uint32_t *page);
void model_purged(struct model *m, uint32_t page, uint32_t n);
void model_stats(const struct model *m, struct heap_stats *s);

#endif
