/* misuse: the family through pointers, so that no compiler sees, warns of or leaves out what is done. */
#ifndef QED_TEST_MISUSE_H
#define QED_TEST_MISUSE_H

#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/api/family.h"

enum { KIB = 1 << 10, MIB = 1 << 20 };

static const volatile struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*reallocarray)(void *, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    size_t (*usable_size)(void *);
    void (*free)(void *);
    void (*free_sized)(void *, size_t);
    void (*free_aligned_sized)(void *, size_t, size_t);
} call = {malloc, calloc,     realloc,           reallocarray, aligned_alloc, malloc_usable_size,
          free,   free_sized, free_aligned_sized};

#endif
