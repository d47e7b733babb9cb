#include "tree.h"

/* The longest extent in the subtree of x, from those of its children. */
static pageno longest_at(const struct tree *t, pageno x) {
    pageno l = t->longest[t->links.left[x]];
    pageno r = t->longest[t->links.right[x]];
    pageno m = t->length[x];
    if (m < l) m = l;
    if (m < r) m = r;
    return m;
}

/* Corrects longest[] at x and above, where the extents below x changed. */
static void repair_longest(struct tree *t, pageno x) {
    while (x > TREES) {
        pageno m = longest_at(t, x);
        if (t->longest[x] == m) return;
        t->longest[x] = m;
        x = t->links.parent[x];
    }
}

/* y takes the place of x as a child of p. */
static void replace_child(struct links *s, pageno p, pageno x, pageno y) {
    if (s->left[p] == x) {
        s->left[p] = y;
    } else {
        s->right[p] = y;
    }
}

/* NIL has no parent: it is shared by all trees, so nobody may write it. */
static void set_parent(struct links *s, pageno x, pageno p) {
    if (x != 0) s->parent[x] = p;
}

/*     p            p
 *     x     =>     y
 *    a y          x c
 *     b c        a b     */
static void rotate_left(struct tree *t, pageno x) {
    pageno y = t->links.right[x], b = t->links.left[y], p = t->links.parent[x];
    t->links.right[x] = b;
    set_parent(&t->links, b, x);
    t->links.parent[y] = p;
    replace_child(&t->links, p, x, y);
    t->links.left[y] = x;
    t->links.parent[x] = y;
    t->longest[y] = t->longest[x];
    t->longest[x] = longest_at(t, x);
}

/*     p            p
 *     x     =>     y
 *    y c          a x
 *   a b            b c   */
static void rotate_right(struct tree *t, pageno x) {
    pageno y = t->links.left[x], b = t->links.right[y], p = t->links.parent[x];
    t->links.left[x] = b;
    set_parent(&t->links, b, x);
    t->links.parent[y] = p;
    replace_child(&t->links, p, x, y);
    t->links.right[y] = x;
    t->links.parent[x] = y;
    t->longest[y] = t->longest[x];
    t->longest[x] = longest_at(t, x);
}

/* Rotations over a red link that swap the two colours keep every black height. */
static void rotate_red_left(struct tree *t, pageno x) {
    pageno y = t->links.right[x];
    t->red[y] = t->red[x];
    t->red[x] = 1;
    rotate_left(t, x);
}

static void rotate_red_right(struct tree *t, pageno x) {
    pageno y = t->links.left[x];
    t->red[y] = t->red[x];
    t->red[x] = 1;
    rotate_right(t, x);
}

/* The red node z has the red parent p, left child of q, and a black uncle. */
static void insert_turn_left(struct tree *t, pageno z, pageno p, pageno q) {
    if (z == t->links.right[p]) rotate_red_left(t, p);
    rotate_red_right(t, q);
}

/* The same on the other side: p is the right child of q. */
static void insert_turn_right(struct tree *t, pageno z, pageno p, pageno q) {
    if (z == t->links.left[p]) rotate_red_right(t, p);
    rotate_red_left(t, q);
}

/* z is red, and so may be its parent: restores the colours of tree k. */
static void insert_fixup(struct tree *t, pageno k, pageno z) {
    while (t->red[t->links.parent[z]]) {
        pageno p = t->links.parent[z], q = t->links.parent[p];
        pageno u = t->links.left[q] == p ? t->links.right[q] : t->links.left[q];
        if (t->red[u]) {
            t->red[p] = 0;
            t->red[u] = 0;
            t->red[q] = 1;
            z = q;
        } else {
            if (t->links.left[q] == p) {
                insert_turn_left(t, z, p, q);
            } else {
                insert_turn_right(t, z, p, q);
            }
            return;
        }
    }
    t->red[t->links.right[k]] = 0;
}

/* Makes x a red leaf below p, on the side where its key belongs. */
static void link_leaf(struct tree *t, pageno x, pageno p) {
    t->links.parent[x] = p;
    t->links.left[x] = 0;
    t->links.right[x] = 0;
    t->red[x] = 1;
    t->longest[x] = t->length[x];
    if (x < p) {
        t->links.left[p] = x;
    } else {
        t->links.right[p] = x;
    }
}

void tree_insert(struct tree *t, pageno k, pageno x) {
    pageno p = k, y = t->links.right[k];
    while (y != 0) {
        p = y;
        y = x < y ? t->links.left[y] : t->links.right[y];
    }
    link_leaf(t, x, p);
    repair_longest(t, p);
    insert_fixup(t, k, x);
}

/* The sibling s and its children are black: recolours, and hands the deficit up.
 * The node whose side is short now, or 0. */
static pageno remove_recolour(struct tree *t, pageno p, pageno s) {
    t->red[s] = 1;
    if (t->red[p]) {
        t->red[p] = 0;
        return 0;
    }
    return t->links.parent[p] > TREES ? t->links.parent[p] : 0;
}

/* The left side of p is one black node short, and its right child s is black. */
static pageno remove_left_black(struct tree *t, pageno p) {
    pageno s = t->links.right[p];
    if (!t->red[t->links.left[s]] && !t->red[t->links.right[s]]) return remove_recolour(t, p, s);
    if (!t->red[t->links.right[s]]) {
        rotate_red_right(t, s);
        s = t->links.right[p];
    }
    t->red[t->links.right[s]] = 0;
    t->red[s] = t->red[p];
    t->red[p] = 0;
    rotate_left(t, p);
    return 0;
}

static pageno remove_right_black(struct tree *t, pageno p) {
    pageno s = t->links.left[p];
    if (!t->red[t->links.left[s]] && !t->red[t->links.right[s]]) return remove_recolour(t, p, s);
    if (!t->red[t->links.left[s]]) {
        rotate_red_left(t, s);
        s = t->links.left[p];
    }
    t->red[t->links.left[s]] = 0;
    t->red[s] = t->red[p];
    t->red[p] = 0;
    rotate_right(t, p);
    return 0;
}

/* The side x of p is one black node short: mends it, or moves it up.
 * The node whose side is short now, or 0. */
static pageno remove_step(struct tree *t, pageno p, pageno x) {
    if (t->links.left[p] == x) {
        if (t->red[t->links.right[p]]) rotate_red_left(t, p);
        return remove_left_black(t, p);
    }
    if (t->red[t->links.left[p]]) rotate_red_right(t, p);
    return remove_right_black(t, p);
}

static void remove_fixup(struct tree *t, pageno p, pageno x) {
    while (p != 0) {
        pageno q = remove_step(t, p, x);
        x = p;
        p = q;
    }
}

/* Unlinks the leaf z. The node whose side is one black node short now, or 0. */
static pageno unlink_leaf(struct tree *t, pageno z) {
    pageno p = t->links.parent[z];
    replace_child(&t->links, p, z, 0);
    repair_longest(t, p);
    return t->red[z] || p <= TREES ? 0 : p;
}

/* Removes z, which has at most one child: a red leaf, then, that takes its place. */
static void remove_small(struct tree *t, pageno z) {
    pageno x = t->links.left[z] != 0 ? t->links.left[z] : t->links.right[z];
    if (x != 0) {
        t->links.parent[x] = t->links.parent[z];
        t->red[x] = 0;
        replace_child(&t->links, t->links.parent[z], z, x);
        repair_longest(t, t->links.parent[x]);
    } else {
        remove_fixup(t, unlink_leaf(t, z), 0);
    }
}

/* y, in no tree and with no key between it and z's, takes the place of z. */
static void substitute(struct tree *t, pageno z, pageno y) {
    t->links.parent[y] = t->links.parent[z];
    t->links.left[y] = t->links.left[z];
    t->links.right[y] = t->links.right[z];
    t->red[y] = t->red[z];
    set_parent(&t->links, t->links.left[z], y);
    set_parent(&t->links, t->links.right[z], y);
    replace_child(&t->links, t->links.parent[z], z, y);
    t->longest[y] = t->longest[z];
    repair_longest(t, y);
}

/* The lowest, or highest, node in the subtree of x. */
static pageno lowest(const struct tree *t, pageno x) {
    while (t->links.left[x] != 0) x = t->links.left[x];
    return x;
}

static pageno highest(const struct tree *t, pageno x) {
    while (t->links.right[x] != 0) x = t->links.right[x];
    return x;
}

void tree_remove(struct tree *t, pageno x) {
    if (t->links.left[x] == 0 || t->links.right[x] == 0) {
        remove_small(t, x);
    } else {
        pageno y = lowest(t, t->links.right[x]);
        remove_small(t, y);
        substitute(t, x, y);
    }
}

void tree_resize(struct tree *t, pageno x, pageno length) {
    t->length[x] = length;
    repair_longest(t, x);
}

pageno tree_first(const struct tree *t, pageno k) {
    return lowest(t, t->links.right[k]);
}

pageno tree_last(const struct tree *t, pageno k) {
    return highest(t, t->links.right[k]);
}

pageno tree_next(const struct tree *t, pageno x) {
    if (t->links.right[x] != 0) return lowest(t, t->links.right[x]);
    pageno p = t->links.parent[x];
    while (p > TREES && t->links.left[p] != x) {
        x = p;
        p = t->links.parent[x];
    }
    return p > TREES ? p : 0;
}

pageno tree_prev(const struct tree *t, pageno x) {
    if (t->links.left[x] != 0) return highest(t, t->links.left[x]);
    pageno p = t->links.parent[x];
    while (p > TREES && t->links.right[p] != x) {
        x = p;
        p = t->links.parent[x];
    }
    return p > TREES ? p : 0;
}

pageno tree_at_or_below(const struct tree *t, pageno k, pageno key) {
    pageno x = t->links.right[k], best = 0;
    while (x != 0) {
        if (key < x) {
            x = t->links.left[x];
        } else {
            best = x;
            x = t->links.right[x];
        }
    }
    return best;
}

pageno tree_at_or_above(const struct tree *t, pageno k, pageno key) {
    pageno x = t->links.right[k], best = 0;
    while (x != 0) {
        if (x < key) {
            x = t->links.right[x];
        } else {
            best = x;
            x = t->links.left[x];
        }
    }
    return best;
}

bool tree_contains(const struct tree *t, pageno k, pageno x) {
    return x != 0 && tree_at_or_below(t, k, x) == x;
}

pageno tree_first_fit(const struct tree *t, pageno k, uint32_t length) {
    pageno x = t->links.right[k];
    if (t->longest[x] < length) return 0;
    for (;;) {
        if (t->longest[t->links.left[x]] >= length) {
            x = t->links.left[x];
        } else if (t->length[x] >= length) {
            return x;
        } else {
            x = t->links.right[x];
        }
    }
}
