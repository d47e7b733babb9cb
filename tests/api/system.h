/* system: stand-ins for what the library asks the system for. The program's own functions take the
 * place of the C library's, also for a shared library that calls them. */
#ifndef QED_TEST_SYSTEM_H
#define QED_TEST_SYSTEM_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Asked before each call that the library makes: false refuses it with ENOMEM.
 * volatile, because a compiler thinks it knows what malloc leaves alone. */
static bool (*volatile permit)(const char *call, void *address, size_t bytes);

/* Bytes that the library has mapped now. */
static volatile size_t mapped;

enum { GRANULE = 65536 };

static bool permitted(const char *call, void *address, size_t bytes) {
    if (permit == NULL || permit(call, address, bytes)) return true;
    errno = ENOMEM;
    return false;
}

/* So many more times an address is taken for a wish that cannot be granted, as kernels before 4.17 do. */
static volatile unsigned misplace;

void *mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset) {
    if (!permitted("mmap", address, bytes)) return MAP_FAILED;
    if (address != NULL && misplace > 0) {
        misplace--;
        address = NULL;
        flags &= ~MAP_FIXED_NOREPLACE;
    }
    size_t spare = address == NULL ? 2 * GRANULE : 0;
    uintptr_t start = (uintptr_t)syscall(SYS_mmap, address, bytes + spare, protection, flags, file, offset);
    if ((void *)start == MAP_FAILED) return MAP_FAILED;
    uintptr_t end = start + bytes + spare, p = start;
    if (spare > 0) { /* granules, of which the first is odd: nothing is aligned by luck */
        p = (start / GRANULE + (start % GRANULE > 0)) | 1;
        p *= GRANULE;
        if (p > start) syscall(SYS_munmap, start, p - start);
        if (end > p + bytes) syscall(SYS_munmap, p + bytes, end - p - bytes);
    }
    mapped += bytes;
    return (void *)p;
}

/* A move is "move" to whoever is asked, and has the address that it goes to. */
void *mremap(void *address, size_t bytes, size_t wanted, int flags, ...) {
    const bool moves = (flags & MREMAP_FIXED) != 0;
    va_list rest;
    va_start(rest, flags);
    void *to = moves ? va_arg(rest, void *) : NULL;
    va_end(rest);
    if (!permitted(moves ? "move" : "mremap", moves ? to : address, bytes)) return MAP_FAILED;
    return (void *)syscall(SYS_mremap, address, bytes, wanted, flags, to);
}

int munmap(void *address, size_t bytes) {
    if (!permitted("munmap", address, bytes)) return -1;
    mapped -= bytes;
    return (int)syscall(SYS_munmap, address, bytes);
}

int mprotect(void *address, size_t bytes, int protection) {
    if (!permitted("mprotect", address, bytes)) return -1;
    return (int)syscall(SYS_mprotect, address, bytes, protection);
}

int madvise(void *address, size_t bytes, int advice) {
    if (!permitted("madvise", address, bytes)) return -1;
    return (int)syscall(SYS_madvise, address, bytes, advice);
}

#endif
