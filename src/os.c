#define _GNU_SOURCE
#include "os.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Kernels before 4.17 do not know the flag and take the address as a wish: os_map_at looks where
 * it got. The C library may be older than the kernel. */
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* Kernels before 5.7 do not know this one, and say so. */
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

enum { SPINS = 100 }; /* looks at a lock that is taken, before the thread goes to sleep */

#if defined __x86_64__
#define PAUSE() __builtin_ia32_pause()
#elif defined __aarch64__
#define PAUSE() __asm__ volatile("isb")
#else
#define PAUSE() (void)0
#endif

size_t os_page(void) {
    static const char refusal[] = "qedmalloc: the system's page size is not 4, 8, 16, 32 or 64 KiB\n";
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (page < 4096 || GRANULE % page != 0) {
        os_write(refusal, sizeof refusal - 1);
        os_abort();
    }
    return page;
}

size_t os_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
    return (size_t)limit.rlim_cur;
}

/* Address space costs nothing but itself: without NORESERVE and PROT_NONE a system that does not
 * overcommit would count it as memory. */
static uintptr_t map(uintptr_t address, size_t bytes, int flag) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flag;
    void *p = mmap((void *)address, bytes, PROT_NONE, flags, -1, 0);
    return p == MAP_FAILED ? 0 : (uintptr_t)p;
}

uintptr_t os_map(size_t bytes, size_t align) {
    if (os_page() > GRANULE || bytes > SIZE_MAX - align) return 0;
    uintptr_t start = map(0, bytes + align, 0);
    if (start == 0) return 0;
    /* start [ head ][ bytes ][ tail ] */
    uintptr_t address = (start + align - 1) & ~(uintptr_t)(align - 1);
    size_t head = address - start;
    if (head > 0) os_unmap(start, head);
    os_unmap(address + bytes, align - head);
    return address;
}

bool os_map_at(uintptr_t address, size_t bytes) {
    uintptr_t got = map(address, bytes, MAP_FIXED_NOREPLACE);
    if (got == address) return true;
    if (got != 0) os_unmap(got, bytes);
    return false;
}

void os_unmap(uintptr_t address, size_t bytes) {
    munmap((void *)address, bytes);
}

bool os_commit(uintptr_t address, size_t bytes) {
    uintptr_t page = os_page();
    uintptr_t start = address & ~(page - 1);
    uintptr_t end = (address + bytes + page - 1) & ~(page - 1);
    return mprotect((void *)start, end - start, PROT_READ | PROT_WRITE) == 0;
}

bool os_purge(uintptr_t address, size_t bytes) {
    uintptr_t page = os_page();
    uintptr_t start = (address + page - 1) & ~(page - 1);
    uintptr_t end = (address + bytes) & ~(page - 1);
    if (start >= end) {
        memset((void *)address, 0, bytes);
        return true;
    }
    if (madvise((void *)start, end - start, MADV_DONTNEED) != 0) return false;
    memset((void *)address, 0, start - address);
    memset((void *)end, 0, address + bytes - end);
    return true;
}

/* No mapping gets a page more in place if another follows it; of parts of two the system says something else. */
static bool is_one_mapping(uintptr_t address, size_t bytes) {
    const size_t page = os_page();
    if (mremap((void *)address, bytes, bytes + page, 0) == MAP_FAILED) return errno == ENOMEM;
    os_unmap(address + bytes, page);
    return true;
}

/* DONTUNMAP, since a hole at `from` might be mapped by another thread. The system may fail after it has unmapped what is
 * at `to`: if `from` is no single mapping, hence the question; else hardly ever, as when it does not overcommit and others
 * were faster. Then that is mapped again, or there is no way on. */
bool os_move(uintptr_t to, uintptr_t from, size_t bytes) {
    const int how = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
    if (!is_one_mapping(from, bytes)) return false;
    if (mremap((void *)from, bytes, bytes, how, (void *)to) != MAP_FAILED) return true;
    const bool mapped = msync((void *)to, bytes, MS_ASYNC) == 0;
    if (!mapped && !(os_map_at(to, bytes) && os_commit(to, bytes))) os_abort();
    return false;
}

uint64_t os_clock(void) {
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &t) != 0) return 0;
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

unsigned os_cpus(void) {
    static _Atomic unsigned known;
    unsigned n = atomic_load_explicit(&known, memory_order_relaxed);
    if (n > 0) return n;
    cpu_set_t set;
    n = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
    atomic_store_explicit(&known, n, memory_order_relaxed);
    return n;
}

/* A plain mutex with a count of our own rather than a recursive one: it needs no call to set up, zeroes are one, and
 * the child of fork, whose thread has another number for the system, may unlock it. */
static struct lock {
    _Alignas(64) pthread_mutex_t mutex;
    _Atomic pthread_t owner; /* who holds it; 0: nobody. Only a thread itself writes its name here */
    unsigned depth;          /* the owner's */
} locks[LOCKS];

bool os_holds(uint32_t number) {
    return atomic_load_explicit(&locks[number].owner, memory_order_relaxed) == pthread_self();
}

static void set_owner(struct lock *l) {
    atomic_store_explicit(&l->owner, pthread_self(), memory_order_relaxed);
    l->depth = 1;
}

/* It is held for less time than it takes to fall asleep and be woken up, if its owner is on another CPU. */
static bool take_soon(struct lock *l) {
    if (pthread_mutex_trylock(&l->mutex) == 0) return true;
    if (os_cpus() == 1) return false;
    for (unsigned n = 0; n < SPINS; n++) {
        const bool seems_free = atomic_load_explicit(&l->owner, memory_order_relaxed) == (pthread_t)0;
        if (seems_free && pthread_mutex_trylock(&l->mutex) == 0) return true;
        PAUSE();
    }
    return false;
}

void os_lock(uint32_t number) {
    struct lock *l = &locks[number];
    if (os_holds(number)) {
        l->depth++;
        return;
    }
    if (!take_soon(l)) pthread_mutex_lock(&l->mutex);
    set_owner(l);
}

bool os_try_lock(uint32_t number) {
    struct lock *l = &locks[number];
    if (os_holds(number)) {
        l->depth++;
        return true;
    }
    if (pthread_mutex_trylock(&l->mutex) != 0) return false;
    set_owner(l);
    return true;
}

void os_unlock(uint32_t number) {
    struct lock *l = &locks[number];
    if (--l->depth > 0) return;
    atomic_store_explicit(&l->owner, (pthread_t)0, memory_order_relaxed);
    pthread_mutex_unlock(&l->mutex);
}

bool os_guard_fork(void (*before)(void), void (*after)(void), void (*after_in_child)(void)) {
    return pthread_atfork(before, after, after_in_child) == 0;
}

bool os_guard_thread(void (*end)(void *), void *what) {
    static pthread_key_t key;
    static bool has_key;
    if (!has_key) has_key = pthread_key_create(&key, end) == 0;
    return has_key && pthread_setspecific(key, what) == 0;
}

void os_write(const char *text, size_t length) {
    int kept = errno;
    while (length > 0) {
        ssize_t n = write(STDERR_FILENO, text, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        text += n;
        length -= (size_t)n;
    }
    errno = kept;
}

void os_abort(void) {
    abort();
}
