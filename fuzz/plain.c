#define _GNU_SOURCE
#include "fuzz/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    SMALL = 1 << 19, /* bytes that are zeroed faster than the page faults take that madvise leads to */
    STEP = 64,       /* bytes that a compiler copies without a call */
};

/* Keeps compilers from making one call of a loop of small copies. */
static inline void apart(void) {
    __asm__ volatile("" ::: "memory");
}

void *plain_map(size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return p;
}

static void zero(unsigned char *p, size_t bytes) {
    size_t i = 0;
    for (; bytes - i >= STEP; i += STEP, apart()) memset(p + i, 0, STEP);
    for (; i < bytes; i++, apart()) p[i] = 0;
}

void plain_clear(void *p, size_t bytes) {
    if (bytes <= SMALL) {
        zero(p, bytes);
    } else {
        madvise(p, bytes, MADV_DONTNEED);
    }
}

void plain_copy(void *to, const void *from, size_t bytes) {
    unsigned char *d = to;
    const unsigned char *s = from;
    size_t i = 0;
    for (; bytes - i >= STEP; i += STEP, apart()) memcpy(d + i, s + i, STEP);
    for (; i < bytes; i++, apart()) d[i] = s[i];
}

/* Without a branch, so that compilers make vectors of it. */
bool plain_is_same(const void *p, const void *q, size_t bytes) {
    const unsigned char *a = p, *b = q;
    bool same = true;
    for (size_t i = 0; i < bytes; i++) same &= a[i] == b[i];
    return same;
}

bool plain_is_zero(const void *p, size_t bytes) {
    const unsigned char *a = p;
    bool zero = true;
    for (size_t i = 0; i < bytes; i++) zero &= a[i] == 0;
    return zero;
}
