#include "hand.h"
#include "shell.h"

#include "inside.h"
#include "move.h"
#include "supply.h"
#include "watch.h"

/* What the program may use of the block at p; 0 if there is none. */
/*@ HOME_OK(requires)
    assigns \nothing; */
static size_t size_at(const struct home *h, void *p) {
    const size_t usable = inside_usable(h, home_offset(h, p));
    return watched && usable > 0 ? watch_size(p, usable) : usable;
}

/* The block at p, of so many usable bytes, has been freed, or v says why not. */
/*@ assigns \nothing;
    ensures same:    \result == v; */
static enum verdict freed(void *p, size_t usable, enum verdict v) {
    if (watched && v == HEAP_OK) watch_free(p, usable);
    return watched && v == HEAP_FOREIGN && tool_free_stranger(p) ? HEAP_OK : v;
}

/* Inside now. Whether it reads as zero is asked by *zero, and answered there. */
/*@ requires mem:    \valid(zero);
    requires align:  RequestAlign(align);
    VISIT_ENDS(visit)
    assigns HAND_ASSIGNS, *zero;
    assigns \result \from bytes, align; */
static void *alloc_and_leave(const struct visit *visit, size_t bytes, size_t align, bool *zero) {
    struct home *h = visit->home;
    const size_t off = inside_alloc(h, visit->grant, watch_asks(bytes), align, zero);
    void *p = off == 0 ? NULL : home_address(h, off);
    if (watched && p != NULL) watch_alloc(p, bytes, inside_usable(h, off), *zero);
    supply_leave(visit);
    return p;
}

/*@ requires mem:    \valid(h) && (zero == \null || \valid(zero));
    requires align:  RequestAlign(align);
    OUTSIDE
    assigns *zero;
    assigns \result \from h, bytes, align; */
static void *alloc_in(struct home *h, size_t bytes, size_t align, bool *zero) {
    struct visit visit;
    bool clean = zero != NULL;
    if (!home_enter(&visit, h, GRANT_ALLOC)) return NULL;
    void *p = alloc_and_leave(&visit, bytes, align, &clean);
    if (zero != NULL) *zero = clean;
    return p;
}

/*@ requires align:  RequestAlign(align);
    assigns \nothing; */
static bool is_huge(size_t bytes, size_t align) {
    if (request_is_small(bytes, align)) return false;
    return request_exceeds(bytes, align) || !request_is_large(request_of(bytes, align));
}

/*@ ghost
  // A power of two is an alignment of the heap's, as its half is.
  /@ requires power:  0 < n && PowerOfTwo(n);
     decreases n;
     assigns \nothing;
     ensures low:     n % CHUNK == 0 || Power(n) || n == 0x2000 || n == 0x4000 || n == 0x8000 || n == 0x10000 ||
                      n == 0x20000 || n == 0x40000 || n == 0x80000 || n == 0x100000 || n == 0x200000;
     ensures align:   RequestAlign(n); @/
  void power_aligns(size_t n) {
      half_of_power();
      if (n > 1) power_aligns(n / 2);
      /@ assert low:   n <= PAGE ==> Power(n); @/
      /@ assert pages: n % CHUNK == 0 ==> n == n / CHUNK * CHUNK && n / PAGE == n / CHUNK * CHUNK_PAGES; @/
      /@ assert whole: n % CHUNK == 0 ==> n % PAGE == 0 && n / PAGE % CHUNK_PAGES == 0; @/
      if (n > PAGE && n < CHUNK) {
          const size_t pages = n / PAGE, times = CHUNK_PAGES / pages;
          /@ assert pages: n == pages * PAGE && CHUNK_PAGES == times * pages; @/
          multiple(CHUNK_PAGES, (long long)times, (long long)pages);
      }
  }
*/

/* Huge blocks are the first heap's; so is what does not fit elsewhere. Who is inside stays where he is. */
void *shell_alloc_slowly(size_t bytes, size_t align, bool *zero) {
    /*@ ghost power_aligns(align); */
    if (home_is_inside()) return alloc_in(hand_within(), bytes, align, zero);
    hand_settle();
    struct home *first = home_at(0), *h = is_huge(bytes, align) ? first : hand_home();
    void *p = alloc_in(h, bytes, align, zero);
    return p == NULL && h != first ? alloc_in(first, bytes, align, zero) : p;
}

/* Leaves, and raises outside what is to be raised. */
/*@ requires verdict: v < HEAP_VERDICTS;
    VISIT_ENDS(visit)
    ensures verdict: \result == v; */
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
    const uint32_t c = hand_class(p);
    if (c < BINS) {
        *usable = class_bytes(c);
        return hand_is_of_class(c, bytes) ? HEAP_OK : HEAP_NO_ROOM;
    }
    *usable = SIZE_MAX;
    if (!home_enter(&visit, h, GRANT_ALLOC)) return HEAP_NO_ROOM;
    const size_t before = watched ? size_at(h, p) : 0;
    enum verdict v = inside_resize(h, home_offset(h, p), watch_asks(bytes));
    if (watched && v == HEAP_OK) watch_resize(p, before, bytes, inside_usable(h, home_offset(h, p)));
    *usable = size_at(h, p);
    if (watched && v == HEAP_FOREIGN && (*usable = tool_stranger(p)) > 0) v = HEAP_NO_ROOM;
    return leave_with(&visit, v, p, "realloc");
}

/*@ requires pages:  0 < moved && moved % CHUNK == 0;
    VISIT_ENDS(visit) */
static void free_moved_and_leave(const struct visit *visit, void *p, size_t moved) {
    struct home *h = visit->home;
    leave_with(visit, inside_free_purged(h, home_offset(h, p), moved), p, "realloc");
}

/* The first bytes of the block at p were moved, and are zero. It has as many, unless another thread has freed it. */
/*@ requires pages:  0 < moved && moved % CHUNK == 0;
    OUTSIDE */
static void free_moved(void *p, size_t moved) {
    struct visit visit;
    if (home_enter(&visit, home_of(p), GRANT_FREE)) free_moved_and_leave(&visit, p, moved);
}

void shell_move(void *to, void *from, size_t bytes) {
    const size_t moved = move_contents(to, from, bytes);
    if (moved > 0) {
        free_moved(from, moved);
    } else {
        shell_free(from, "realloc");
    }
}

/* The cache for blocks of another heap than the thread's own needs no lock either. */
/*@ requires mem:    \valid(h);
    assigns Heaps[0 .. ARENAS - 1], HAND_ASSIGNS; */
static bool free_at_hand(struct home *h, void *p) {
    struct cache *k = h == hand_home() ? NULL : hand_pick_up(h);
    if (k == NULL) return false;
    bool done = cache_free(k, h->space.regions, home_offset(h, p));
    hand_put_down() /*@ ghost (k, h) */;
    return done;
}

/*@ VISIT_ENDS(visit)
    assigns HAND_ASSIGNS;
    ensures verdict: \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS; */
static enum verdict free_and_leave(const struct visit *visit, void *p, const char *call) {
    struct home *h = visit->home;
    const size_t off = home_offset(h, p), usable = watched ? inside_usable(h, off) : 0;
    enum verdict v = inside_free_to_cache(h, off) ? HEAP_OK : inside_free(h, off);
    return leave_with(visit, freed(p, usable, v), p, call);
}

enum verdict shell_free_slowly(void *p, const char *call) {
    struct visit visit;
    struct home *h = home_of(p);
    hand_settle();
    if (free_at_hand(h, p)) return HEAP_OK;
    hand_meet(h);
    return home_enter(&visit, h, GRANT_FREE) ? free_and_leave(&visit, p, call) : HEAP_OK;
}

/*@ VISIT_ENDS(visit)
    ensures verdict: \result == HEAP_OK || HEAP_FOREIGN <= \result < HEAP_VERDICTS; */
static enum verdict free_sized_and_leave(const struct visit *visit, void *p, size_t bytes, size_t align,
                                         const char *call) {
    struct home *h = visit->home;
    const size_t off = home_offset(h, p), usable = watched ? inside_usable(h, off) : 0;
    enum verdict v;
    if (align != 0 && (align & (align - 1)) == 0) {
        /*@ ghost power_by_bits(align); power_aligns(align); */
        v = inside_free_sized(h, off, watch_asks(bytes), align);
    } else {
        v = inside_verdict(h, off);
        if (v == HEAP_OK) v = HEAP_WRONG_ALIGN;
    }
    return leave_with(visit, freed(p, usable, v), p, call);
}

enum verdict shell_free_sized(void *p, size_t bytes, size_t align, const char *call) {
    struct visit visit;
    const uint32_t c = align == 1 ? hand_class(p) : BINS;
    if (c < BINS && hand_is_of_class(c, bytes)) return shell_free(p, call);
    if (!home_enter(&visit, home_of(p), GRANT_FREE)) return HEAP_OK;
    return free_sized_and_leave(&visit, p, bytes, align, call);
}

size_t shell_usable(const void *pointer) {
    struct visit visit;
    void *p = (void *)(uintptr_t)pointer;
    struct home *h = home_of(p);
    const uint32_t c = hand_class(p);
    if (c < BINS) return class_bytes(c);
    if (!home_enter(&visit, h, GRANT_FREE)) return 0;
    size_t usable = size_at(h, p);
    enum verdict v = usable > 0 ? HEAP_OK : inside_verdict(h, home_offset(h, p));
    if (watched && v == HEAP_FOREIGN && (usable = tool_stranger(p)) > 0) v = HEAP_OK;
    leave_with(&visit, v, p, "malloc_usable_size");
    return usable;
}

/* A free that comes in meanwhile may join runs, so that the next one is not where it was: hence again, as long as that
 * helps. A page goes each time, and none is allocated: so it is not more often than there are pages. */
/*@ HOME_OK(requires)
    assigns HOME_ASSIGNS;
    HOME_OK(ensures) */
static bool purge_all(struct home *h) {
    bool any = false;
    /*@ HOME_OK(loop invariant)
        loop invariant range: 0 <= pages <= SLOTS;
        loop assigns any, pages, HOME_ASSIGNS;
        loop variant pages; */
    for (uint32_t pages = SLOTS; pages > 0 && h->space.heap->pages.dirty > 0; pages--) {
        if (!supply_purge(h, 0)) break;
        any = true;
    }
    return any;
}

/*@ VISIT_ENDS(visit)
    assigns HAND_ASSIGNS; */
static bool purge_and_leave(const struct visit *visit) {
    inside_empty_cache(visit->home);
    bool any = purge_all(visit->home);
    home_leave(visit);
    return any;
}

/*@ requires mem:    \valid(h);
    OUTSIDE */
static bool purge(struct home *h) {
    struct visit visit;
    return home_enter(&visit, h, GRANT_ALL) && purge_and_leave(&visit);
}

bool shell_purge(void) {
    bool any = false;
    /*@ loop invariant range: 0 <= i <= ARENAS;
        loop invariant inside: g_inside == \at(g_inside, Pre);
        loop invariant error: errno == \at(errno, Pre);
        loop assigns i, any, HOMES_ASSIGNS, HAND_ASSIGNS;
        loop variant ARENAS - i; */
    for (uint32_t i = 0; i < homes_started(); i++) any |= purge(home_at(i));
    return any;
}
