/* What C11, C23 and POSIX say about every argument of malloc and its family, and glibc where they say
 * nothing. errno is set by failures only. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "qedmalloc.h"
#include "shell.h"

#define EXPORT        __attribute__((visibility("default")))
#define ALWAYS_INLINE static inline __attribute__((always_inline))

_Static_assert(sizeof(size_t) == 8 && sizeof(void *) == 8, "the hosted heap is for 64-bit systems");
_Static_assert(SLOTS <= PTRDIFF_MAX / PAGE, "pointers into a block can be subtracted");

static bool is_power_of_two(size_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

__attribute__((noinline)) static void *no_memory(void) {
    errno = ENOMEM;
    return NULL;
}

/* *zero is left alone if the block is not known to read as zero. Inlined, so that the stack that memcheck shows has
 * the function that the program called. */
ALWAYS_INLINE void *allocate(size_t bytes, size_t align, bool *zero) {
    void *p;
    if (shell_alloc_at_hand(bytes, align, &p)) return p;
    p = shell_alloc_slowly(bytes, align, zero);
    return p != NULL ? p : no_memory();
}

ALWAYS_INLINE void *allocate_aligned(size_t bytes, size_t align) {
    if (is_power_of_two(align)) return allocate(bytes, align, NULL);
    errno = EINVAL;
    return NULL;
}

/* The product; SIZE_MAX, of which there is no block, if it overflows. */
static size_t product(size_t count, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? SIZE_MAX : bytes;
}

EXPORT void *malloc(size_t size) {
    return allocate(size, 1, NULL);
}

EXPORT void *calloc(size_t count, size_t size) {
    bool zero = false;
    size_t bytes = product(count, size);
    void *p = allocate(bytes, 1, &zero);
    if (p != NULL && !zero) memset(p, 0, bytes);
    return p;
}

static void *move(void *old, size_t usable, size_t size) {
    void *p = allocate(size, 1, NULL);
    if (p == NULL) return NULL;
    shell_move(p, old, usable < size ? usable : size);
    return p;
}

static void *resize(void *p, size_t size) {
    if (p == NULL) return allocate(size, 1, NULL);
    size_t usable;
    enum verdict v = size == 0 ? shell_free(p, "realloc") : shell_resize(p, size, &usable);
    if (v == HEAP_NO_ROOM) return move(p, usable, size);
    if (v == HEAP_OK) return size == 0 ? NULL : p;
    errno = EINVAL;
    return NULL;
}

/* Of size 0 frees the block and returns NULL, as glibc does. */
EXPORT void *realloc(void *p, size_t size) {
    return resize(p, size);
}

EXPORT void *reallocarray(void *p, size_t count, size_t size) {
    return resize(p, product(count, size));
}

EXPORT void free(void *p) {
    shell_free(p, "free");
}

EXPORT void free_sized(void *p, size_t size) {
    if (p != NULL) shell_free_sized(p, size, 1, "free_sized");
}

EXPORT void free_aligned_sized(void *p, size_t alignment, size_t size) {
    if (p != NULL) shell_free_sized(p, size, alignment, "free_aligned_sized");
}

EXPORT void *aligned_alloc(size_t alignment, size_t size) {
    return allocate_aligned(size, alignment);
}

EXPORT void *memalign(size_t alignment, size_t size) {
    return allocate_aligned(size, alignment);
}

EXPORT int posix_memalign(void **result, size_t alignment, size_t size) {
    if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0) return EINVAL;
    void *p = shell_alloc(size, alignment, NULL);
    if (p == NULL) return ENOMEM;
    *result = p;
    return 0;
}

EXPORT void *valloc(size_t size) {
    return allocate(size, os_page(), NULL);
}

EXPORT void *pvalloc(size_t size) {
    size_t page = os_page(), bytes;
    if (__builtin_add_overflow(size, page - 1, &bytes)) bytes = SIZE_MAX;
    return allocate(bytes & ~(page - 1), page, NULL);
}

EXPORT size_t malloc_usable_size(void *p) {
    return p == NULL ? 0 : shell_usable(p);
}

EXPORT int malloc_trim(size_t pad) {
    (void)pad;
    return shell_purge();
}
