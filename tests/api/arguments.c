/* Every function of the malloc family over a table of hostile arguments: what C11, C23 and POSIX
 * say about the result, errno and *memptr, and what the man page says where they say nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "tests/api/family.h"
#include "tests/test.h"

/* Called through these, so that the compiler cannot reason about them by name. */
static void *(*volatile do_malloc)(size_t) = malloc;
static void *(*volatile do_calloc)(size_t, size_t) = calloc;
static void *(*volatile do_realloc)(void *, size_t) = realloc;
static void *(*volatile do_reallocarray)(void *, size_t, size_t) = reallocarray;
static void *(*volatile do_aligned_alloc)(size_t, size_t) = aligned_alloc;
static void *(*volatile do_memalign)(size_t, size_t) = memalign;
static int (*volatile do_posix_memalign)(void **, size_t, size_t) = posix_memalign;
static void *(*volatile do_valloc)(size_t) = valloc;
static void *(*volatile do_pvalloc)(size_t) = pvalloc;
static void (*volatile do_free)(void *) = free;

enum { KEPT = 12345, MIB = 1 << 20 }; /* an errno that nobody sets */

static const size_t served[] = {0,     1,      8,           15,      16,          17,
                                100,   4095,   4096,        4097,    32767,       32768,
                                32769, 100000, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 9 * MIB};
static const size_t refused[] = {(size_t)1 << 40,         (size_t)1 << 47,  PTRDIFF_MAX - 1, PTRDIFF_MAX,
                                 (size_t)PTRDIFF_MAX + 1, SIZE_MAX / 2 + 2, SIZE_MAX - 4096, SIZE_MAX - 4095,
                                 SIZE_MAX - 16,           SIZE_MAX - 1,     SIZE_MAX};
static const size_t powers[] = {1, 2, 4, 8, 16, 32, 512, 4096, 8192, 65536, 4 * MIB, 8 * MIB, 64 * MIB};
static const size_t giant_powers[] = {(size_t)1 << 40, (size_t)1 << 62, (size_t)1 << 63};
static const size_t no_powers[] = {0, 3, 5, 6, 7, 9, 24, 4095, 4097, (size_t)1 << 40 | 8, SIZE_MAX};

#define EACH(x, table) \
    (size_t x##_at = 0, x; x##_at < sizeof table / sizeof *table && (x = table[x##_at], 1); x##_at++)

static bool is_zero(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != 0) return false;
    }
    return true;
}

/* A good block: all of it is the program's to write. Frees it. */
static void check_block(void *p, size_t size, size_t align) {
    CHECK(errno == KEPT);
    CHECK(p != NULL);
    CHECK((uintptr_t)p % align == 0);
    CHECK(malloc_usable_size(p) >= size);
    memset(p, 0xA5, malloc_usable_size(p));
    do_free(p);
    CHECK(errno == KEPT);
}

static void check_refused(const void *p, int error) {
    CHECK(p == NULL);
    CHECK(errno == error);
    errno = KEPT;
}

static void sizes(void) {
    for
        EACH(size, served) {
            check_block(do_malloc(size), size, 16);
            check_block(do_realloc(NULL, size), size, 16);
            check_block(do_reallocarray(NULL, 1, size), size, 16);
            check_block(do_valloc(size), size, 4096);
            check_block(do_pvalloc(size), (size + 4095) / 4096 * 4096, 4096);
            unsigned char *p = do_calloc(1, size);
            CHECK(p != NULL && is_zero(p, size));
            check_block(p, size, 16);
        }
    for
        EACH(size, refused) {
            check_refused(do_malloc(size), ENOMEM);
            check_refused(do_realloc(NULL, size), ENOMEM);
            check_refused(do_reallocarray(NULL, 1, size), ENOMEM);
            check_refused(do_valloc(size), ENOMEM);
            check_refused(do_pvalloc(size), ENOMEM);
            check_refused(do_calloc(1, size), ENOMEM);
            check_refused(do_calloc(size, 1), ENOMEM);
        }
}

static void zero_sized_blocks_differ(void) {
    void *a = do_malloc(0), *b = do_malloc(0), *c = do_calloc(0, SIZE_MAX), *d = do_calloc(SIZE_MAX, 0);
    CHECK(a != NULL && b != NULL && c != NULL && d != NULL);
    CHECK(a != b && c != d && a != c);
    do_free(a), do_free(b), do_free(c), do_free(d);
}

static void products(void) {
    static const size_t factors[][2] = {{SIZE_MAX, 2},
                                        {2, SIZE_MAX},
                                        {SIZE_MAX / 2 + 1, 2},
                                        {(size_t)1 << 32, (size_t)1 << 32},
                                        {((size_t)1 << 32) + 1, (size_t)1 << 32},
                                        {SIZE_MAX / 16 + 2, 16},
                                        {SIZE_MAX, SIZE_MAX}};
    unsigned char *p = do_malloc(100);
    memset(p, 7, 100);
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        check_refused(do_calloc(factors[i][0], factors[i][1]), ENOMEM);
        check_refused(do_reallocarray(NULL, factors[i][0], factors[i][1]), ENOMEM);
        check_refused(do_reallocarray(p, factors[i][0], factors[i][1]), ENOMEM);
    }
    for (size_t i = 0; i < 100; i++) CHECK(p[i] == 7);
    p = do_reallocarray(p, 40, 50);
    CHECK(p != NULL && p[99] == 7 && malloc_usable_size(p) >= 2000);
    check_block(p, 2000, 16);
}

static void alignments(void) {
    for
        EACH(align, powers) {
        for
            EACH(size, served) {
                if (align > 65536 && size > 100) continue; /* it would only be slow */
                void *p = &p;
                check_block(do_aligned_alloc(align, size), size, align);
                check_block(do_memalign(align, size), size, align);
                if (align >= sizeof(void *)) {
                    CHECK(do_posix_memalign(&p, align, size) == 0);
                    check_block(p, size, align);
                } else {
                    CHECK(do_posix_memalign(&p, align, size) == EINVAL && p == &p && errno == KEPT);
                }
            }
        for
            EACH(size, refused) {
                void *p = &p;
                check_refused(do_aligned_alloc(align, size), ENOMEM);
                check_refused(do_memalign(align, size), ENOMEM);
                CHECK(do_posix_memalign(&p, align < 8 ? 8 : align, size) == ENOMEM && p == &p &&
                      errno == KEPT);
            }
        }
    for
        EACH(align, giant_powers) {
            void *p = &p;
            check_refused(do_aligned_alloc(align, 1), ENOMEM);
            check_refused(do_memalign(align, 0), ENOMEM);
            CHECK(do_posix_memalign(&p, align, 1) == ENOMEM && p == &p && errno == KEPT);
            CHECK(do_posix_memalign(&p, align, SIZE_MAX) == ENOMEM && p == &p && errno == KEPT);
        }
    for
        EACH(align, no_powers) {
        for
            EACH(size, served) {
                void *p = &p;
                check_refused(do_aligned_alloc(align, size), EINVAL);
                check_refused(do_memalign(align, size), EINVAL);
                CHECK(do_posix_memalign(&p, align, size) == EINVAL && p == &p && errno == KEPT);
            }
        void *p = &p;
        check_refused(do_aligned_alloc(align, SIZE_MAX), EINVAL);
        CHECK(do_posix_memalign(&p, align, SIZE_MAX) == EINVAL && p == &p && errno == KEPT);
        }
}

/* From every size to every size: the contents come along, a refusal leaves the block. */
static void resizes(void) {
    for
        EACH(old, served) {
        for
            EACH(new, served) {
                if (new == 0) continue;
                unsigned char *p = do_malloc(old);
                for (size_t i = 0; i < old; i++) p[i] = (unsigned char)(i * 31 + 1);
            for
                EACH(giant, refused) check_refused(do_realloc(p, giant), ENOMEM);
            p = do_realloc(p, new);
            CHECK(p != NULL && malloc_usable_size(p) >= new);
            for (size_t i = 0; i < old && i < new; i++) CHECK(p[i] == (unsigned char)(i * 31 + 1));
            check_block(p, new, 16);
            }
        }
    CHECK(qed_check() == NULL);
}

static unsigned told;
static const char *told_verdict;
static void *told_pointer;

static void tell(const char *verdict, void *pointer) {
    do_free(do_malloc(100)); /* allowed here */
    told++;
    told_verdict = verdict;
    told_pointer = pointer;
}

static bool was_told(const char *verdict, const void *pointer) {
    bool right = told == 1 && strcmp(told_verdict, verdict) == 0 && told_pointer == pointer;
    told = 0;
    return right && errno == KEPT;
}

static void realloc_to_nothing(void) {
    qed_set_misuse_hook(tell);
    for
        EACH(size, served) {
            void *p = do_malloc(size);
            CHECK(do_realloc(p, 0) == NULL && errno == KEPT);
            CHECK(malloc_usable_size(p) == 0 && told == 1);
            told = 0;
            p = do_malloc(size);
            CHECK(do_reallocarray(p, SIZE_MAX, 0) == NULL && errno == KEPT);
            CHECK(malloc_usable_size(p) == 0 && told == 1);
            told = 0;
        }
    check_block(do_realloc(NULL, 0), 0, 16);
    CHECK(qed_set_misuse_hook(NULL) == tell);
}

/* Every function that takes a block tells the hook once, and has done nothing if that returns. */
static void misuse(void) {
    static char outside[64];
    CHECK(qed_set_misuse_hook(tell) == NULL);
    char *p = do_malloc(64);
    memset(p, 1, 64);
    do_free(p + 16);
    CHECK(was_told("interior", p + 16));
    do_free(p + 1);
    CHECK(was_told("unaligned", p + 1));
    do_free(outside);
    CHECK(was_told("foreign", outside));
    do_free((void *)(uintptr_t)16);
    CHECK(was_told("foreign", (void *)(uintptr_t)16));
    do_free((void *)UINTPTR_MAX);
    CHECK(was_told("foreign", (void *)UINTPTR_MAX));
    CHECK(malloc_usable_size(p + 16) == 0);
    CHECK(was_told("interior", p + 16));

    CHECK(do_realloc(p + 16, 100) == NULL && errno == EINVAL);
    errno = KEPT;
    CHECK(was_told("interior", p + 16));
    CHECK(do_realloc(p + 16, 0) == NULL && errno == EINVAL);
    errno = KEPT;
    CHECK(was_told("interior", p + 16));
    CHECK(do_reallocarray(outside, 2, 8) == NULL && errno == EINVAL);
    errno = KEPT;
    CHECK(was_told("foreign", outside));

    free_sized(p, 65);
    CHECK(was_told("wrong-size", p));
    free_sized(p, 48);
    CHECK(was_told("wrong-size", p));
    free_sized(p, 0);
    CHECK(was_told("wrong-size", p));
    free_sized(p, SIZE_MAX);
    CHECK(was_told("wrong-size", p));
    free_sized(p + 16, 64);
    CHECK(was_told("interior", p + 16));
    free_aligned_sized(p, 0, 64);
    CHECK(was_told("wrong-align", p));
    free_aligned_sized(p, 3, 64);
    CHECK(was_told("wrong-align", p));
    free_aligned_sized(p, (size_t)1 << 63, 64);
    CHECK(was_told("wrong-align", p));
    free_aligned_sized(p + 16, 0, 64);
    CHECK(was_told("interior", p + 16));
    free_aligned_sized(p, 16, SIZE_MAX);
    CHECK(was_told("wrong-size", p));

    for (int i = 0; i < 64; i++) CHECK(p[i] == 1);
    do_free(p);
    CHECK(told == 0);
    do_free(p);
    CHECK(was_told("double-free", p));
    CHECK(qed_check() == NULL);
    CHECK(qed_set_misuse_hook(NULL) == tell);
}

/* A free that names what it frees. */
static void sized_frees(void) {
    for
        EACH(size, served) {
            free_sized(do_malloc(size), size);
            free_sized(do_calloc(1, size), size);
            if (size > 0) free_sized(do_realloc(do_malloc(50), size), size);
        for
            EACH(align, powers) {
                if (align > 65536) continue;
                free_aligned_sized(do_aligned_alloc(align, size), align, size);
            for
                EACH(new, served) {
                    if (new > 0) free_sized(do_realloc(do_aligned_alloc(align, size), new), new);
                }
            }
        }
    free_sized(NULL, SIZE_MAX);
    free_aligned_sized(NULL, 3, 1);
    CHECK(errno == KEPT);
}

static void null(void) {
    do_free(NULL);
    CHECK(malloc_usable_size(NULL) == 0);
    CHECK(errno == KEPT);
}

/* What was freed with other contents comes back as zeroes. */
static void zeroes(void) {
    for
        EACH(size, served) {
            for (int purged = 0; purged < 2; purged++) {
                unsigned char *p = do_malloc(size);
                memset(p, 0xFF, malloc_usable_size(p));
                do_free(p);
                if (purged) malloc_trim(0);
                p = do_calloc(size, 1);
                CHECK(is_zero(p, size));
                do_free(p);
            }
        }
}

int main(void) {
    errno = KEPT;
    null();
    sizes();
    zero_sized_blocks_differ();
    products();
    alignments();
    resizes();
    realloc_to_nothing();
    misuse();
    sized_frees();
    zeroes();
    CHECK(errno == KEPT);
    CHECK(qed_check() == NULL);
    return 0;
}
