#include "shell.h"

#include <errno.h>
#include <string.h>

#include "check.h"
#include "keep.h"
#include "os.h"
#include "watch.h"

/* What a call may do, should it find the lock its own thread's already. */
enum grant {
    GRANT_NOTHING, /* the core is at work: only a signal handler can come in */
    GRANT_FREE,    /* pages are being purged: they must stay free */
    GRANT_ALLOC,   /* the heap is about to grow: what is there may be used */
    GRANT_ALL
};

static bool started;
static volatile enum grant grant = GRANT_ALL;
static struct keep keep = KEEP_FIRST;
static size_t allocations; /* but those from caches */

static void forget_others(void);

/* Reserves the space and makes the heap. On failure the next call tries again. */
static bool start(void) {
    if (space.heap == NULL) {
        struct space s;
        watch_start();
        if (!space_reserve(&s)) return false;
        heap_init(s.heap, 1, (uint32_t)(s.base / PAGE));
        space = s;
    }
    started = true; /* whoever guards against fork may allocate */
    grant = GRANT_ALL;
    started = os_guard_fork(forget_others);
    grant = GRANT_NOTHING;
    return started;
}

/* What the world was like outside. */
struct visit {
    enum grant grant;
    int error; /* errno */
};

static void leave(const struct visit *v) {
    errno = v->error;
    grant = v->grant;
    os_unlock();
}

/* Comes in, if `need` is granted, to a heap at rest. */
static bool enter(struct visit *v, enum grant need) {
    if (watched && watch_sleeps()) return false;
    os_lock();
    *v = (struct visit){grant, errno};
    if (v->grant >= need) {
        grant = GRANT_NOTHING;
        if (started || start()) return true;
    }
    leave(v);
    return false;
}

/* By the cache, without the lock: the class of the live small block at off, BINS if it knows none there. */
static uint32_t class_at_hand(size_t off) {
    const struct cache *k = thread.at_hand;
    return k == NULL ? BINS : cache_class(k, space.regions, off);
}

static bool is_of_class(uint32_t c, size_t bytes) {
    return request_is_small(bytes, 1) && heap_class(space.heap, bytes, 1) == c;
}

static size_t usable_at(const void *p) {
    return heap_usable(space.heap, shell_offset(p));
}

/* What the program may use of the block at p; 0 if there is none. */
static size_t size_at(const void *p) {
    size_t usable = usable_at(p);
    return watched && usable > 0 ? watch_size(shell_address(shell_offset(p)), usable) : usable;
}

static uint32_t chunks_now(void) {
    return (space.heap->pages.end - FIRST_PAGE) / CHUNK_PAGES;
}

static bool commit(uint32_t chunks) {
    uint32_t now = chunks_now();
    if (chunks > space.chunks - now) return false;
    grant = GRANT_ALLOC;
    bool done = space_commit(&space, now, now + chunks);
    grant = GRANT_NOTHING;
    if (watched && done)
        tool_adopt(shell_address((FIRST_CHUNK + now) * (size_t)CHUNK), chunks * (size_t)CHUNK);
    return done && heap_grow(space.heap, chunks);
}

/* Grows the heap by what the request needs, and by an eighth of itself if the system lets it: so the
 * number of calls to the system is logarithmic in the size of the heap. */
static bool grow(size_t bytes, size_t align) {
    uint32_t need = heap_needs(space.heap, bytes, align), ahead = chunks_now() / 8;
    if (need == 0) return false;
    if (ahead > space.chunks - chunks_now()) ahead = space.chunks - chunks_now();
    return (ahead > need && commit(ahead)) || commit(need);
}

static bool purge_stretch(uint32_t page, uint32_t n) {
    const size_t off = (size_t)page * PAGE, bytes = (size_t)n * PAGE;
    if (watched) tool_open(shell_address(off), bytes);
    grant = GRANT_FREE;
    bool done = os_purge(space.base + off, bytes);
    grant = GRANT_NOTHING;
    if (watched) tool_shut(shell_address(off), bytes);
    if (done) heap_purged(space.heap, page, n);
    return done;
}

/* Gives back all dirty pages but `most`, the lowest: they are the next to be used. Whether the system took any. */
static bool purge_above(uint32_t most) {
    bool any = false;
    uint32_t page, n;
    for (uint32_t from = 0; (n = heap_dirty(space.heap, from, &page)) > 0; from = page + n) {
        uint32_t low = 0;
        for (; low < n && most > 0; low++) most -= space.heap->pages.state[page + low] == PAGE_DIRTY;
        if (low < n) any |= purge_stretch(page + low, n - low);
    }
    return any;
}

static void let_go_much(void) {
    struct heap_stats s;
    heap_stats(space.heap, &s);
    const uint32_t active = (uint32_t)(s.active / PAGE), dirty = space.heap->pages.dirty;
    purge_above(keep_of(&keep, active, dirty));
    keep_note(&keep, active, dirty, space.heap->pages.dirty);
}

/* The system's clock may be another's, who allocates. */
static void let_go_idle(void) {
    grant = GRANT_ALLOC;
    const uint64_t now = os_clock();
    grant = GRANT_NOTHING;
    const uint32_t dirty = space.heap->pages.dirty, idle = keep_idle(&keep, dirty, now);
    if (idle > 0) purge_above(dirty - idle);
}

/* Whenever somebody has come by. */
static void settle(const struct visit *visit) {
    if (visit->grant < GRANT_ALL) return;
    if (space.heap->pages.dirty > keep.most) let_go_much();
    if (keep_is_worth_a_look(&keep, space.heap->pages.dirty)) let_go_idle();
}

/* The thread ends. */
static void end_thread(void *what) {
    struct visit visit;
    struct cache *k = thread_leave();
    (void)what;
    if (k == NULL || !enter(&visit, GRANT_FREE)) return;
    cache_empty(k, space.heap);
    thread_recycle(k);
    settle(&visit);
    leave(&visit);
}

/* In a child of fork there are no other threads. One that was at work on its cache may have had a region in
 * hand, which is lost. */
static void forget_others(void) {
    struct visit visit;
    if (!enter(&visit, GRANT_FREE)) return;
    for (struct cache *k = thread_next(NULL); k != NULL; k = thread_next(k)) {
        if (!thread_is_other(k)) continue;
        cache_empty(k, space.heap);
        thread_recycle(k);
    }
    leave(&visit);
}

/* The thread's cache, in hand; NULL if it is to have none, or has it in hand already. */
static struct cache *pick_up(const struct visit *visit) {
    if (watched) return NULL;
    if (visit->grant == GRANT_ALL && !thread.asked) {
        grant = GRANT_ALL;
        thread_join(end_thread);
        grant = GRANT_NOTHING;
    }
    return thread_pick_up();
}

/* The cache had no such block. */
static void fill(const struct visit *visit, size_t bytes, size_t align) {
    struct cache *k = request_is_small(bytes, align) ? pick_up(visit) : NULL;
    if (k == NULL) return;
    cache_fill(k, space.heap, 0, heap_class(space.heap, bytes, align));
    thread_put_down(k);
}

/* The cache had no room for the block at off, if it is one. */
static bool free_to_cache(const struct visit *visit, size_t off) {
    struct cache *k = pick_up(visit);
    if (k == NULL) return false;
    cache_make_room(k, space.heap, off);
    bool done = cache_free(k, space.regions, off);
    thread_put_down(k);
    return done;
}

/* Whether there was anything in the cache. */
static bool empty_cache(const struct visit *visit) {
    struct cache *k = pick_up(visit);
    if (k == NULL) return false;
    bool any = cache_empty(k, space.heap);
    thread_put_down(k);
    return any;
}

void *shell_alloc_slowly(size_t bytes, size_t align, bool *zero) {
    struct visit visit;
    if (!enter(&visit, GRANT_ALLOC)) return NULL;
    const size_t asks = watch_asks(bytes);
    size_t off;
    bool emptied = false; /* once: whoever the system lets in meanwhile may fill it again */
    while ((off = heap_alloc(space.heap, 0, asks, align)) == 0 && visit.grant == GRANT_ALL) {
        if (grow(asks, align)) continue;
        if (emptied || !empty_cache(&visit)) break;
        emptied = true;
    }
    if (off != 0) allocations++;
    if (off != 0) fill(&visit, asks, align);
    if (off != 0 && zero != NULL) *zero = heap_is_zero(space.heap, off);
    void *p = off == 0 ? NULL : shell_address(off);
    if (watched && p != NULL) watch_alloc(p, bytes, usable_at(p), zero != NULL && *zero);
    settle(&visit);
    leave(&visit);
    return p;
}

/* Leaves, and raises outside what is to be raised. */
static enum verdict leave_with(const struct visit *visit, enum verdict v, const void *p, const char *call) {
    struct misuse m = {0};
    if (v >= HEAP_FOREIGN) m = misuse_note(space.heap, shell_offset(p), v, p, call);
    if (watched && v >= HEAP_FOREIGN && v < HEAP_WRONG_SIZE) tool_invalid(shell_address(shell_offset(p)));
    leave(visit);
    if (v >= HEAP_FOREIGN) misuse_raise(&m);
    return v;
}

enum verdict shell_resize(void *p, size_t bytes, size_t *usable) {
    struct visit visit;
    const uint32_t c = class_at_hand(shell_offset(p));
    if (c < BINS) {
        *usable = class_bytes(c);
        return is_of_class(c, bytes) ? HEAP_OK : HEAP_NO_ROOM;
    }
    *usable = SIZE_MAX;
    if (!enter(&visit, GRANT_ALLOC)) return HEAP_NO_ROOM;
    const size_t before = watched ? size_at(p) : 0;
    enum verdict v = heap_resize(space.heap, shell_offset(p), watch_asks(bytes));
    if (watched && v == HEAP_OK) watch_resize(p, before, bytes, usable_at(p));
    *usable = size_at(p);
    if (watched && v == HEAP_FOREIGN && (*usable = tool_stranger(p)) > 0) v = HEAP_NO_ROOM;
    settle(&visit);
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
    if (!enter(&visit, GRANT_FREE)) return;
    const size_t off = shell_offset(p), usable = usable_at(p);
    enum verdict v = heap_free(space.heap, off);
    if (v == HEAP_OK && usable >= moved)
        heap_purged(space.heap, (uint32_t)(off / PAGE), (uint32_t)(moved / PAGE));
    settle(&visit);
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

enum verdict shell_free_slowly(void *p, const char *call) {
    struct visit visit;
    if (!enter(&visit, GRANT_FREE)) return HEAP_OK;
    const size_t usable = watched ? usable_at(p) : 0, off = shell_offset(p);
    enum verdict v = free_to_cache(&visit, off) ? HEAP_OK : heap_free(space.heap, off);
    if (watched) v = freed(p, usable, v);
    settle(&visit);
    return leave_with(&visit, v, p, call);
}

enum verdict shell_free_sized(void *p, size_t bytes, size_t align, const char *call) {
    struct visit visit;
    const uint32_t c = align == 1 ? class_at_hand(shell_offset(p)) : BINS;
    if (c < BINS && is_of_class(c, bytes)) return shell_free(p, call);
    if (!enter(&visit, GRANT_FREE)) return HEAP_OK;
    const size_t usable = watched ? usable_at(p) : 0;
    enum verdict v;
    if (align != 0 && (align & (align - 1)) == 0) {
        v = heap_free_sized(space.heap, shell_offset(p), watch_asks(bytes), align);
    } else {
        v = heap_verdict(space.heap, shell_offset(p));
        if (v == HEAP_OK) v = HEAP_WRONG_ALIGN;
    }
    if (watched) v = freed(p, usable, v);
    settle(&visit);
    return leave_with(&visit, v, p, call);
}

size_t shell_usable(const void *p) {
    struct visit visit;
    const uint32_t c = class_at_hand(shell_offset(p));
    if (c < BINS) return class_bytes(c);
    if (!enter(&visit, GRANT_FREE)) return 0;
    size_t usable = size_at(p);
    enum verdict v = usable > 0 ? HEAP_OK : heap_verdict(space.heap, shell_offset(p));
    if (watched && v == HEAP_FOREIGN && (usable = tool_stranger(p)) > 0) v = HEAP_OK;
    leave_with(&visit, v, p, "malloc_usable_size");
    return usable;
}

/* A free that comes in meanwhile may join runs, so that the next one is not where it was: hence again, as long as that
 * helps. */
bool shell_purge(void) {
    struct visit visit;
    bool any = false;
    if (!enter(&visit, GRANT_ALL)) return false;
    empty_cache(&visit);
    while (space.heap->pages.dirty > 0 && purge_above(0)) any = true;
    leave(&visit);
    return any;
}

void shell_be_patient(uint64_t milliseconds) {
    struct visit visit;
    if (!enter(&visit, GRANT_FREE)) return;
    keep.patience = milliseconds;
    leave(&visit);
}

const char *shell_check(void) {
    struct visit visit;
    if (!enter(&visit, GRANT_FREE)) return NULL;
    const char *broken = heap_check(space.heap);
    leave(&visit);
    return broken;
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

void shell_stats(struct shell_stats *s) {
    struct visit visit;
    *s = (struct shell_stats){0};
    if (!enter(&visit, GRANT_FREE)) return;
    heap_stats(space.heap, &s->heap);
    s->allocations = allocations;
    for (struct cache *k = thread_next(NULL); k != NULL; k = thread_next(k)) count_cached(s, k);
    s->heap.live -= s->cached;
    s->heap.small -= s->cached;
    leave(&visit);
}
