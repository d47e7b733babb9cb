#include "thread.h"

#include "os.h"

enum {
    OTHERS = 8
}; /* caches that a thread has at most but for the first: for heaps that differ by their number modulo this */

struct owned {
    struct cache cache;
    uint32_t home;
    struct owned *of;             /* its thread's first, which may be itself; NULL: it is nobody's */
    struct owned *others[OTHERS]; /* of a first: NULL or its thread's */
    struct owned *next;           /* of all */
    struct owned *idle;           /* the next that is nobody's */
};

_Thread_local struct thread thread;

static struct owned *all, *idle;

static struct owned *owned_of(struct cache *k) {
    return (struct owned *)((uintptr_t)k - offsetof(struct owned, cache));
}

static struct owned *new_owned(void) {
    const size_t bytes = (sizeof(struct owned) + GRANULE - 1) / GRANULE * GRANULE;
    uintptr_t address = os_map(bytes, GRANULE);
    if (address == 0) return NULL;
    if (!os_commit(address, bytes)) {
        os_unmap(address, bytes);
        return NULL;
    }
    struct owned *o = (struct owned *)address;
    o->next = all;
    return all = o;
}

static struct owned *any_idle(void) {
    struct owned *o = idle;
    if (o != NULL) idle = o->idle;
    return o;
}

/* An empty cache, which knows nothing of the heap that it has been for. */
static struct owned *take_owned(uint32_t home) {
    struct owned *o = any_idle();
    if (o == NULL) o = new_owned();
    if (o == NULL) return NULL;
    o->cache.end = 0;
    cache_init(&o->cache);
    o->home = home;
    o->of = o;
    for (uint32_t i = 0; i < OTHERS; i++) o->others[i] = NULL;
    return o;
}

/* The system may call in at take_owned and at os_guard_thread. */
void thread_join(uint32_t home, const struct space *s, void (*end)(void *)) {
    if (thread.asked) return;
    thread.asked = true;
    struct owned *o = take_owned(home);
    if (o != NULL && os_guard_thread(end, o)) {
        thread.own = o;
        thread.home = home;
        thread.space = *s;
        thread_put_down(&o->cache);
        return;
    }
    if (o != NULL) thread_recycle(&o->cache);
    thread.asked = false;
}

bool thread_may_meet(uint32_t other) {
    return thread.own != NULL && thread.home != other && thread.own->others[other % OTHERS] == NULL;
}

/* The system may call in at take_owned, but meets nobody there. */
void thread_meet(uint32_t other) {
    struct owned *o = thread_may_meet(other) ? take_owned(other) : NULL;
    if (o == NULL) return;
    o->of = thread.own;
    thread.own->others[other % OTHERS] = o;
}

struct cache *thread_cache(uint32_t home) {
    struct owned *o = thread.own;
    if (o == NULL || o->home == home) return o == NULL ? NULL : &o->cache;
    o = o->others[home % OTHERS];
    return o == NULL || o->home != home ? NULL : &o->cache;
}

void thread_leave(void) {
    struct owned *own = thread.own;
    thread.own = NULL;
    for (uint32_t i = 0; own != NULL && i < OTHERS; i++) {
        if (own->others[i] != NULL) thread_recycle(&own->others[i]->cache);
    }
    if (own != NULL) thread_recycle(&own->cache);
}

void thread_recycle(struct cache *k) {
    struct owned *o = owned_of(k);
    o->of = NULL;
    o->idle = idle;
    idle = o;
}

struct cache *thread_next(struct cache *k) {
    struct owned *o = k == NULL ? all : owned_of(k)->next;
    return o == NULL ? NULL : &o->cache;
}

bool thread_is_other(struct cache *k) {
    return owned_of(k)->of != NULL && owned_of(k)->of != thread.own;
}

uint32_t thread_home(struct cache *k) {
    return owned_of(k)->home;
}
