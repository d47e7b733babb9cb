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
static inline uintptr_t edge_address(const void *p);

/* The offset of an address in the heap's memory; of any other a number that is no such offset. */
/*@ requires mem:    \valid_read(h);
    assigns \nothing;
    ensures inside:  QedIn(h->data, QedSize(*h), (char *)p) ==> \result == OffsetOf(*h, (char *)p);
    ensures outside: !QedIn(h->data, QedSize(*h), (char *)p) ==> !InHeap(h->core.pages.end, \result); */
static inline size_t edge_offset(const struct qed_heap *h, const void *p);

/* The address of an offset in the heap: as much above that of the heap's memory. */
/*@ requires mem:    \valid_read(h);
    requires heap:   InHeap(h->core.pages.end, off);
    assigns \result \from h, off;
    ensures block:   (char *)\result == h->data + (off - FIRST_PAGE * PAGE) && \result != \null;
    ensures address: (uintptr_t)\result == (uintptr_t)h->data + (off - FIRST_PAGE * PAGE); */
static inline void *edge_block(const struct qed_heap *h, size_t off);

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
/*@ requires to:     \valid((char *)to + (0 .. WholeQuanta(bytes) - 1));
    assigns ((char *)to)[0 .. WholeQuanta(bytes) - 1];
    ensures zero:    \forall integer i; 0 <= i < bytes ==> ((char *)to)[i] == 0; */
static inline void edge_clear(void *to, size_t bytes);

/*@ requires to:     \valid((char *)to + (0 .. WholeQuanta(bytes) - 1));
    requires from:   \valid_read((char *)from + (0 .. WholeQuanta(bytes) - 1));
    requires apart:  \separated((char *)to + (0 .. WholeQuanta(bytes) - 1),
                                (char *)from + (0 .. WholeQuanta(bytes) - 1));
    assigns ((char *)to)[0 .. WholeQuanta(bytes) - 1];
    ensures copied:  \forall integer i; 0 <= i < bytes ==> ((char *)to)[i] == \old(((char *)from)[i]); */
static inline void edge_copy(void *to, const void *from, size_t bytes);

/* The program's callbacks, if it has given them. What they write is nobody's business here. */
/*@ requires mem:    \valid_read(h);
    assigns \nothing; */
static inline void edge_lock(const struct qed_heap *h);

/*@ requires mem:    \valid_read(h);
    assigns \nothing; */
static inline void edge_unlock(const struct qed_heap *h);

/*@ requires mem:    \valid_read(h);
    assigns \nothing; */
static inline void edge_misuse(const struct qed_heap *h, enum qed_heap_verdict verdict, void *pointer);

/* Takes the lock. False, and no lock is held, if the heap has no memory. (This one is proved.) */
/*@ requires mem:    h == \null || \valid_read(h);
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
static inline void edge_born(void *block, size_t bytes, size_t usable);

/*@ assigns \nothing; */
static inline void edge_resized(void *block, size_t before, size_t bytes, size_t usable);

/*@ assigns \nothing; */
static inline void edge_dead(void *block, size_t usable);

/*@ assigns \nothing; */
static inline void edge_all_dead(const struct qed_heap *h);

/*@ assigns \nothing; */
static inline void edge_begin(const struct qed_heap *h, size_t bytes);

/* WP has the prototypes alone. */
#ifndef __FRAMAC__
#include "edge_body.h"
#endif

#endif
