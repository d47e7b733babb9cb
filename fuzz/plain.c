#define _GNU_SOURCE
#include "fuzz/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SMALL = 1 << 19 }; /* bytes that are zeroed faster than the page faults take that madvise leads to */

void *plain_map(size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return p;
}

void plain_clear(void *p, size_t bytes) {
    if (bytes <= SMALL) {
        memset(p, 0, bytes);
    } else {
        madvise(p, bytes, MADV_DONTNEED);
    }
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
