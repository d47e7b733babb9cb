#include "shell.h"

#include <errno.h>

#include "check.h"
#include "os.h"
#include "space.h"

/* What a call may do, should it find the lock its own thread's already. */
enum grant {
    GRANT_NOTHING, /* the core is at work: only a signal handler can come in */
    GRANT_FREE,    /* pages are being purged: they must stay free */
    GRANT_ALLOC,   /* the heap is about to grow: what is there may be used */
    GRANT_ALL
};

enum { PURGE_PAGES = 8 << 20 >> 12 }; /* so much dirty memory is never worth a call: 8 MiB */
_Static_assert(PAGE == 4096, "PURGE_PAGES counts pages");

static struct space space;
static bool started;
static volatile enum grant grant = GRANT_ALL;
static uint32_t purge_above = PURGE_PAGES; /* dirty pages */
static uint64_t allocations;

/* Reserves the space and makes the heap. On failure the next call tries again. */
static bool start(void) {
    if (space.heap == NULL) {
        struct space s;
        if (!space_reserve(&s)) return false;
        heap_init(s.heap, 1, (uint32_t)(s.base / PAGE));
        space = s;
    }
    started = true; /* whoever guards against fork may allocate */
    grant = GRANT_ALL;
    started = os_guard_fork();
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
    os_lock();
    *v = (struct visit){grant, errno};
    if (v->grant >= need) {
        grant = GRANT_NOTHING;
        if (started || start()) return true;
    }
    leave(v);
    return false;
}

static size_t offset_of(const void *p) {
    return (uintptr_t)p - space.base;
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
    grant = GRANT_FREE;
    bool done = os_purge(space.base + (uintptr_t)page * PAGE, (size_t)n * PAGE);
    grant = GRANT_NOTHING;
    if (done) heap_purged(space.heap, page, n);
    return done;
}

/* Whether the system took back anything. */
static bool purge_once(void) {
    bool any = false;
    uint32_t page, n;
    for (uint32_t from = 0; (n = heap_dirty(space.heap, from, &page)) > 0; from = page + n) {
        any |= purge_stretch(page, n);
    }
    return any;
}

/* A free that comes in meanwhile may join runs, so that the next one is not where it was: hence again,
 * as long as that helps. */
static bool purge(void) {
    bool any = false;
    while (space.heap->pages.dirty > 0 && purge_once()) any = true;
    return any;
}

/* After a free: purges if more is dirty than an eighth of what was in use when it was last looked at.
 * What the system did not take back then, it is not asked for again until there is twice as much. */
static void settle(const struct visit *visit) {
    if (visit->grant < GRANT_ALL || space.heap->pages.dirty <= purge_above) return;
    purge();
    struct heap_stats s;
    heap_stats(space.heap, &s);
    uint32_t eighth = (uint32_t)(s.active / PAGE / 8);
    purge_above = 2 * space.heap->pages.dirty + (eighth > PURGE_PAGES ? eighth : PURGE_PAGES);
}

void *shell_alloc(size_t bytes, size_t align, bool *zero) {
    struct visit visit;
    if (!enter(&visit, GRANT_ALLOC)) return NULL;
    size_t off;
    while ((off = heap_alloc(space.heap, 0, bytes, align)) == 0) {
        if (visit.grant < GRANT_ALL || !grow(bytes, align)) break;
    }
    if (off != 0) allocations++;
    if (off != 0 && zero != NULL) *zero = heap_is_zero(space.heap, off);
    leave(&visit);
    return off == 0 ? NULL : (void *)(space.base + off);
}

/* Leaves, and raises outside what is to be raised. */
static enum verdict leave_with(const struct visit *visit, enum verdict v, const void *p, const char *call) {
    struct misuse m = {0};
    if (v >= HEAP_FOREIGN) m = misuse_note(space.heap, offset_of(p), v, p, call);
    leave(visit);
    if (v >= HEAP_FOREIGN) misuse_raise(&m);
    return v;
}

enum verdict shell_resize(void *p, size_t bytes, size_t *usable) {
    struct visit visit;
    *usable = 0;
    if (!enter(&visit, GRANT_ALLOC)) return HEAP_NO_ROOM;
    enum verdict v = heap_resize(space.heap, offset_of(p), bytes);
    *usable = heap_usable(space.heap, offset_of(p));
    settle(&visit);
    return leave_with(&visit, v, p, "realloc");
}

enum verdict shell_free(void *p, const char *call) {
    struct visit visit;
    if (!enter(&visit, GRANT_FREE)) return HEAP_OK;
    enum verdict v = heap_free(space.heap, offset_of(p));
    settle(&visit);
    return leave_with(&visit, v, p, call);
}

enum verdict shell_free_sized(void *p, size_t bytes, size_t align, const char *call) {
    struct visit visit;
    if (!enter(&visit, GRANT_FREE)) return HEAP_OK;
    enum verdict v;
    if (align != 0 && (align & (align - 1)) == 0) {
        v = heap_free_sized(space.heap, offset_of(p), bytes, align);
    } else {
        v = heap_verdict(space.heap, offset_of(p));
        if (v == HEAP_OK) v = HEAP_WRONG_ALIGN;
    }
    settle(&visit);
    return leave_with(&visit, v, p, call);
}

size_t shell_usable(const void *p) {
    struct visit visit;
    if (!enter(&visit, GRANT_FREE)) return 0;
    size_t usable = heap_usable(space.heap, offset_of(p));
    enum verdict v = usable > 0 ? HEAP_OK : heap_verdict(space.heap, offset_of(p));
    leave_with(&visit, v, p, "malloc_usable_size");
    return usable;
}

bool shell_purge(void) {
    struct visit visit;
    if (!enter(&visit, GRANT_ALL)) return false;
    bool any = purge();
    leave(&visit);
    return any;
}

const char *shell_check(void) {
    struct visit visit;
    if (!enter(&visit, GRANT_FREE)) return NULL;
    const char *broken = heap_check(space.heap);
    leave(&visit);
    return broken;
}

void shell_stats(struct shell_stats *s) {
    struct visit visit;
    *s = (struct shell_stats){0};
    if (!enter(&visit, GRANT_FREE)) return;
    heap_stats(space.heap, &s->heap);
    s->allocations = allocations;
    leave(&visit);
}
