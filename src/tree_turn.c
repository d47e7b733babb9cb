#include "tree_turn.h"

/* The longest extent in the subtree of x, from those of its children. */
/*@ requires mem:   \valid(t);
    requires slots: x < SLOTS && Left(x) < SLOTS && Right(x) < SLOTS;
    assigns \nothing;
    ensures holds:  t->length[x] <= \result && t->longest[Left(x)] <= \result &&
        t->longest[Right(x)] <= \result;
    ensures exact:  \result == t->length[x] || \result == t->longest[Left(x)] ||
        \result == t->longest[Right(x)]; */
static pageno longest_at(const struct tree *t, pageno x) {
    pageno l = t->longest[t->links.left[x]];
    pageno r = t->longest[t->links.right[x]];
    pageno m = t->length[x];
    if (m < l) m = l;
    if (m < r) m = r;
    return m;
}

void repair_longest(struct tree *t, pageno x)
/*@ ghost (struct tree_ghost \ghost *g, pageno z, long long m) */ {
    /*@ loop invariant member: Member(x) && In(x) == \at(In(x), Pre);
        loop invariant above:  x == \at(x, Pre) || Lo(x) < \at(x, Pre) < Hi(x);
        loop invariant kept:
            TreeLongestKept(\at(t->longest, Pre), t->longest, g->in, g->in, \at(In(x), Pre));
        TREE_LONGEST(loop invariant, x)
        loop assigns x, t->longest[0 .. SLOTS - 1];
        loop variant x <= TREES ? 0 : TreeHeight(m) - Rank(x); */
    while (x > TREES) {
        /*@ assert up: Node(Parent(x)) ==> Rank(x) < Rank(Parent(x)); */
        pageno m = longest_at(t, x);
        if (t->longest[x] == m) return;
        t->longest[x] = m;
        x = t->links.parent[x];
    }
}

void tree_resize(struct tree *t, pageno x, pageno length) /*@ ghost (struct tree_ghost \ghost *g) */ {
    /*@ ghost tree_height(t, g, g->in[x]); */
    t->length[x] = length;
    repair_longest(t, x) /*@ ghost (g, 0, g->weight[t->links.right[g->in[x]]]) */;
}

/* The links of a rotation. */
/*@ TREE_MEM
    TREE_SHAPE(requires)
    requires node: Node(x) && Right(x) != 0;
    assigns TURN_LINKS(x, Left, Right, Lo, Hi);
    TREE_SHAPE(ensures)
    TURNED(x, Left, Right, Lo, Hi)
    TREE_LINKS_KEPT(\old(In(x))) */
static void relink_left(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno y = t->links.right[x], b = t->links.left[y], p = t->links.parent[x];
    /*@ assert steer: Node(y) && In(y) == In(x) && x != y && p != x && p != y && In(p) == In(x) &&
            b < SLOTS && b != x && b != y && b != p && (b != 0 ==> Node(b) && In(b) == In(x)); */
    t->links.right[x] = b;
    set_parent(&t->links, b, x);
    t->links.parent[y] = p;
    replace_child(&t->links, p, x, y);
    t->links.left[y] = x;
    t->links.parent[x] = y;
    /*@ ghost g->span.lo[y] = g->span.lo[x]; */
    /*@ ghost g->span.hi[x] = y; */
    /*@ assert steer: NESTED_BUT(x, y); */
    /*@ assert steer: NESTED_WITH(x); */
    /*@ assert steer: NESTED_WITH(y); */
}

/*@ TREE_MEM
    TREE_SHAPE(requires)
    requires node: Node(x) && Left(x) != 0;
    assigns TURN_LINKS(x, Right, Left, Hi, Lo);
    TREE_SHAPE(ensures)
    TURNED(x, Right, Left, Hi, Lo)
    TREE_LINKS_KEPT(\old(In(x))) */
static void relink_right(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno y = t->links.left[x], b = t->links.right[y], p = t->links.parent[x];
    /*@ assert steer: Node(y) && In(y) == In(x) && x != y && p != x && p != y && In(p) == In(x) &&
            b < SLOTS && b != x && b != y && b != p && (b != 0 ==> Node(b) && In(b) == In(x)); */
    t->links.left[x] = b;
    set_parent(&t->links, b, x);
    t->links.parent[y] = p;
    replace_child(&t->links, p, x, y);
    t->links.right[y] = x;
    t->links.parent[x] = y;
    /*@ ghost g->span.hi[y] = g->span.hi[x]; */
    /*@ ghost g->span.lo[x] = y; */
    /*@ assert steer: NESTED_BUT(x, y); */
    /*@ assert steer: NESTED_WITH(x); */
    /*@ assert steer: NESTED_WITH(y); */
}

void rotate_left(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno y = t->links.right[x];
    relink_left(t, x) /*@ ghost (g) */;
    t->longest[y] = t->longest[x];
    t->longest[x] = longest_at(t, x);
}

void rotate_right(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno y = t->links.left[x];
    relink_right(t, x) /*@ ghost (g) */;
    t->longest[y] = t->longest[x];
    t->longest[x] = longest_at(t, x);
}

void rotate_red_left(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g, pageno p) */ {
    pageno y = t->links.right[x];
    /*@ ghost long long w = g->weight[y]; */
    t->red[y] = t->red[x];
    t->red[x] = 1;
    /*@ ghost g->weight[y] = g->weight[x]; */
    /*@ ghost g->weight[x] = w; */
    rotate_left(t, x) /*@ ghost (g) */;
}

void rotate_red_right(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g, pageno p) */ {
    pageno y = t->links.left[x];
    /*@ ghost long long w = g->weight[y]; */
    t->red[y] = t->red[x];
    t->red[x] = 1;
    /*@ ghost g->weight[y] = g->weight[x]; */
    /*@ ghost g->weight[x] = w; */
    rotate_right(t, x) /*@ ghost (g) */;
}
