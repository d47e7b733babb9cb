/* client: lives the text of fuzz/ops.h on any allocator that has malloc's functions, and judges it by what
 * a program can see. To fuzz an allocator of your own:
 *
 *     static const struct allocator mine = {.malloc = my_malloc, .free = my_free, .realloc = my_realloc};
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
 *         my_reset();
 *         client_judge(&mine, input, size);
 *         return 0;
 *     }
 *
 * A request is a calloc if the operation's arena is odd (of 1 + lg % 4 elements, or of 2 to
 * the lg from 32 on), else an aligned_alloc if it has an alignment (up to 1 MiB), else a malloc; if the line says that
 * the alignment is one less, that is asked for, then the alignment of posix_memalign; r is realloc, c looks at all blocks, s is f; h, g and p
 * are not for strangers. Requests that would bring all blocks together above 16 MiB are left out, unless
 * no allocator may serve them.
 *
 *     Refused     more than PTRDIFF_MAX bytes, or a product that overflows, is had from nobody
 *     Aligned     as asked; else for any type that fits
 *     NoAlign     posix_memalign refuses what is no power of two, or less than a pointer's, by its code alone, and
 *                 aligned_alloc if it is strict
 *     Usable      the usable size is no less than what was asked, and stays the same
 *     NoOverlap   no byte belongs to two blocks
 *     Zero        what calloc gives reads as zero
 *     Contents    a block holds what was written, until it is freed, also if realloc fails
 *     Moved       what realloc returns holds what the old block held
 *     Again       when all is freed, the first request is served as at first
 */
#ifndef QED_CLIENT_H
#define QED_CLIENT_H

#include "fuzz/ops.h"

/* The functions under test. Only malloc and free must be there: the others may be NULL. */
struct allocator {
    void *(*malloc)(size_t bytes);
    void (*free)(void *p);
    void *(*realloc)(void *p, size_t bytes);
    void *(*calloc)(size_t count, size_t bytes);
    void *(*aligned_alloc)(size_t align, size_t bytes);
    size_t (*usable_size)(void *p); /* the program may write so far */
    int (*posix_memalign)(void **p, size_t align, size_t bytes);
    bool strict; /* aligned_alloc refuses alignments that are no power of two: older ones make one of them */
};

/* Lives the input. NULL if there is no objection, else the name of the check that failed, and in *line
 * which line it was; the blocks are then left as they are. */
const char *client_run(const struct allocator *a, const uint8_t *input, size_t size, size_t *line);

/* The same; prints an objection and aborts. */
void client_judge(const struct allocator *a, const uint8_t *input, size_t size);

#endif
