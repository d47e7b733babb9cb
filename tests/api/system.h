/* system: stand-ins for what the library asks the system for. The program's own functions take the
 * place of the C library's, also for a shared library that calls them. */
#ifndef QED_TEST_SYSTEM_H
#define QED_TEST_SYSTEM_H

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Asked before each call that the library makes: false refuses it with ENOMEM.
 * volatile, because a compiler thinks it knows what malloc leaves alone. */
static bool (*volatile permit)(const char *call, void *address, size_t bytes);

/* Bytes that the library has mapped now. */
static volatile size_t mapped;

static bool permitted(const char *call, void *address, size_t bytes) {
    if (permit == NULL || permit(call, address, bytes)) return true;
    errno = ENOMEM;
    return false;
}

void *mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset) {
    if (!permitted("mmap", address, bytes)) return MAP_FAILED;
    void *p = (void *)syscall(SYS_mmap, address, bytes, protection, flags, file, offset);
    if (p != MAP_FAILED) mapped += bytes;
    return p;
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
