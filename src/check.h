/* check: the heap's invariant, executable.
 *
 * Reads all metadata, trusting none of it, in O(pages log pages). For tests, fuzzers and
 * clients who suspect a stray write; the allocator itself never needs it.
 */
#ifndef QED_CHECK_H
#define QED_CHECK_H

#include "heap.h"

/* NULL if the invariant holds, else the name of its first broken conjunct ("RunSpan"). */
const char *heap_check(const struct heap *h);

#endif
