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
/*@ TREE_MEM
    TREE_OK(requires)
    requires tree:   1 <= k <= TREES;
    requires free:   TREES < x < SLOTS && g->in[x] == 0;
    assigns TREE_ARRAYS, g->in[x];
    TREE_OK(ensures)
    ensures in:      g->in[x] == k;
    TREE_KEPT(k) */
void tree_insert(struct tree *t, pageno k, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */;

/* Removes node x from its tree. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires node:   TreeNode(g->in, x);
    assigns TREE_ARRAYS, g->in[0 .. SLOTS - 1];
    TREE_OK(ensures)
    ensures out:     g->in[x] == 0;
    ensures others:  \forall integer i; 0 <= i < SLOTS && i != x ==> g->in[i] == \old(g->in[i]);
    TREE_KEPT(\old(g->in[x])) */
void tree_remove(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */;

/* Node x has a new length. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires node:   TreeNode(g->in, x);
    assigns t->length[x], t->longest[0 .. SLOTS - 1];
    TREE_OK(ensures)
    ensures length:  t->length[x] == length;
    TREE_LONGEST_KEPT(g->in[x]) */
void tree_resize(struct tree *t, pageno x, pageno length) /*@ ghost (struct tree_ghost \ghost *g) */;

/* Slot x, which is in no tree, has a length. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires free:   x < SLOTS && g->in[x] == 0;
    assigns t->length[x];
    TREE_OK(ensures)
    ensures length:  t->length[x] == length; */
void tree_set_length(struct tree *t, pageno x, pageno length) /*@ ghost (struct tree_ghost \ghost *g) */;

/* The lowest node of tree k; 0 if it is empty. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires tree:   1 <= k <= TREES;
    assigns \nothing;
    ensures none:    \result == 0 ==> TreeNone(g->in, k, 0, SLOTS);
    ensures lowest:  \result != 0 ==> TreeHas(g->in, k, \result) && TreeNone(g->in, k, 0, \result); */
pageno tree_first(const struct tree *t, pageno k) /*@ ghost (struct tree_ghost \ghost *g) */;

/* The highest node of tree k; 0 if it is empty. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires tree:   1 <= k <= TREES;
    assigns \nothing;
    ensures none:    \result == 0 ==> TreeNone(g->in, k, 0, SLOTS);
    ensures highest: \result != 0 ==> TreeHas(g->in, k, \result) && TreeNone(g->in, k, \result, SLOTS); */
pageno tree_last(const struct tree *t, pageno k) /*@ ghost (struct tree_ghost \ghost *g) */;

/* The node after node x in its tree; 0 if x is the last. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires node:   TreeNode(g->in, x);
    assigns \nothing;
    ensures none:    \result == 0 ==> TreeNone(g->in, g->in[x], x, SLOTS);
    ensures after:   \result != 0 ==> x < \result && TreeHas(g->in, g->in[x], \result);
    ensures next:    \result != 0 ==> TreeNone(g->in, g->in[x], x, \result); */
pageno tree_next(const struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */;

/* The node before node x in its tree; 0 if x is the first. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires node:   TreeNode(g->in, x);
    assigns \nothing;
    ensures none:    \result == 0 ==> TreeNone(g->in, g->in[x], 0, x);
    ensures before:  \result != 0 ==> \result < x && TreeHas(g->in, g->in[x], \result);
    ensures next:    \result != 0 ==> TreeNone(g->in, g->in[x], \result, x); */
pageno tree_prev(const struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */;

/* The greatest node of tree k that is not above key; 0 if none. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires tree:   1 <= k <= TREES;
    assigns \nothing;
    ensures none:    \result == 0 ==> TreeNone(g->in, k, 0, key + 1);
    ensures below:   \result != 0 ==> \result <= key && TreeHas(g->in, k, \result);
    ensures nearest: \result != 0 ==> TreeNone(g->in, k, \result, key + 1); */
pageno tree_at_or_below(const struct tree *t, pageno k, pageno key)
    /*@ ghost (struct tree_ghost \ghost *g) */;

/* The least node of tree k that is not below key; 0 if none. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires tree:   1 <= k <= TREES;
    assigns \nothing;
    ensures none:    \result == 0 ==> TreeNone(g->in, k, key - 1, SLOTS);
    ensures above:   \result != 0 ==> key <= \result && TreeHas(g->in, k, \result);
    ensures nearest: \result != 0 ==> TreeNone(g->in, k, key - 1, \result); */
pageno tree_at_or_above(const struct tree *t, pageno k, pageno key)
    /*@ ghost (struct tree_ghost \ghost *g) */;

/* Whether slot x is a node of tree k. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires tree:   1 <= k <= TREES;
    assigns \nothing;
    ensures has:     \result <==> TreeHas(g->in, k, x); */
bool tree_contains(const struct tree *t, pageno k, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */;

/* The lowest node of tree k whose length is at least `length`, 1 or more; 0 if none. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires tree:   1 <= k <= TREES;
    requires some:   1 <= length;
    assigns \nothing;
    ensures none:    \result == 0 ==> TreeNoneFits(t->length, g->in, k, 0, SLOTS, length);
    ensures fits:    \result != 0 ==> TreeHas(g->in, k, \result) && length <= t->length[\result];
    ensures lowest:  \result != 0 ==> TreeNoneFits(t->length, g->in, k, 0, \result, length); */
pageno tree_first_fit(const struct tree *t, pageno k, uint32_t length)
    /*@ ghost (struct tree_ghost \ghost *g) */;

#endif
