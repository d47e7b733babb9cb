#include "supply.h"

#include <errno.h>

#include "watch.h"

/*@ HOME_OK(requires)
    assigns HOME_ASSIGNS;
    HOME_OK(ensures)
    ensures grown:   HOME_END == \old(HOME_END) + (\result ? chunks * CHUNK_PAGES : 0) && (\result ==> chunks > 0); */
static bool commit(struct home *h, uint32_t chunks) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    uint32_t now = supply_chunks(h);
    if (chunks > h->space.chunks - now) return false;
    home_let_in(h, GRANT_ALLOC);
    bool done = space_commit(&h->space, now, now + chunks);
    home_shut(h) /*@ ghost (&g) */;
    /*@ assert end:   HOME_END == FIRST_PAGE + now * CHUNK_PAGES; */
    if (watched && done)
        tool_adopt(home_address(h, (FIRST_CHUNK + now) * (size_t)CHUNK), chunks * (size_t)CHUNK);
    if (!done) return false;
    bool grown = heap_grow(h->space.heap, chunks) /*@ ghost (&g) */;
    /*@ assert end:   HOME_END == FIRST_PAGE + (now + (grown ? chunks : 0)) * CHUNK_PAGES; */
    /*@ ghost core_sound(h->space.heap, &g); */
    return grown;
}

/* By what the request needs, and by an eighth of itself if the system lets it: so the number of calls to the system is
 * logarithmic in the size of the heap. */
bool supply_grow(struct home *h, size_t bytes, size_t align) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    const uint32_t need = heap_needs(h->space.heap, bytes, align) /*@ ghost (&g) */;
    const uint32_t now = supply_chunks(h);
    uint32_t ahead = now / 8;
    if (need == 0) return false;
    if (ahead > h->space.chunks - now) ahead = h->space.chunks - now;
    bool grown = false;
    if (ahead > need) grown = commit(h, ahead);
    /*@ assert ahead: HOME_END == \at(HOME_END, Pre) + (grown ? ahead * CHUNK_PAGES : 0); */
    if (!grown) grown = commit(h, need);
    /*@ assert more:  grown ? HOME_END > \at(HOME_END, Pre) : HOME_END == \at(HOME_END, Pre); */
    return grown;
}

/* Gives back the n free pages from `page` on; whether the system takes them. */
/*@ HOME_OK(requires)
    requires ghost:  \valid(g) && \separated(h->space.heap, h, g, &classes) && CoreSound(*h->space.heap, *g);
    requires range:  FIRST_PAGE <= page && page + n <= HOME_END;
    requires free:   RunFreePages(h->space.heap->pages.kind, g->home, page, page + n);
    assigns HOME_ASSIGNS, *g;
    HOME_OK(ensures)
    ensures ghost:   CoreSound(*h->space.heap, *g);
    ensures end:     HOME_END == \old(HOME_END); */
static bool purge_stretch(struct home *h, uint32_t page, uint32_t n)
/*@ ghost (struct run_ghost \ghost *g) */ {
    const size_t off = (size_t)page * PAGE, bytes = (size_t)n * PAGE;
    if (watched) tool_open(home_address(h, off), bytes);
    home_let_in(h, GRANT_FREE);
    bool done = os_purge(h->space.base + off, bytes);
    home_shut(h) /*@ ghost (g) */;
    if (watched) tool_shut(home_address(h, off), bytes);
    if (done) heap_purged(h->space.heap, page, n) /*@ ghost (g) */;
    return done;
}

bool supply_purge(struct home *h, uint32_t most) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    bool any = false;
    uint32_t page, n;
    /*@ HOME_OK(loop invariant)
        loop invariant ghost: CoreSound(*h->space.heap, g);
        loop invariant range: from <= SLOTS;
        loop invariant end:   HOME_END == \at(HOME_END, Pre);
        loop assigns from, any, page, n, most, g, HOME_ASSIGNS;
        loop variant SLOTS - from; */
    for (uint32_t from = 0; (n = heap_dirty(h->space.heap, from, &page) /*@ ghost (&g) */) > 0;
         from = page + n) {
        uint32_t low = 0;
        /*@ loop invariant range: 0 <= low <= n;
            loop assigns low, most;
            loop variant n - low; */
        for (; low < n && most > 0; low++) most -= h->space.heap->pages.state[page + low] == PAGE_DIRTY;
        if (low < n) any |= purge_stretch(h, page + low, n - low) /*@ ghost (&g) */;
    }
    return any;
}

/*@ HOME_OK(requires)
    assigns HOME_ASSIGNS;
    HOME_OK(ensures) */
static void let_go_much(struct home *h) {
    struct heap_stats s;
    heap_stats(h->space.heap, &s);
    const uint32_t active = (uint32_t)(s.active / PAGE), dirty = h->space.heap->pages.dirty;
    supply_purge(h, keep_of(&h->keep, active, dirty));
    keep_note(&h->keep, active, dirty, h->space.heap->pages.dirty);
}

/*@ HOME_OK(requires)
    assigns HOME_ASSIGNS;
    HOME_OK(ensures) */
static void let_go_idle(struct home *h, uint64_t now) {
    const uint32_t dirty = h->space.heap->pages.dirty, idle = keep_idle(&h->keep, dirty, now);
    if (idle > 0) supply_purge(h, dirty - idle);
}

/* The system's clock may be another's, who allocates. Whether a time is over. */
/*@ HOME_OK(requires)
    assigns HOME_ASSIGNS;
    HOME_OK(ensures) */
static bool look_at_clock(struct home *h) {
    /*@ ghost struct run_ghost g; core_ghost(h->space.heap, &g); */
    home_let_in(h, GRANT_ALLOC);
    const uint64_t now = os_clock();
    home_shut(h) /*@ ghost (&g) */;
    const bool over = keep_is_over(&h->keep, now);
    let_go_idle(h, now);
    return over && h->keep.patience > 0;
}

/*@ HOME_OK(requires)
    assigns HOME_ASSIGNS;
    HOME_OK(ensures) */
static bool settle(struct home *h) {
    if (h->space.heap->pages.dirty > h->keep.most) let_go_much(h);
    const bool worth = keep_is_worth_a_look(&h->keep, h->space.heap->pages.dirty) || homes_started() > 1;
    return worth && look_at_clock(h);
}

/*@ VISIT_ENDS(visit) */
static void leave_idle(const struct visit *visit, uint64_t now) {
    let_go_idle(visit->home, now);
    home_leave(visit);
}

/*@ assigns HOMES_ASSIGNS;
    ensures inside:  g_inside == \old(g_inside);
    ensures error:   errno == \old(errno); */
static void settle_all(void) {
    struct visit visit;
    const int error = errno;
    const uint64_t now = os_clock();
    errno = error;
    /*@ loop invariant range: 0 <= i <= ARENAS;
        loop invariant inside: g_inside == \at(g_inside, Pre);
        loop invariant error: errno == \at(errno, Pre);
        loop assigns i, visit, HOMES_ASSIGNS;
        loop variant ARENAS - i; */
    for (uint32_t i = 0; i < homes_started(); i++) {
        if (home_enter(&visit, home_at(i), GRANT_ALL)) leave_idle(&visit, now);
    }
}

void supply_leave(const struct visit *visit) {
    const bool over = visit->grant == GRANT_ALL && settle(visit->home);
    home_leave(visit);
    if (over && homes_started() > 1) settle_all();
}
