/* What C11, C23 and POSIX say about every argument of malloc and its family, and glibc where they say
 * nothing. errno is set by failures only. */
#define _GNU_SOURCE
#include <errno.h>
#ifndef __FRAMAC__ /* which has contracts of its own for the family */
#include <malloc.h>
#include <stdlib.h>
#endif
#include <string.h>

#include "os.h"
#include "qedmalloc.h"
#include "shell.h"

#define EXPORT        __attribute__((visibility("default")))
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NEVER_INLINE  static __attribute__((noinline))

/* clang-format off */
/* A new block for whoever asks; errno says why not. */
#define FAMILY_NEW(bytes, align, code)                                \
    SHELL_WRITES                                                      \
    assigns errno;                                                    \
    ensures error:   errno == (\result != \null ? \old(errno) : (code)); \
    ensures most:    (bytes) > PTRDIFF_MAX ==> \result == \null;      \
    SHELL_NEW(\result, bytes, align)

/* As above, at a multiple of what may be no power of two. */
#define FAMILY_ALIGNED(bytes, align)                                  \
    SHELL_WRITES                                                      \
    assigns errno;                                                    \
    ensures kept:    \result != \null ==> errno == \old(errno) && PowerOfTwo(align); \
    ensures full:    \result == \null && PowerOfTwo(align) ==> errno == ENOMEM; \
    ensures power:   !PowerOfTwo(align) ==> \result == \null && errno == EINVAL; \
    ensures most:    (bytes) > PTRDIFF_MAX ==> \result == \null;      \
    SHELL_NEW(\result, bytes, align)

/* The block at p, with its contents, has `bytes` at \result; a block of no bytes is freed. If it cannot be had it stays as it
 * is. */
#define FAMILY_MOVED(bytes)                                           \
    ensures most:    (bytes) > PTRDIFF_MAX && (p == \null || \old(SHELL_MINE(p))) ==> \result == \null; \
    ensures same:    \result == \null && !(\old(SHELL_MINE(p)) && (bytes) == 0) ==> \
                     ShellKept(\old(g_moment), g_moment, \null, \null); \
    ensures block:   \result != \null && (p == \null || \old(SHELL_MINE(p))) ==> \
                     ShellSound(g_moment, (char *)\result, bytes, 1); \
    ensures valid:   \result != \null && (p == \null || \old(SHELL_MINE(p))) ==> \
                     \valid((char *)\result + (0 .. ShellBytes(g_moment, (char *)\result) - 1)); \
    ensures moved:   \result != \null && (p == \null || \old(SHELL_MINE(p))) && \result != p ==> \
                     !ShellBlock(\old(g_moment), (char *)\result) && (p == \null || !ShellBlock(g_moment, (char *)p)); \
    ensures copied:  \result != \null && \old(SHELL_MINE(p)) ==>      \
                     \forall integer i; 0 <= i < (bytes) && i < \old(ShellBytes(g_moment, (char *)p)) ==> \
                     ((char *)\result)[i] == \old(((char *)p)[i]);    \
    SHELL_KEPT(p, \result, o != p || (\result == \null && (bytes) != 0))

/* The same of any p; a pointer to no block is refused. */
#define FAMILY_RESIZED(bytes)                                         \
    SHELL_WRITES                                                      \
    assigns errno;                                                    \
    ensures kept:    \result != \null ==> errno == \old(errno);       \
    ensures full:    \result == \null && (p == \null || (\old(SHELL_MINE(p)) && (bytes) != 0)) ==> errno == ENOMEM; \
    ensures ended:   \old(SHELL_MINE(p)) && (bytes) == 0 ==>          \
                     \result == \null && errno == \old(errno) && !ShellBlock(g_moment, (char *)p); \
    ensures misuse:  \old(SHELL_NOBODYS(p) && !ShellShut(g_moment)) ==> \result == \null && errno == EINVAL; \
    ensures errors:  errno == \old(errno) || errno == ENOMEM || errno == EINVAL; \
    FAMILY_MOVED(bytes)
/* clang-format on */

/* Of these three WP has the prototypes alone, see "Assumed" in verify/README.md. */
/* The product; SIZE_MAX, of which there is no block, if it overflows. */
/*@ assigns \nothing;
    ensures value:   \result == (count * size <= SIZE_MAX ? count * size : SIZE_MAX); */
static size_t product(size_t count, size_t size);

/* shell_alloc_slowly for who does not want to know. */
/*@ requires align:  PowerOfTwo(align);
    SHELL_WRITES
    assigns \result \from g_moment, bytes, align;
    SHELL_NEW(\result, bytes, align) */
ALWAYS_INLINE void *slowly(size_t bytes, size_t align);

/*@ requires mem:    \valid((char *)p + (0 .. bytes - 1));
    assigns ((char *)p)[0 .. bytes - 1];
    ensures zero:    \forall integer i; 0 <= i < bytes ==> ((char *)p)[i] == 0; */
ALWAYS_INLINE void clear(void *p, size_t bytes);

#ifndef __FRAMAC__
_Static_assert(sizeof(size_t) == 8 && sizeof(void *) == 8, "the hosted heap is for 64-bit systems");
_Static_assert(SLOTS <= PTRDIFF_MAX / PAGE, "pointers into a block can be subtracted");
_Static_assert(QUANTUM % SHELL_ALIGN == 0 && SHELL_ALIGN % _Alignof(max_align_t) == 0,
               "blocks hold any object");

static size_t product(size_t count, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? SIZE_MAX : bytes;
}

ALWAYS_INLINE void *slowly(size_t bytes, size_t align) {
    return shell_alloc_slowly(bytes, align, NULL);
}

ALWAYS_INLINE void clear(void *p, size_t bytes) {
    memset(p, 0, bytes);
}
#endif

/*@ assigns \nothing;
    ensures power:   \result <==> PowerOfTwo(n); */
static bool is_power_of_two(size_t n) {
    /*@ ghost if (n != 0) power_by_bits(n); */
    return n != 0 && (n & (n - 1)) == 0;
}

/*@ assigns errno;
    assigns \result \from \nothing;
    ensures none:    \result == \null && errno == ENOMEM; */
NEVER_INLINE void *no_memory(void) {
    errno = ENOMEM;
    return NULL;
}

/* Inlined, so that the stack that memcheck shows has the function that the program called. */
/*@ requires align:  PowerOfTwo(align);
    assigns \result \from g_moment, bytes, align;
    FAMILY_NEW(bytes, align, ENOMEM) */
ALWAYS_INLINE void *allocate(size_t bytes, size_t align) {
    void *p;
    if (shell_alloc_at_hand(bytes, align, &p)) return p;
    p = slowly(bytes, align);
    return p != NULL ? p : no_memory();
}

/*@ assigns \result \from g_moment, bytes, align;
    FAMILY_ALIGNED(bytes, align) */
ALWAYS_INLINE void *allocate_aligned(size_t bytes, size_t align) {
    if (is_power_of_two(align)) return allocate(bytes, align);
    errno = EINVAL;
    return NULL;
}

/*@ assigns \result \from g_moment, size;
    FAMILY_NEW(size, 1, ENOMEM) */
EXPORT void *malloc(size_t size) {
    return allocate(size, 1);
}

/*@ assigns \result \from g_moment, count, size;
    FAMILY_NEW(count * size, 1, ENOMEM)
    ensures zero:    \result != \null ==> \forall integer i; 0 <= i < count * size ==> ((char *)\result)[i] == 0; */
EXPORT void *calloc(size_t count, size_t size) {
    bool zero = false;
    size_t bytes = product(count, size);
    void *p;
    if (!shell_alloc_at_hand(bytes, 1, &p)) {
        p = shell_alloc_slowly(bytes, 1, &zero);
        if (p == NULL) return no_memory();
    }
    if (!zero) clear(p, bytes);
    return p;
}

/* Gives the block another place. */
/*@ requires some:   p != \null && 0 < size;
    requires usable: SHELL_MINE(p) ==> usable == ShellBytes(g_moment, (char *)p);
    SHELL_WRITES
    assigns errno;
    assigns \result \from g_moment, p, usable, size;
    ensures errors:  errno == (\result != \null ? \old(errno) : ENOMEM);
    FAMILY_MOVED(size) */
static void *move(void *p, size_t usable, size_t size) {
    void *moved = allocate(size, 1);
    if (moved == NULL) return NULL;
    shell_move(moved, p, usable < size ? usable : size);
    return moved;
}

/*@ assigns \result \from g_moment, p, size;
    FAMILY_RESIZED(size) */
static void *resize(void *p, size_t size) {
    if (p == NULL) return allocate(size, 1);
    size_t usable;
    enum verdict v = size == 0 ? shell_free(p, "realloc") : shell_resize(p, size, &usable);
    if (v == HEAP_NO_ROOM) return usable < SIZE_MAX ? move(p, usable, size) : no_memory();
    if (v == HEAP_OK) return size == 0 ? NULL : p;
    errno = EINVAL;
    return NULL;
}

/* Of size 0 frees the block and returns NULL, as glibc does. */
/*@ assigns \result \from g_moment, p, size;
    FAMILY_RESIZED(size) */
EXPORT void *realloc(void *p, size_t size) {
    return resize(p, size);
}

/*@ assigns \result \from g_moment, p, count, size;
    FAMILY_RESIZED(count * size) */
EXPORT void *reallocarray(void *p, size_t count, size_t size) {
    return resize(p, product(count, size));
}

/* Ends the block, and no other; errno is left alone. */
/*@ SHELL_WRITES
    ensures freed:   p == \null || !ShellBlock(g_moment, (char *)p);
    SHELL_KEPT(p, p, o != p) */
EXPORT void free(void *p) {
    shell_free(p, "free");
}

/*@ SHELL_WRITES
    ensures freed:   \old(SHELL_MINE(p) && ShellAsked(g_moment, (char *)p) == size && ShellAlign(g_moment, (char *)p) == 1) ==>
                     !ShellBlock(g_moment, (char *)p);
    ensures same:    SHELL_MINE(p) ==> ShellKept(\old(g_moment), g_moment, \null, \null);
    SHELL_KEPT(p, p, o != p || ShellBlock(g_moment, (char *)p)) */
EXPORT void free_sized(void *p, size_t size) {
    if (p != NULL) shell_free_sized(p, size, 1, "free_sized");
}

/*@ SHELL_WRITES
    ensures freed:   \old(SHELL_MINE(p) && ShellAsked(g_moment, (char *)p) == size &&
                     ShellAlign(g_moment, (char *)p) == alignment) ==> !ShellBlock(g_moment, (char *)p);
    ensures same:    SHELL_MINE(p) ==> ShellKept(\old(g_moment), g_moment, \null, \null);
    SHELL_KEPT(p, p, o != p || ShellBlock(g_moment, (char *)p)) */
EXPORT void free_aligned_sized(void *p, size_t alignment, size_t size) {
    if (p != NULL) shell_free_sized(p, size, alignment, "free_aligned_sized");
}

/*@ assigns \result \from g_moment, alignment, size;
    FAMILY_ALIGNED(size, alignment) */
EXPORT void *aligned_alloc(size_t alignment, size_t size) {
    return allocate_aligned(size, alignment);
}

/*@ assigns \result \from g_moment, alignment, size;
    FAMILY_ALIGNED(size, alignment) */
EXPORT void *memalign(size_t alignment, size_t size) {
    return allocate_aligned(size, alignment);
}

/* errno is left alone, and *result unless a block is there. */
/*@ requires mem:    \valid(result);
    SHELL_WRITES
    assigns *result \from g_moment, alignment, size;
    ensures codes:   \result == 0 || \result == EINVAL || \result == ENOMEM;
    ensures invalid: \result == EINVAL <==> !PowerOfTwo(alignment) || alignment % sizeof(void *) != 0;
    ensures some:    \result == 0 ==> *result != \null;
    ensures same:    \result != 0 ==> *result == \old(*result);
    SHELL_NEW((\result == 0 ? *result : \null), size, alignment) */
EXPORT int posix_memalign(void **result, size_t alignment, size_t size) {
    if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0) return EINVAL;
    void *p;
    if (!shell_alloc_at_hand(size, alignment, &p)) p = slowly(size, alignment);
    if (p == NULL) return ENOMEM;
    *result = p;
    return 0;
}

/*@ assigns \result \from g_moment, size;
    FAMILY_NEW(size, OsPage, ENOMEM) */
EXPORT void *valloc(size_t size) {
    return allocate(size, os_page());
}

/* Whole pages. */
/*@ assigns \result \from g_moment, size;
    FAMILY_NEW((size + (OsPage - 1)) / OsPage * OsPage, OsPage, ENOMEM) */
EXPORT void *pvalloc(size_t size) {
    size_t page = os_page(), bytes = size <= SIZE_MAX - (page - 1) ? size + (page - 1) : SIZE_MAX;
    return allocate(bytes - bytes % page, page);
}

/* 0 also of a live block, if the thread is inside already. */
/*@ assigns \nothing;
    ensures bytes:   SHELL_MINE(p) ==> \result == ShellBytes(g_moment, (char *)p) || (\result == 0 && ShellShut(g_moment));
    ensures none:    p == \null || SHELL_NOBODYS(p) ==> \result == 0; */
EXPORT size_t malloc_usable_size(void *p) {
    return p == NULL ? 0 : shell_usable(p);
}

/*@ SHELL_WRITES
    ensures answer:  \result == 0 || \result == 1;
    SHELL_KEPT(\null, \null, o != \null) */
EXPORT int malloc_trim(size_t pad) {
    (void)pad;
    return shell_purge();
}
