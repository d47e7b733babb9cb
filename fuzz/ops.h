/* ops: a heap's life as text, and the oracle that judges every step of it.
 *
 * An input is lines of 8 bytes, of which the first is a header. Every byte string is one:
 * a letter not listed stands for one that is, a number is what its byte is above '0', modulo
 * what makes sense.
 *
 *   1234567\n                                      3abc=56\n
 *   |||||                                          |||||||
 *   ||||+ where the heap lies: pages above a chunk |||||||
 *   |||+- chunks that it may have                  ||||||+ arena, or see below
 *   ||+-- chunks that it has at first              |||||+- lg of the alignment
 *   |+--- arenas but one                           ||||+-- - = + to the size: one less, nothing, one more
 *   +---- ignored                                  |||+--- how many, of
 *                                                  ||+---- b bytes q quanta c class p pages k quarter chunks
 *                                                  ||      m downwards from SIZE_MAX  x lg  u usable size of the
 *                                                  ||      block  e the same with the free pages behind it
 *                                                  |+----- slot: the block
 *                                                  +------ operation
 *
 *   a  allocate into the slot, whose block, if any, is freed
 *   f  free      s  sized free: the right size if the arena is even, else size and alignment as given
 *   r  resize in place
 *   b  bulk allocate 20 times lg blocks into a group    d  free each how-many-th of a group
 *   h  hostile: free, resize and ask at an offset where no block starts: the size plus
 *      0 nothing, 1 the heap's start, 2 its end, 3 the slot's block, live or not
 *   g  grow by size chunks   p  purge how-many free runs, 0 all   c  count: statistics
 *
 * A request that fails is repeated after the heap has grown as heap_needs says, while the
 * header's limit allows.
 */
#ifndef QED_OPS_H
#define QED_OPS_H

#include "check.h"

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

enum { OP = 8 }; /* bytes of a line */

/* Lives the input. NULL if the oracle has no objection, else the name of its check that failed, and
 * in *line which line it was. The heap's invariant is checked after each line, or now and then if the
 * heap is large. */
const char *ops_run(const struct subject *s, const uint8_t *input, size_t size, size_t *line);

/* What failed and the lines up to it, on stderr; a line behind the last is the end, when all is freed. */
void ops_print(const char *broken, const uint8_t *input, size_t size, size_t line);

#endif
