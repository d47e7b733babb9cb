#include "supply.h"

#include <errno.h>

#include "watch.h"

static bool commit(struct home *h, uint32_t chunks) {
    uint32_t now = supply_chunks(h);
    if (chunks > h->space.chunks - now) return false;
    h->grant = GRANT_ALLOC;
    bool done = space_commit(&h->space, now, now + chunks);
    h->grant = GRANT_NOTHING;
    if (watched && done)
        tool_adopt(home_address(h, (FIRST_CHUNK + now) * (size_t)CHUNK), chunks * (size_t)CHUNK);
    return done && heap_grow(h->space.heap, chunks);
}

/* By what the request needs, and by an eighth of itself if the system lets it: so the number of calls to the system is
 * logarithmic in the size of the heap. */
bool supply_grow(struct home *h, size_t bytes, size_t align) {
    const uint32_t need = heap_needs(h->space.heap, bytes, align), now = supply_chunks(h);
    uint32_t ahead = now / 8;
    if (need == 0) return false;
    if (ahead > h->space.chunks - now) ahead = h->space.chunks - now;
    return (ahead > need && commit(h, ahead)) || commit(h, need);
}

static bool purge_stretch(struct home *h, uint32_t page, uint32_t n) {
    const size_t off = (size_t)page * PAGE, bytes = (size_t)n * PAGE;
    if (watched) tool_open(home_address(h, off), bytes);
    h->grant = GRANT_FREE;
    bool done = os_purge(h->space.base + off, bytes);
    h->grant = GRANT_NOTHING;
    if (watched) tool_shut(home_address(h, off), bytes);
    if (done) heap_purged(h->space.heap, page, n);
    return done;
}

bool supply_purge(struct home *h, uint32_t most) {
    bool any = false;
    uint32_t page, n;
    for (uint32_t from = 0; (n = heap_dirty(h->space.heap, from, &page)) > 0; from = page + n) {
        uint32_t low = 0;
        for (; low < n && most > 0; low++) most -= h->space.heap->pages.state[page + low] == PAGE_DIRTY;
        if (low < n) any |= purge_stretch(h, page + low, n - low);
    }
    return any;
}

static void let_go_much(struct home *h) {
    struct heap_stats s;
    heap_stats(h->space.heap, &s);
    const uint32_t active = (uint32_t)(s.active / PAGE), dirty = h->space.heap->pages.dirty;
    supply_purge(h, keep_of(&h->keep, active, dirty));
    keep_note(&h->keep, active, dirty, h->space.heap->pages.dirty);
}

static void let_go_idle(struct home *h, uint64_t now) {
    const uint32_t dirty = h->space.heap->pages.dirty, idle = keep_idle(&h->keep, dirty, now);
    if (idle > 0) supply_purge(h, dirty - idle);
}

/* The system's clock may be another's, who allocates. Whether a time is over. */
static bool look_at_clock(struct home *h) {
    h->grant = GRANT_ALLOC;
    const uint64_t now = os_clock();
    h->grant = GRANT_NOTHING;
    const bool over = now - h->keep.since >= h->keep.patience;
    let_go_idle(h, now);
    return over && h->keep.patience > 0;
}

static bool settle(struct home *h) {
    if (h->space.heap->pages.dirty > h->keep.most) let_go_much(h);
    const bool worth = keep_is_worth_a_look(&h->keep, h->space.heap->pages.dirty) || homes_started() > 1;
    return worth && look_at_clock(h);
}

static void settle_all(void) {
    struct visit visit;
    const int error = errno;
    const uint64_t now = os_clock();
    errno = error;
    for (struct home *h = homes.home; h < homes.home + homes_started(); h++) {
        if (!home_enter(&visit, h, GRANT_ALL)) continue;
        let_go_idle(h, now);
        home_leave(&visit);
    }
}

void supply_leave(const struct visit *visit) {
    const bool over = visit->grant == GRANT_ALL && settle(visit->home);
    home_leave(visit);
    if (over && homes_started() > 1) settle_all();
}
