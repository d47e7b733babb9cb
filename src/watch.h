/* watch: what the shells tell Valgrind's memcheck or AddressSanitizer, which then see what the program does
 * to memory that is not its own.
 *
 *     [ the program's bytes | slack, off limits | their number, off limits ]
 *     +--------------------------- usable bytes ---------------------------+
 *
 * What is in no live block is off limits, too. Blocks have no gap between them: so that any two have something
 * off limits between them, and sizes are known to the byte, a watched heap is asked for WATCH_TAIL bytes more.
 *
 * Somebody watches if we are compiled with QED_ASAN, or with QED_VALGRIND and run under memcheck.
 * All of this but watch_start is called only if `watched`, and with the heap at rest.
 */
#ifndef QED_WATCH_H
#define QED_WATCH_H

#include "watch_tool.h"

enum { WATCH_TAIL = 8 };

/* What to ask of the heap for the program's `bytes`. */
/*@ assigns \nothing;
    ensures same:    \result == bytes; */
static inline size_t watch_asks(size_t bytes);

/* The program's bytes of the live block at p; no more than there are, if it has been where it must not. */
static inline size_t watch_size(void *p, size_t usable);

/* The program gets a block. `zero`: and may read it. */
static inline void watch_alloc(void *p, size_t bytes, size_t usable, bool zero);

/* The block had `before` bytes for the program and has `bytes`. */
static inline void watch_resize(void *p, size_t before, size_t bytes, size_t usable);

/* The program has the block no longer. */
static inline void watch_free(void *p, size_t usable);

/* WP has the prototypes alone, and nobody watches there. */
#ifndef __FRAMAC__
struct __attribute__((may_alias)) watch_tail {
    size_t bytes;
};

static inline size_t watch_asks(size_t bytes) {
    return watched && bytes <= SIZE_MAX - WATCH_TAIL ? bytes + WATCH_TAIL : bytes;
}

static inline struct watch_tail *watch_tail(void *p, size_t usable) {
    return (struct watch_tail *)((unsigned char *)p + usable - WATCH_TAIL);
}

static inline void watch_note(void *p, size_t bytes, size_t usable) {
    struct watch_tail *tail = watch_tail(p, usable);
    tool_open(tail, WATCH_TAIL);
    tail->bytes = bytes;
    tool_shut(tail, WATCH_TAIL);
}

static inline size_t watch_size(void *p, size_t usable) {
    struct watch_tail *tail = watch_tail(p, usable);
    const size_t most = usable - WATCH_TAIL;
    tool_open(tail, WATCH_TAIL);
    size_t bytes = tail->bytes;
    tool_shut(tail, WATCH_TAIL);
    return bytes < most ? bytes : most;
}

static inline void watch_alloc(void *p, size_t bytes, size_t usable, bool zero) {
    tool_born(p, bytes, zero);
    watch_note(p, bytes, usable);
}

static inline void watch_resize(void *p, size_t before, size_t bytes, size_t usable) {
    tool_resized(p, before, bytes);
    watch_note(p, bytes, usable);
}

static inline void watch_free(void *p, size_t usable) {
    tool_dead(p, watch_size(p, usable));
}

#endif

#endif
