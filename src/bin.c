#include "bin.h"

void bin_add(struct tree *t, pageno *runcur, pageno k, pageno r) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno other = *runcur;
    if (other == 0 || r < other) {
        *runcur = r;
        r = other;
    }
    if (r != 0) tree_insert(t, k, r) /*@ ghost (g) */;
}

/* Takes the lowest node out of tree k; 0 if it is empty. */
/*@ TREE_OK(requires)
    requires tree:    1 <= k <= TREES;
    assigns TREE_ARRAYS, g->in[0 .. SLOTS - 1];
    TREE_OK(ensures)
    ensures none:    \result == 0 ==> TreeNone(g->in, k, TREES, SLOTS);
    ensures first:   \result != 0 ==> TreeHas(\old(g->in), k, \result) && TreeNone(g->in, k, TREES, \result);
    ensures out:     \result != 0 ==> g->in[\result] == 0;
    ensures others:  \forall integer i; 0 <= i < SLOTS && i != \result ==> g->in[i] == \old(g->in[i]);
    TREE_KEPT(k) */
static pageno take_first(struct tree *t, pageno k) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno r = tree_first(t, k) /*@ ghost (g) */;
    if (r != 0) tree_remove(t, r) /*@ ghost (g) */;
    return r;
}

/* Run r leaves its bin: it is full, or empty. */
/*@ TREE_OK(requires)
    BIN_OK(requires)
    requires in:      TREES < r < SLOTS && BinOf(g->in, *runcur, k, r) == k;
    assigns BIN_ARRAYS;
    TREE_OK(ensures)
    BIN_OK(ensures)
    ensures out:     BinOf(g->in, *runcur, k, r) == 0;
    BIN_OTHERS(r) */
static void drop_run(struct tree *t, pageno *runcur, pageno k,
                     pageno r) /*@ ghost (struct tree_ghost \ghost *g) */ {
    if (r == *runcur) {
        *runcur = take_first(t, k) /*@ ghost (g) */;
    } else {
        tree_remove(t, r) /*@ ghost (g) */;
    }
}

size_t bin_take(struct regions *rs, struct tree *t, pageno *runcur, pageno k)
/*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno r = *runcur;
    size_t off = region_take(rs, r);
    if (rs->runs.nfree[r] == 0) drop_run(t, runcur, k, r) /*@ ghost (g) */;
    return off;
}

bool bin_give(struct regions *rs, struct tree *t, pageno *runcur, pageno k, pageno r, size_t off)
/*@ ghost (struct tree_ghost \ghost *g) */ {
    region_give(rs, r, off);
    /*@ ghost class_facts(rs->runs.class[r]); */
    if (rs->runs.nfree[r] == 1) {
        bin_add(t, runcur, k, r) /*@ ghost (g) */;
        return false;
    }
    if (rs->runs.nfree[r] < class_regions(rs->runs.class[r])) return false;
    drop_run(t, runcur, k, r) /*@ ghost (g) */;
    return true;
}
