/* edge: what a struct qed_heap is to the library, and all that it asks of the world: numbers of addresses, the
 * contents of blocks, the program's callbacks, and watchers.
 *
 * The core knows a block by its offset. The heap's memory begins at offset FIRST_PAGE * PAGE; no object need be
 * where offset 0 would be.
 *
 * What the contracts here say is not proved: WP takes them at their word, see "Assumed" in verify/README.md. So
 * what stands here decides nothing.
 */
#ifndef QED_EDGE_H
#define QED_EDGE_H

#include "heap.h"

#include "spec/core.acsl"

/* data: the lowest page; NULL before init. live, peak: see struct qed_heap_statistics. The core is last: it is
 * cleared in whole words. */
#define QED_HEAP_BODY              \
    struct qed_heap_config config; \
    char *data;                    \
    size_t live, peak;             \
    struct heap core;

#include "qed_heap.h"

/* The number of an address. */
/*@ assigns \nothing;
    ensures number:  \result == (uintptr_t)p; */
static inline uintptr_t edge_address(const char *p);

/* The offset of address p, if it is of the heap's memory from data on, up to page `end`; else a number that is no
 * such offset. */
/*@ assigns \nothing;
    ensures named:   Named(data, end, p, \result); */
static inline size_t edge_offset(const char *data, const char *p) /*@ ghost (pageno end) */;

/* The address n bytes above p in one object is as much more, as a number. */
/*@ requires range:  (uintptr_t)p + n <= UINTPTR_MAX && p != \null;
    assigns \result \from p, n;
    ensures above:   \result == p + n && \result != \null;
    ensures number:  (uintptr_t)\result == (uintptr_t)p + n; */
static inline char *edge_above(char *p, size_t n);

/* Whether n is a power of two. */
/*@ assigns \nothing;
    ensures power:   \result <==> QedPower(n); */
static inline bool edge_is_power(size_t n);

/* The core's metadata are zeroes. */
/*@ requires mem:    \valid(h);
    assigns h->core;
    ensures trees:   TreeZero(h->core.pages.tree.links, h->core.pages.tree.red, h->core.pages.tree.longest);
    ensures pages:   PagesZero(h->core.pages.dirty, h->core.pages.kind, h->core.pages.state, h->core.pages.owner);
    ensures arena:   ArenaZero(h->core.regions.tags, h->core.bins.runcur); */
static inline void edge_erase(struct qed_heap *h);

/* Contents are cleared and copied in whole quanta. */
/*@ requires to:     \valid(to + (0 .. WholeQuanta(bytes) - 1));
    assigns to[0 .. WholeQuanta(bytes) - 1];
    ensures zero:    \forall integer i; 0 <= i < bytes ==> to[i] == 0; */
static inline void edge_clear(char *to, size_t bytes);

/*@ requires to:     \valid(to + (0 .. WholeQuanta(bytes) - 1));
    requires from:   \valid_read(from + (0 .. WholeQuanta(bytes) - 1));
    requires apart:  \separated(to + (0 .. WholeQuanta(bytes) - 1),
                                from + (0 .. WholeQuanta(bytes) - 1));
    assigns to[0 .. WholeQuanta(bytes) - 1];
    ensures copied:  \forall integer i; 0 <= i < bytes ==> to[i] == \old(from[i]); */
static inline void edge_copy(char *to, const char *from, size_t bytes);

/* The program's callbacks, if it has given them. What they write is nobody's business here. */
/*@ requires mem:    \valid(h);
    assigns \nothing; */
static inline void edge_lock(const struct qed_heap *h);

/*@ requires mem:    \valid(h);
    assigns \nothing; */
static inline void edge_unlock(const struct qed_heap *h);

/*@ requires mem:    \valid(h);
    assigns \nothing; */
static inline void edge_misuse(const struct qed_heap *h, enum qed_heap_verdict verdict, char *pointer);

/* Takes the lock. False, and no lock is held, if the heap has no memory. (This one is proved.) */
/*@ requires mem:    h == \null || \valid(h);
    assigns \nothing;
    ensures memory:  \result <==> h != \null && h->data != \null; */
static inline bool edge_enter(const struct qed_heap *h) {
    if (h == NULL || h->data == NULL) return false;
    edge_lock(h);
    return true;
}

/* A block that had `before` usable bytes has `after`, as far as statistics know. */
/*@ requires mem:    \valid(h);
    assigns h->live, h->peak; */
static inline void edge_account(struct qed_heap *h, size_t before, size_t after);

/* What to ask of the core for the program's `bytes`; what the program may use of the block at off, which has
 * `usable`: there is a difference only if somebody watches, who is told all else here. */
/*@ assigns \nothing;
    ensures same:    \result == bytes; */
static inline size_t edge_asks(size_t bytes);

/*@ assigns \nothing;
    ensures same:    \result == usable; */
static inline size_t edge_usable(const struct qed_heap *h, size_t off, size_t usable);

/*@ assigns \nothing; */
static inline void edge_born(const struct qed_heap *h, size_t off, size_t bytes, size_t usable);

/*@ assigns \nothing; */
static inline void edge_resized(const struct qed_heap *h, size_t off, size_t before, size_t bytes,
                                size_t usable);

/*@ assigns \nothing; */
static inline void edge_dead(const struct qed_heap *h, size_t off, size_t usable);

/*@ assigns \nothing; */
static inline void edge_all_dead(const struct qed_heap *h);

/*@ assigns \nothing; */
static inline void edge_begin(const struct qed_heap *h, size_t bytes);

/* WP has the prototypes alone. */
#ifndef __FRAMAC__
#include "edge_body.h"
#endif

#endif
