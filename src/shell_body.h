/* shell_body: the functions of shell.h by which the thread's cache serves a call, without a lock. */
#ifndef QED_SHELL_BODY_H
#define QED_SHELL_BODY_H

#include "shell.h"
#include "thread.h"

/* In the heap of the thread's cache. */
static inline size_t shell_offset(const void *p) {
    return (uintptr_t)p - thread.space.base;
}

static inline void *shell_address(size_t off) {
    return (void *)(thread.space.base + off);
}

static inline bool shell_alloc_at_hand(size_t bytes, size_t align, void **p) {
    struct cache *k = thread_pick_up();
    if (k == NULL) return false;
    size_t off;
    bool small =
        __builtin_expect(request_is_small(bytes, align), true); /* the way of most is the straight one */
    bool done =
        small && cache_alloc(k, thread.space.regions, heap_class(thread.space.heap, bytes, align), &off);
    thread_put_down(k);
    if (done) *p = shell_address(off);
    return done;
}

static inline void *shell_alloc(size_t bytes, size_t align, bool *zero) {
    void *p;
    if (!shell_alloc_at_hand(bytes, align, &p)) return shell_alloc_slowly(bytes, align, zero);
    if (zero != NULL) *zero = false;
    return p;
}

static inline enum verdict shell_free(void *p, const char *call) {
    struct cache *k = thread_pick_up();
    if (k != NULL) {
        bool done = cache_free(k, thread.space.regions, shell_offset(p));
        thread_put_down(k);
        if (done) return HEAP_OK;
    }
    return p == NULL ? HEAP_OK : shell_free_slowly(p, call);
}

#endif
