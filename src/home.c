#include "home.h"

#include <errno.h>

#include "watch.h"

enum { PER_CPU = 4 };

struct homes homes = HOMES_FIRST;

bool home_is_inside(void) {
    return thread.within != 0 && os_holds(thread.within - 1);
}

/* A signal handler may come in anywhere: whatever is locked, `within` says so, or that it is about to be. */
static bool lock(struct visit *v, struct home *h) {
    *v = (struct visit){h, GRANT_NOTHING, thread.within, errno};
    if (home_is_inside()) return os_try_lock(home_number(h));
    thread.within = home_number(h) + 1;
    os_lock(home_number(h));
    return true;
}

static void unlock(const struct visit *v) {
    os_unlock(home_number(v->home));
    thread.within = v->within;
    errno = v->error;
}

static void lock_all(void) {
    for (uint32_t i = 0; i < homes_started(); i++) os_lock(i);
}

static void unlock_all(void) {
    for (uint32_t i = homes_started(); i-- > 0;) os_unlock(i);
}

/* In a child of fork there are no other threads. One that was at work on its cache may have had a region in
 * hand, which is lost. */
static void forget_others(void) {
    struct visit visit;
    for (uint32_t i = 0; i < homes_started(); i++) homes.home[i].threads = 0;
    if (thread.own != NULL) homes.home[thread.home].threads = 1;
    for (struct cache *k = thread_next(NULL); k != NULL; k = thread_next(k)) {
        struct home *h = &homes.home[thread_home(k)];
        if (!thread_is_other(k) || !home_enter(&visit, h, GRANT_FREE)) continue;
        cache_empty(k, h->space.heap);
        thread_recycle(k);
        home_leave(&visit);
    }
    unlock_all();
}

static void set_started(uint32_t n) {
    atomic_store_explicit(&homes.started, n, memory_order_release);
}

/* Reserves the space of the first and makes its heap. On failure the next call tries again. */
static bool start(void) {
    struct home *h = &homes.home[0];
    if (h->space.heap == NULL) {
        struct space s;
        watch_start();
        if (!space_reserve(&s)) return false;
        heap_init(s.heap, 1, (uint32_t)(s.base / PAGE));
        h->space = s;
        set_started(1);
    }
    homes.guarded = true; /* whoever guards against fork may allocate */
    h->grant = GRANT_ALL;
    homes.guarded = os_guard_fork(lock_all, unlock_all, forget_others);
    h->grant = GRANT_NOTHING;
    return homes.guarded;
}

bool home_enter(struct visit *v, struct home *h, enum grant need) {
    if ((watched && watch_sleeps()) || !lock(v, h)) return false;
    v->grant = h->grant;
    if (v->grant >= need) {
        h->grant = GRANT_NOTHING;
        if (homes.guarded || start()) return true;
    }
    home_leave(v);
    return false;
}

void home_leave(const struct visit *v) {
    v->home->grant = v->grant;
    unlock(v);
}

/* Address space for all others that there may be, or for some. */
static void reserve(void) {
    const unsigned cpus = os_cpus();
    uint32_t n = homes.most > 0 ? homes.most : cpus > 1 ? PER_CPU * cpus : 1;
    if (n > ARENAS) n = ARENAS;
    homes.reserved = 1;
    for (n = os_limit() < SIZE_MAX ? 0 : n - 1; n > 0 && homes.start == 0; n /= 2) {
        homes.start = os_map(n * SPACE_STRETCH, CHUNK);
        if (homes.start != 0) homes.reserved = n + 1;
    }
}

/* A heap more, unless there are to be no more, or the system refuses. */
static bool start_other(void) {
    const uint32_t n = homes_started();
    if (homes.reserved == 0) reserve();
    if (n >= homes.reserved) return false;
    struct home *h = &homes.home[n];
    if (!space_divide(&h->space, homes.start + (n - 1) * SPACE_STRETCH)) return false;
    heap_init(h->space.heap, 1, (uint32_t)(h->space.base / PAGE));
    h->keep = (struct keep)KEEP_FIRST;
    h->keep.patience = homes.home[0].keep.patience;
    h->grant = GRANT_ALL;
    set_started(n + 1);
    return true;
}

struct home *home_choose(void) {
    struct home *least = &homes.home[0];
    for (struct home *h = homes.home; h < homes.home + homes_started(); h++) {
        if (h->threads < least->threads) least = h;
    }
    return least->threads > 0 && start_other() ? &homes.home[homes_started() - 1] : least;
}
