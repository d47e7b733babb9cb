/* What an allocator could not do less than: a list of free blocks for each power of two, per thread, from which
 * the youngest is taken. It checks nothing, gives nothing back, and what one thread frees no other one finds:
 * its times are those of the benchmark itself, its memory says nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define PUBLIC __attribute__((visibility("default")))

/* Stands before each block, and is all of a free one. */
struct block {
    struct block *next;
    unsigned lg;       /* of its bytes, with this */
    unsigned distance; /* from its start to this: not 0 if it is aligned */
};

enum { LARGEST = 47, PIECE = 1 << 20 };

static _Thread_local __attribute__((tls_model("initial-exec"))) struct {
    struct block *list[LARGEST + 1];
    char *rest, *end; /* of the piece that new blocks come from */
} own;

static struct block *fresh(unsigned lg) {
    const size_t bytes = (size_t)1 << lg;
    if ((size_t)(own.end - own.rest) < bytes) {
        const size_t piece = bytes < PIECE ? PIECE : bytes;
        char *start = mmap(NULL, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED) return NULL;
        own.rest = start, own.end = start + piece;
    }
    struct block *b = (struct block *)own.rest;
    own.rest += bytes;
    *b = (struct block){NULL, lg, 0};
    return b;
}

static void *take(size_t bytes) {
    if (bytes < (size_t)1 << (LARGEST - 1)) {
        const unsigned lg = 64 - (unsigned)__builtin_clzl(bytes + sizeof(struct block) - 1);
        struct block *b = own.list[lg];
        if (b != NULL) {
            own.list[lg] = b->next;
        } else {
            b = fresh(lg);
        }
        if (b != NULL) return b + 1;
    }
    errno = ENOMEM;
    return NULL;
}

PUBLIC void *malloc(size_t bytes) {
    return take(bytes);
}

PUBLIC void free(void *p) {
    if (p == NULL) return;
    struct block *b = (struct block *)p - 1;
    b = (struct block *)((char *)b - b->distance);
    b->next = own.list[b->lg];
    own.list[b->lg] = b;
}

PUBLIC size_t malloc_usable_size(void *p) {
    const struct block *b = (struct block *)p - 1;
    return p == NULL ? 0 : ((size_t)1 << b->lg) - sizeof *b - b->distance;
}

PUBLIC void *calloc(size_t n, size_t bytes) {
    size_t all;
    void *p = take(__builtin_mul_overflow(n, bytes, &all) ? SIZE_MAX / 2 : all);
    return p == NULL ? NULL : memset(p, 0, all);
}

PUBLIC void *realloc(void *p, size_t bytes) {
    const size_t has = malloc_usable_size(p);
    if (p != NULL && bytes <= has) return p;
    void *q = take(bytes);
    if (q == NULL || p == NULL) return q;
    memcpy(q, p, has);
    free(p);
    return q;
}

PUBLIC void *memalign(size_t align, size_t bytes) {
    char *p = take(bytes + align);
    if (p == NULL) return NULL;
    struct block *b = (struct block *)p - 1;
    const size_t distance = -(uintptr_t)p & (align - 1);
    struct block *aligned = (struct block *)((char *)b + distance);
    *aligned = (struct block){NULL, b->lg, (unsigned)distance};
    return aligned + 1;
}

PUBLIC void *aligned_alloc(size_t align, size_t bytes) {
    return memalign(align, bytes);
}

PUBLIC int posix_memalign(void **p, size_t align, size_t bytes) {
    void *q = memalign(align, bytes);
    if (q == NULL) return ENOMEM;
    *p = q;
    return 0;
}
