/* What a compiler calls with -fsanitize=thread: before each access to memory that another thread might see. It is
 * linked with this instead of ThreadSanitizer, so that fuzz/hosted/schedule.c may let another thread go on there. */
#include <stdint.h>

#include "fuzz/hosted/platform.h"

static void point(void) {
    if (platform.point != NULL) platform.point();
}

#define POINT(access)                     \
    void __tsan_##access(void *address);  \
    void __tsan_##access(void *address) { \
        (void)address;                    \
        point();                          \
    }
POINT(read1)
POINT(read2)
POINT(read4)
POINT(read8)
POINT(read16)
POINT(write1)
POINT(write2)
POINT(write4)
POINT(write8)
POINT(write16)
POINT(unaligned_read2)
POINT(unaligned_read4)
POINT(unaligned_read8)
POINT(unaligned_read16)
POINT(unaligned_write2)
POINT(unaligned_write4)
POINT(unaligned_write8)
POINT(unaligned_write16)

#define ATOMIC(bits)                                                                            \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *a, int order);     \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t *a, uint##bits##_t v, int order);  \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *a, int order) {    \
        (void)order;                                                                            \
        point();                                                                                \
        return *a;                                                                              \
    }                                                                                           \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t *a, uint##bits##_t v, int order) { \
        (void)order;                                                                            \
        point();                                                                                \
        *a = v;                                                                                 \
    }
ATOMIC(8)
ATOMIC(32)
ATOMIC(64)

uint64_t __tsan_atomic64_exchange(volatile uint64_t *a, uint64_t v, int order);
uint64_t __tsan_atomic64_exchange(volatile uint64_t *a, uint64_t v, int order) {
    uint64_t old = *a;
    (void)order;
    *a = v;
    return old;
}

/* A struct at once; and what says nothing of memory. */
void __tsan_read_range(void *address, unsigned long bytes);
void __tsan_read_range(void *address, unsigned long bytes) {
    (void)address, (void)bytes;
    point();
}

void __tsan_write_range(void *address, unsigned long bytes);
void __tsan_write_range(void *address, unsigned long bytes) {
    (void)address, (void)bytes;
    point();
}

void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order) {
    (void)order;
}

void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller) {
    (void)caller;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void) {
}

void __tsan_init(void);
void __tsan_init(void) {
}
