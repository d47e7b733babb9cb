/* tree: ordered sets of extents, as red-black trees keyed by page number.
 *
 * A node is a slot and its key is the slot's own number, so a node needs no key and
 * no allocation, and a subtree occupies an interval of numbers. Many trees share one
 * set of arrays; a slot is in one of them at most.
 *
 *   slot  0         NIL: in no tree, black, length 0; never written
 *         1..TREES  headers: the header of tree k is slot k, right[k] its root
 *         above     nodes: page numbers
 *
 * Every node has a length, and knows the longest in its subtree: that finds the
 * lowest extent of at least n pages in one walk from the root.
 *
 * Every loop takes at most 2 * log2(m + 1) + 1 steps in a tree of m nodes.
 * Algorithms: Cormen et al., Introduction to Algorithms, ch. 13 and 14; a header for
 * each root and no write to NIL are ours.
 */
#ifndef QED_TREE_H
#define QED_TREE_H

#include <stdbool.h>

#include "size.h"

enum {
    TREES = 2 + ARENAS * (1 + BINS),        /* free chunks, huge blocks; each arena's free runs and bins */
    FIRST_CHUNK = TREES / CHUNK_PAGES + 1,  /* the chunks below are the headers' slots, not memory */
    FIRST_PAGE = FIRST_CHUNK * CHUNK_PAGES, /* the lowest page there is */
    SLOTS = HEAP_CHUNKS * CHUNK_PAGES,
};

_Static_assert(FIRST_CHUNK < (int)HEAP_CHUNKS, "the headers leave room for pages");
_Static_assert((pageno)SLOTS == SLOTS, "a pageno holds every page number, and the end");

/* Indexed by slot. */
struct links {
    pageno left[SLOTS];   /* child with smaller keys, 0 for none; of a header: 0 */
    pageno right[SLOTS];  /* child with larger keys, 0 for none; of a header: the root */
    pageno parent[SLOTS]; /* of the root: its header */
};

struct tree {
    struct links links;
    uint8_t red[SLOTS];    /* 1 red, 0 black; NIL and headers are black */
    pageno longest[SLOTS]; /* of a node: the greatest length in its subtree */
    pageno length[SLOTS];  /* pages; the owner's to write while the slot is in no tree */
};

#include "spec/tree.acsl"

/* Inserts slot x, which is in no tree and has its length, into tree k. */
void tree_insert(struct tree *t, pageno k, pageno x);

/* Removes node x from its tree. */
void tree_remove(struct tree *t, pageno x);

/* Node x has a new length. */
void tree_resize(struct tree *t, pageno x, pageno length);

/* The lowest or highest node of tree k; 0 if it is empty. */
pageno tree_first(const struct tree *t, pageno k);
pageno tree_last(const struct tree *t, pageno k);

/* The node after or before node x in its tree; 0 if x is the last or the first. */
pageno tree_next(const struct tree *t, pageno x);
pageno tree_prev(const struct tree *t, pageno x);

/* The greatest node of tree k that is not above key, the least that is not below; 0 if none. */
pageno tree_at_or_below(const struct tree *t, pageno k, pageno key);
pageno tree_at_or_above(const struct tree *t, pageno k, pageno key);

/* Whether slot x is a node of tree k. */
bool tree_contains(const struct tree *t, pageno k, pageno x);

/* The lowest node of tree k whose length is at least `length`, 1 or more; 0 if none. */
pageno tree_first_fit(const struct tree *t, pageno k, uint32_t length);

#endif
