/* space: where the heap of the process lies.
 *
 *       metadata: pieces of one array after the other              data
 *   heap [..]    [left...]    [right...]     ...   [tag...]     [ chunk | chunk | ... ]
 *
 * The arrays of a struct heap have room for its whole capacity; of each, only what
 * `chunks` chunks need is mapped, and only what the heap has grown to is committed. So
 * address space is taken for the data that fit, and for a fourteenth of that. A heap of which there are many
 * has a stretch of address space for all of it, and less room for data.
 */
#ifndef QED_SPACE_H
#define QED_SPACE_H

#include <errno.h>

#include "arena.h"

struct space {
    struct heap *heap;       /* NULL: there is none yet */
    struct regions *regions; /* of the heap */
    uintptr_t base;          /* the address of offset 0, below the data: no memory */
    uint32_t chunks;         /* of data, reserved behind FIRST_CHUNK */
};

/* Bytes of a stretch, a power of two: half of it or more are a struct heap. */
#ifndef __FRAMAC__ /* which does not compute that */
enum { LG_SPACE_STRETCH = 64 - __builtin_clzl(sizeof(struct heap) + CHUNK) };
#define SPACE_STRETCH ((size_t)1 << LG_SPACE_STRETCH)
#endif

/* Reserves as much as the system lets us, commits what heap_init writes. False, and nothing is
 * reserved, if not even one chunk is to be had. */
bool space_reserve(struct space *s);

/* The same in a stretch at `start`, which is mapped, a multiple of CHUNK. On failure it is as good as before. */
bool space_divide(struct space *s, uintptr_t start);

/* Commits chunks [from, to) of the data and their metadata; what is committed already stays as it is. */
/*@ requires mem:    \valid_read(s);
    requires range:  from <= to <= s->chunks;
    assigns errno; */
bool space_commit(const struct space *s, uint32_t from, uint32_t to);

#endif
