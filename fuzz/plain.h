/* plain: memory that is handled without the sanitizer's interceptors, for a harness that spends most of its time
 * on copies of metadata and on contents of blocks.
 */
#ifndef QED_PLAIN_H
#define QED_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroes, of the system; exits if it has none. */
void *plain_map(size_t bytes);

/* The first bytes of what plain_map returned are zero again. */
void plain_clear(void *p, size_t bytes);

/* The two do not overlap. */
void plain_copy(void *to, const void *from, size_t bytes);

bool plain_is_same(const void *p, const void *q, size_t bytes);
bool plain_is_zero(const void *p, size_t bytes);

#endif
