/* space: where the heap of the process lies.
 *
 *       metadata: pieces of one array after the other              data
 *   heap [..]    [left...]    [right...]     ...   [tag...]     [ chunk | chunk | ... ]
 *
 * The arrays of a struct heap have room for its whole capacity; of each, only what
 * `chunks` chunks need is mapped, and only what the heap has grown to is committed. So
 * address space is taken for the data that fit, and for a fourteenth of that.
 */
#ifndef QED_SPACE_H
#define QED_SPACE_H

#include "arena.h"

struct space {
    struct heap *heap;       /* NULL: there is none yet */
    struct regions *regions; /* of the heap */
    uintptr_t base;          /* the address of offset 0, below the data: no memory */
    uint32_t chunks;         /* of data, reserved behind FIRST_CHUNK */
};

/* That of the process. */
extern struct space space;

/* Reserves as much as the system lets us, commits what heap_init writes. False, and nothing is
 * reserved, if not even one chunk is to be had. */
bool space_reserve(struct space *s);

/* Commits chunks [from, to) of the data and their metadata; what is committed already stays as it is. */
bool space_commit(const struct space *s, uint32_t from, uint32_t to);

#endif
