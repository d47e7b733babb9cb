#define _GNU_SOURCE
#include "fuzz/hosted/platform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os.h"

enum { MAPS = 64, LIMIT = 32 << 20 /* bytes of address space */ };

struct platform platform;

static struct map { uintptr_t start, end; } maps[MAPS];

static struct map *map_of(uintptr_t start, uintptr_t end) {
    for (struct map *m = maps; m < maps + MAPS; m++) {
        if (m->start <= start && end <= m->end) return m;
    }
    platform.wrong = "Mapped";
    return NULL;
}

static bool granted(void) {
    bool refused =
        ++platform.calls == platform.refuse || (platform.onwards && platform.calls > platform.refuse);
    platform.refused += refused;
    if (platform.visit != NULL) platform.visit();
    if (refused) errno = ENOMEM;
    return !refused;
}

unsigned platform_maps(void) {
    unsigned n = 0;
    for (unsigned i = 0; i < MAPS; i++) n += maps[i].end > 0;
    return n;
}

void platform_restart(unsigned refuse, bool onwards) {
    for (struct map *m = maps; m < maps + MAPS; m++) {
        if (m->end > 0) munmap((void *)m->start, m->end - m->start);
        *m = (struct map){0, 0};
    }
    platform = (struct platform){.refuse = refuse, .onwards = onwards};
}

static uintptr_t map(uintptr_t address, size_t bytes, int flag) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flag;
    void *p = mmap((void *)address, bytes, PROT_NONE, flags, -1, 0);
    return p == MAP_FAILED ? 0 : (uintptr_t)p;
}

static bool note(uintptr_t start, size_t bytes) {
    struct map *m = maps;
    while (m->end > 0) m++;
    *m = (struct map){start, start + bytes};
    return true;
}

size_t os_page(void) {
    return 4096;
}

size_t os_limit(void) {
    return platform.roomy ? SIZE_MAX : LIMIT;
}

unsigned os_cpus(void) {
    return 2;
}

uintptr_t os_map(size_t bytes, size_t align) {
    uintptr_t start = granted() ? map(0, bytes + align, 0) : 0,
              address = (start + align - 1) & ~(uintptr_t)(align - 1);
    if (start == 0) return 0;
    if (address > start) munmap((void *)start, address - start);
    munmap((void *)(address + bytes), start + align - address);
    note(address, bytes);
    return address;
}

bool os_map_at(uintptr_t address, size_t bytes) {
    return granted() && map(address, bytes, MAP_FIXED_NOREPLACE) == address && note(address, bytes);
}

void os_unmap(uintptr_t address, size_t bytes) {
    struct map *m = map_of(address, address + bytes);
    if (m == NULL || m->start != address || m->end != address + bytes) {
        platform.wrong = "Unmapped";
        return;
    }
    munmap((void *)address, bytes);
    *m = (struct map){0, 0};
}

bool os_commit(uintptr_t address, size_t bytes) {
    uintptr_t start = address & ~(uintptr_t)4095, end = (address + bytes + 4095) & ~(uintptr_t)4095;
    while (start < end) { /* arrays may share a granule, and so be in two maps */
        struct map *m = map_of(start, start + 4096);
        if (m == NULL || !granted()) return false;
        uintptr_t stop = m->end < end ? m->end : end;
        if (mprotect((void *)start, stop - start, PROT_READ | PROT_WRITE) != 0) abort();
        start = stop;
    }
    return true;
}

/* What is refused is half done. */
bool os_purge(uintptr_t address, size_t bytes) {
    bool all = granted();
    if (map_of(address, address + bytes) == NULL) return false;
    if (!all) bytes = bytes / 2 / 4096 * 4096;
    return madvise((void *)address, bytes, MADV_DONTNEED) == 0 && all;
}

/* What is refused leaves the place as it was, with remains of what was there. */
bool os_move(uintptr_t to, uintptr_t from, size_t bytes) {
    if (!granted() || map_of(to, to + bytes) == NULL || map_of(from, from + bytes) == NULL) return false;
    memcpy((void *)to, (void *)from, bytes);
    return madvise((void *)from, bytes, MADV_DONTNEED) == 0;
}

/* Some seconds have passed. */
uint64_t os_clock(void) {
    if (platform.visit != NULL) platform.visit();
    return platform.clock += 3000;
}

bool platform_is_locked(void) {
    bool held = false;
    for (unsigned i = 0; i < PLATFORM_LOCKS; i++) held |= platform.lock[i].held > 0;
    return held;
}

bool os_holds(uint32_t number) {
    return platform.lock[number].held > 0 && platform.lock[number].holder == platform.running;
}

/* Who waits must hold no other lock. */
static bool may_wait(void) {
    for (uint32_t i = 0; i < PLATFORM_LOCKS; i++) {
        if (os_holds(i)) return false;
    }
    return true;
}

bool os_try_lock(uint32_t number) {
    struct platform_lock *l = &platform.lock[number];
    if (platform.point != NULL) platform.point();
    if (l->held > 0 && !os_holds(number)) return false;
    l->holder = platform.running;
    l->held++;
    return true;
}

void os_lock(uint32_t number) {
    if (!os_holds(number) && !may_wait()) platform.wrong = "Order";
    while (!os_try_lock(number)) platform.wait();
}

void os_unlock(uint32_t number) {
    if (os_holds(number)) {
        platform.lock[number].held--;
    } else {
        platform.wrong = "Lock";
    }
}

bool os_guard_fork(void (*before)(void), void (*after)(void), void (*after_in_child)(void)) {
    (void)before, (void)after, (void)after_in_child;
    return granted();
}

bool os_guard_thread(void (*end)(void *), void *what) {
    if (!granted()) return false;
    platform.end = end;
    platform.what[platform.running] = what;
    return true;
}

void os_write(const char *text, size_t length) {
    while (length > 0) {
        ssize_t n = write(STDERR_FILENO, text, length);
        if (n <= 0) break;
        text += n;
        length -= (size_t)n;
    }
}

void os_abort(void) {
    abort();
}
