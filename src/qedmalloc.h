/* qedmalloc: what the library offers besides malloc and its family.
 *
 * None of these functions allocates; all may be called from any thread.
 */
#ifndef QEDMALLOC_H
#define QEDMALLOC_H

#include <stddef.h>

#define QED_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* The version of the library that runs: QED_VERSION of its build. */
const char *qed_version(void);

/* NULL if the allocator's metadata is consistent, else the name of what is broken first ("RunSpan"):
 * something wrote where no block is. Reads all metadata and takes as long. */
const char *qed_check(void);

/* Writes statistics into buffer, cut off after size - 1 bytes and ended by a zero unless size is 0, as
 * text for people or as one JSON object. Returns the length of the whole, as snprintf does. */
size_t qed_stats(char *buffer, size_t size);
size_t qed_stats_json(char *buffer, size_t size);

/* Told of every call that gives a pointer which is no block's, or not such a block's: the verdict's
 * name ("double-free") and the pointer. If it returns, the call has done nothing: free returns,
 * realloc returns NULL with EINVAL, malloc_usable_size returns 0. The hook may allocate and free. */
typedef void qed_misuse_hook(const char *verdict, void *pointer);

/* Sets the hook; NULL is one line on standard error and abort(). Returns the hook until now. */
qed_misuse_hook *qed_set_misuse_hook(qed_misuse_hook *hook);

/* C23: frees a block from malloc, calloc or realloc that was asked for with `size`, or from
 * aligned_alloc(alignment, size). Of another size or alignment is misuse. */
void free_sized(void *pointer, size_t size);
void free_aligned_sized(void *pointer, size_t alignment, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
