#include "thread.h"

#include "os.h"

struct owned {
    struct cache cache;
    struct owned *next; /* of all */
    struct owned *idle; /* the next that is nobody's */
    bool used;
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

/* The system may call in at new_owned and at os_guard_thread. */
void thread_join(void (*end)(void *)) {
    if (thread.asked) return;
    thread.asked = true;
    struct owned *o = any_idle();
    if (o == NULL) o = new_owned();
    if (o != NULL) {
        cache_init(&o->cache);
        o->used = true;
        if (os_guard_thread(end, o)) {
            thread.own = o;
            thread_put_down(&o->cache);
            return;
        }
        thread_recycle(&o->cache);
    }
    thread.asked = false;
}

struct cache *thread_leave(void) {
    struct owned *o = thread.own;
    thread.own = NULL;
    thread.at_hand = NULL;
    return o == NULL ? NULL : &o->cache;
}

void thread_recycle(struct cache *k) {
    struct owned *o = owned_of(k);
    o->used = false;
    o->idle = idle;
    idle = o;
}

struct cache *thread_next(struct cache *k) {
    struct owned *o = k == NULL ? all : owned_of(k)->next;
    return o == NULL ? NULL : &o->cache;
}

bool thread_is_other(struct cache *k) {
    return owned_of(k)->used && owned_of(k) != thread.own;
}
