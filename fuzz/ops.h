/* ops: a heap's life as text.
 *
 * An input is lines of 8 bytes, of which the first is a header. Every byte string is one:
 * a letter not listed stands for one that is, a number is what its byte is above '0', modulo
 * what makes sense.
 *
 *   1234567\n                                      3abc=56\n
 *   ||||||                                         ||||||||
 *   |||||+ 1: all is lived again                   |||||||+ - the alignment is one less, 0 or most often no power of
 *   ||||+- where the heap lies: pages above a chunk|||||||    two, of a heap that may be asked so (embedded, client)
 *   |||+-- chunks that it may have                 ||||||+ arena, or see below
 *   ||+--- chunks that it has at first             |||||+- lg of the alignment
 *   |+---- arenas but one                          ||||+-- - = + to the size: one less, nothing, one more
 *   +----- ignored                                 |||+--- how many, of
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

#include "heap.h"

enum {
    OP = 8, /* bytes of a line */
    MOST_ARENAS = ARENAS < 8 ? ARENAS : 8,
    MOST_CHUNKS = HEAP_CHUNKS - FIRST_CHUNK < 24 ? HEAP_CHUNKS - FIRST_CHUNK : 24, /* of any heap here */
    SINGLES = 256, /* slots of one block each */
    GROUPS = 16,
    GROUP = 320, /* slots of a group */
    BLOCKS = SINGLES + GROUPS * GROUP,
};

/* The first line, understood. */
struct start {
    uint32_t arenas, chunks, limit, bias;
    bool again;
};

/* A line, understood. */
struct op {
    char what;
    uint32_t slot, n, arena, lg;
    size_t bytes, align;
    size_t any; /* align, or one less */
};

static inline bool is_power(size_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

/* What a line may refer to: the usable bytes of its slot's block, alone and with the free pages behind it. */
struct reach {
    size_t usable, end;
};

/* What an input that is too short for a header is taken for: the empty life, in which an engine finds code, too. */
extern const uint8_t ops_none[OP];

/* Understands a line. */
struct start start_parse(const uint8_t *line);
struct op op_parse(const uint8_t *line, struct reach r);

/* What failed and the lines up to it, on stderr; a line behind the last is the end, when all is freed. */
void ops_print(const char *broken, const uint8_t *input, size_t size, size_t line);

#endif
