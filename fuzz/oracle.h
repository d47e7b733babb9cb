/* oracle: lives the text of fuzz/ops.h on a heap, and judges every step of it.
 *
 * What a client can see for itself is judged for itself: a block lies in the heap, over no other,
 * aligned, is large enough, and holds what was written. All else is compared with the model.
 * Each check has a name, and tests/canary.c has a heap that it must object to.
 */
#ifndef QED_ORACLE_H
#define QED_ORACLE_H

#include "check.h"
#include "fuzz/ops.h"

/* The functions under test: the heap's own, or ones that are broken on purpose. */
struct subject {
    size_t (*alloc)(struct heap *h, uint32_t a, size_t bytes, size_t align);
    enum verdict (*free)(struct heap *h, size_t off);
    enum verdict (*free_sized)(struct heap *h, size_t off, size_t bytes, size_t align);
    enum verdict (*resize)(struct heap *h, size_t off, size_t bytes);
    enum verdict (*verdict)(const struct heap *h, size_t off);
    size_t (*usable)(const struct heap *h, size_t off);
    size_t (*good_size)(const struct heap *h, size_t bytes, size_t align);
    bool (*is_zero)(const struct heap *h, size_t off);
    uint32_t (*needs)(const struct heap *h, size_t bytes, size_t align);
    bool (*grow)(struct heap *h, uint32_t chunks);
    uint32_t (*dirty)(const struct heap *h, uint32_t from, uint32_t *page);
    void (*purged)(struct heap *h, uint32_t page, uint32_t n);
    void (*stats)(const struct heap *h, struct heap_stats *s);
    const char *(*check)(const struct heap *h);
};

extern const struct subject the_heap;

/* Lives the input. NULL if the oracle has no objection, else the name of its check that failed, and
 * in *line which line it was. The heap's invariant is checked after each line, or now and then if the
 * heap is large. */
const char *oracle_run(const struct subject *s, const uint8_t *input, size_t size, size_t *line);

/* In each life from now on the system refuses that one of the growths that requests ask for; 0: none. */
void oracle_refuse(uint32_t growth);

/* The same in steps: begins the life of fuzz/life.h with a header, lives a line, ends when all is freed. The
 * caller sees to the invariant. */
const char *oracle_begin(const struct subject *s, const uint8_t *line);
const char *oracle_line(const uint8_t *line);
const char *oracle_end(void);

#endif
