#include "shell.h"

#include <errno.h>
#include <string.h>

#include "check.h"
#include "os.h"
#include "supply.h"
#include "watch.h"

/* The thread ends. What it has in hand now it does not put down. */
static void end_thread(void *what) {
    struct visit visit;
    (void)what;
    thread_pick_up();
    for (struct home *h = homes.home; h < homes.home + homes_started(); h++) {
        struct cache *k = thread_cache(home_number(h));
        if (k == NULL || !home_enter(&visit, h, GRANT_FREE)) continue;
        cache_empty(k, h->space.heap);
        supply_leave(&visit);
    }
    if (thread.own == NULL || !home_enter(&visit, homes.home, GRANT_FREE)) return;
    thread_leave();
    homes.home[thread.home].threads--;
    thread.home = 0;
    home_leave(&visit);
}

static void join(void) {
    struct home *h = home_choose();
    thread_join(home_number(h), &h->space, end_thread);
    if (thread.own != NULL) h->threads++;
}

/* Makes the thread at home somewhere, if it never was. Whether somebody watches is known inside. */
static void settle_down(void) {
    struct visit visit;
    if (watched || home_is_inside() || !home_enter(&visit, homes.home, GRANT_ALL)) return;
    visit.home->grant = GRANT_ALL;
    if (!watched) join();
    visit.home->grant = GRANT_NOTHING;
    home_leave(&visit);
}

/* Has it a cache for the blocks of h, if there is room for one. */
static void meet(const struct home *h) {
    struct visit visit;
    if (!thread_may_meet(home_number(h)) || home_is_inside() || !home_enter(&visit, homes.home, GRANT_ALL))
        return;
    visit.home->grant = GRANT_ALL;
    thread_meet(home_number(h));
    visit.home->grant = GRANT_NOTHING;
    home_leave(&visit);
}

/* The thread's cache for the blocks of h, in hand; NULL if it has none, or has them in hand already. */
static struct cache *pick_up(const struct home *h) {
    struct cache *first = thread_pick_up();
    if (first == NULL) return NULL;
    struct cache *k = thread_cache(home_number(h));
    if (k == NULL) thread_put_down(first);
    return k;
}

static void put_down(void) {
    thread_put_down(thread_cache(thread.home));
}

/* By the cache, without the lock: the class of the live small block at off, BINS if it knows none there. */
static uint32_t class_at_hand(size_t off) {
    const struct cache *k = thread.at_hand;
    return k == NULL ? BINS : cache_class(k, thread.space.regions, off);
}

static bool is_of_class(uint32_t c, size_t bytes) {
    return request_is_small(bytes, 1) && heap_class(thread.space.heap, bytes, 1) == c;
}

static size_t usable_at(const struct home *h, const void *p) {
    return heap_usable(h->space.heap, home_offset(h, p));
}

/* What the program may use of the block at p; 0 if there is none. */
static size_t size_at(const struct home *h, void *p) {
    size_t usable = usable_at(h, p);
    return watched && usable > 0 ? watch_size(p, usable) : usable;
}

/* The cache had no such block. */
static void fill(const struct home *h, size_t bytes, size_t align) {
    const bool could = request_is_small(bytes, align) && home_number(h) == thread.home;
    struct cache *k = could ? pick_up(h) : NULL;
    if (k == NULL) return;
    cache_fill(k, h->space.heap, 0, heap_class(h->space.heap, bytes, align));
    put_down();
}

/* Whether there was anything in the cache. */
static bool empty_cache(const struct home *h) {
    struct cache *k = pick_up(h);
    if (k == NULL) return false;
    bool any = cache_empty(k, h->space.heap);
    put_down();
    return any;
}

static size_t alloc_or_grow(const struct visit *visit, size_t asks, size_t align) {
    struct home *h = visit->home;
    size_t off;
    bool emptied = false; /* once: whoever the system lets in meanwhile may fill it again */
    while ((off = heap_alloc(h->space.heap, 0, asks, align)) == 0 && visit->grant == GRANT_ALL) {
        if (supply_grow(h, asks, align)) continue;
        if (emptied || !empty_cache(h)) break;
        emptied = true;
    }
    return off;
}

static void *alloc_in(struct home *h, size_t bytes, size_t align, bool *zero) {
    struct visit visit;
    if (!home_enter(&visit, h, GRANT_ALLOC)) return NULL;
    const size_t asks = watch_asks(bytes), off = alloc_or_grow(&visit, asks, align);
    if (off != 0) h->allocations++;
    if (off != 0) fill(h, asks, align);
    if (off != 0 && zero != NULL) *zero = heap_is_zero(h->space.heap, off);
    void *p = off == 0 ? NULL : home_address(h, off);
    if (watched && p != NULL) watch_alloc(p, bytes, usable_at(h, p), zero != NULL && *zero);
    supply_leave(&visit);
    return p;
}

static bool is_huge(size_t bytes, size_t align) {
    if (request_is_small(bytes, align)) return false;
    return request_exceeds(bytes, align) || !request_is_large(request_of(bytes, align));
}

/* Huge blocks are the first heap's; so is what does not fit elsewhere. Who is inside stays where he is. */
void *shell_alloc_slowly(size_t bytes, size_t align, bool *zero) {
    if (home_is_inside()) return alloc_in(&homes.home[thread.within - 1], bytes, align, zero);
    if (!thread.asked) settle_down();
    struct home *h = &homes.home[is_huge(bytes, align) ? 0 : thread.home];
    void *p = alloc_in(h, bytes, align, zero);
    return p == NULL && h != homes.home ? alloc_in(homes.home, bytes, align, zero) : p;
}

/* Leaves, and raises outside what is to be raised. */
static enum verdict leave_with(const struct visit *visit, enum verdict v, void *p, const char *call) {
    const struct home *h = visit->home;
    struct misuse m = {0};
    if (v >= HEAP_FOREIGN) m = misuse_note(h->space.heap, home_offset(h, p), v, p, call);
    if (watched && v >= HEAP_FOREIGN && v < HEAP_WRONG_SIZE) tool_invalid(p);
    supply_leave(visit);
    if (v >= HEAP_FOREIGN) misuse_raise(&m);
    return v;
}

enum verdict shell_resize(void *p, size_t bytes, size_t *usable) {
    struct visit visit;
    struct home *h = home_of(p);
    const uint32_t c = class_at_hand(shell_offset(p));
    if (c < BINS) {
        *usable = class_bytes(c);
        return is_of_class(c, bytes) ? HEAP_OK : HEAP_NO_ROOM;
    }
    *usable = SIZE_MAX;
    if (!home_enter(&visit, h, GRANT_ALLOC)) return HEAP_NO_ROOM;
    const size_t before = watched ? size_at(h, p) : 0;
    enum verdict v = heap_resize(h->space.heap, home_offset(h, p), watch_asks(bytes));
    if (watched && v == HEAP_OK) watch_resize(p, before, bytes, usable_at(h, p));
    *usable = size_at(h, p);
    if (watched && v == HEAP_FOREIGN && (*usable = tool_stranger(p)) > 0) v = HEAP_NO_ROOM;
    return leave_with(&visit, v, p, "realloc");
}

/* By chunks, each of which is one mapping, whatever has been moved before. Both blocks are the program's: there is no
 * need of the lock. How many bytes were moved. */
static size_t move_chunks(void *to, void *from, size_t bytes) {
    const int error = errno;
    size_t done = 0;
    while (bytes - done >= CHUNK && os_move((uintptr_t)to + done, (uintptr_t)from + done, CHUNK))
        done += CHUNK;
    errno = error;
    return done;
}

/* The first bytes of the block at p were moved, and are zero. It has as many, unless another thread has freed it. */
static void free_moved(void *p, size_t moved) {
    struct visit visit;
    struct home *h = home_of(p);
    if (!home_enter(&visit, h, GRANT_FREE)) return;
    const size_t off = home_offset(h, p), usable = usable_at(h, p);
    enum verdict v = heap_free(h->space.heap, off);
    if (v == HEAP_OK && usable >= moved)
        heap_purged(h->space.heap, (uint32_t)(off / PAGE), (uint32_t)(moved / PAGE));
    leave_with(&visit, v, p, "realloc");
}

void shell_move(void *to, void *from, size_t bytes) {
    const size_t moved = watched ? 0 : move_chunks(to, from, bytes);
    memcpy((unsigned char *)to + moved, (unsigned char *)from + moved, bytes - moved);
    if (moved > 0) {
        free_moved(from, moved);
    } else {
        shell_free(from, "realloc");
    }
}

/* The block at p, of so many usable bytes, has been freed, or v says why not. */
static enum verdict freed(void *p, size_t usable, enum verdict v) {
    if (v == HEAP_OK) watch_free(p, usable);
    return v == HEAP_FOREIGN && tool_free_stranger(p) ? HEAP_OK : v;
}

/* The cache for blocks of another heap than the thread's own needs no lock either. */
static bool free_at_hand(const struct home *h, void *p) {
    struct cache *k = home_number(h) == thread.home ? NULL : pick_up(h);
    if (k == NULL) return false;
    bool done = cache_free(k, h->space.regions, home_offset(h, p));
    put_down();
    return done;
}

/* The cache had no room for the block at off, if it is one. */
static bool free_to_cache(const struct home *h, size_t off) {
    struct cache *k = pick_up(h);
    if (k == NULL) return false;
    cache_make_room(k, h->space.heap, off);
    bool done = cache_free(k, h->space.regions, off);
    put_down();
    return done;
}

enum verdict shell_free_slowly(void *p, const char *call) {
    struct visit visit;
    struct home *h = home_of(p);
    if (!thread.asked) settle_down();
    if (free_at_hand(h, p)) return HEAP_OK;
    meet(h);
    if (!home_enter(&visit, h, GRANT_FREE)) return HEAP_OK;
    const size_t usable = watched ? usable_at(h, p) : 0, off = home_offset(h, p);
    enum verdict v = free_to_cache(h, off) ? HEAP_OK : heap_free(h->space.heap, off);
    if (watched) v = freed(p, usable, v);
    return leave_with(&visit, v, p, call);
}

enum verdict shell_free_sized(void *p, size_t bytes, size_t align, const char *call) {
    struct visit visit;
    struct home *h = home_of(p);
    const uint32_t c = align == 1 ? class_at_hand(shell_offset(p)) : BINS;
    if (c < BINS && is_of_class(c, bytes)) return shell_free(p, call);
    if (!home_enter(&visit, h, GRANT_FREE)) return HEAP_OK;
    const size_t usable = watched ? usable_at(h, p) : 0, off = home_offset(h, p);
    enum verdict v;
    if (align != 0 && (align & (align - 1)) == 0) {
        v = heap_free_sized(h->space.heap, off, watch_asks(bytes), align);
    } else {
        v = heap_verdict(h->space.heap, off);
        if (v == HEAP_OK) v = HEAP_WRONG_ALIGN;
    }
    if (watched) v = freed(p, usable, v);
    return leave_with(&visit, v, p, call);
}

size_t shell_usable(const void *pointer) {
    struct visit visit;
    void *p = (void *)(uintptr_t)pointer;
    struct home *h = home_of(p);
    const uint32_t c = class_at_hand(shell_offset(p));
    if (c < BINS) return class_bytes(c);
    if (!home_enter(&visit, h, GRANT_FREE)) return 0;
    size_t usable = size_at(h, p);
    enum verdict v = usable > 0 ? HEAP_OK : heap_verdict(h->space.heap, home_offset(h, p));
    if (watched && v == HEAP_FOREIGN && (usable = tool_stranger(p)) > 0) v = HEAP_OK;
    leave_with(&visit, v, p, "malloc_usable_size");
    return usable;
}

/* A free that comes in meanwhile may join runs, so that the next one is not where it was: hence again, as long as that
 * helps. */
static bool purge(struct home *h) {
    struct visit visit;
    bool any = false;
    if (!home_enter(&visit, h, GRANT_ALL)) return false;
    empty_cache(h);
    while (h->space.heap->pages.dirty > 0 && supply_purge(h, 0)) any = true;
    home_leave(&visit);
    return any;
}

bool shell_purge(void) {
    bool any = false;
    for (uint32_t i = 0; i < homes_started(); i++) any |= purge(&homes.home[i]);
    return any;
}

void shell_share(uint32_t arenas) {
    struct visit visit;
    if (!home_enter(&visit, homes.home, GRANT_FREE)) return;
    homes.most = arenas;
    home_leave(&visit);
}

void shell_be_patient(uint64_t milliseconds) {
    struct visit visit;
    for (uint32_t i = 0; i == 0 || i < homes_started(); i++) {
        if (!home_enter(&visit, &homes.home[i], GRANT_FREE)) continue;
        homes.home[i].keep.patience = milliseconds;
        home_leave(&visit);
    }
}

const char *shell_check(void) {
    struct visit visit;
    const char *broken = NULL;
    for (uint32_t i = 0; i < homes_started() && broken == NULL; i++) {
        if (!home_enter(&visit, &homes.home[i], GRANT_FREE)) continue;
        broken = heap_check(homes.home[i].space.heap);
        home_leave(&visit);
    }
    return broken;
}

static void add(struct heap_stats *sum, const struct heap_stats *s) {
    sum->live += s->live;
    sum->small += s->small;
    sum->large += s->large;
    sum->huge += s->huge;
    sum->mapped += s->mapped;
    sum->active += s->active;
    sum->dirty += s->dirty;
    for (uint32_t c = 0; c < BINS; c++) {
        sum->bin[c].runs += s->bin[c].runs;
        sum->bin[c].regions += s->bin[c].regions;
    }
}

/* Threads go on meanwhile, so that what they move may be counted twice or not at all. */
static void count_cached(struct shell_stats *s, const struct cache *k) {
    s->allocations += cache_allocations(k);
    for (uint32_t c = 0; c < BINS; c++) {
        uint32_t n = cache_count(k, c), most = s->heap.bin[c].regions;
        if (n > most) n = most;
        s->heap.bin[c].regions -= n;
        s->cached += (size_t)n * class_bytes(c);
    }
}

static void count_threads(struct shell_stats *s) {
    for (const struct home *h = homes.home; h < homes.home + homes_started(); h++) {
        s->threads += h->threads;
        if (s->crowd < h->threads) s->crowd = h->threads;
    }
}

void shell_stats(struct shell_stats *s) {
    struct visit visit;
    *s = (struct shell_stats){0};
    for (uint32_t i = 0; i == 0 || i < homes_started(); i++) {
        struct heap_stats one;
        if (!home_enter(&visit, &homes.home[i], GRANT_FREE)) continue;
        heap_stats(homes.home[i].space.heap, &one);
        add(&s->heap, &one);
        s->allocations += homes.home[i].allocations;
        s->arenas++;
        home_leave(&visit);
    }
    if (!home_enter(&visit, homes.home, GRANT_FREE)) return;
    for (struct cache *k = thread_next(NULL); k != NULL; k = thread_next(k)) count_cached(s, k);
    count_threads(s);
    s->heap.live -= s->cached;
    s->heap.small -= s->cached;
    home_leave(&visit);
}
