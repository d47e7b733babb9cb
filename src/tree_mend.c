#include "tree_mend.h"

/* One side of p is short; its child s on the other side is black and has black children. Makes s red: so the
 * other side is short as well, and p, or if p cannot make up for it, a side of its parent. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortLeft(p) && s == Right(p) || ShortRight(p) && s == Left(p);
    requires black:  s != 0 && !Red(s) && !Red(Left(s)) && !Red(Right(s));
    assigns t->red[s], t->red[p], Weight(s), Weight(p);
    MOVED_UP(p)
    ensures settled: \old(Red(p)) ==> \result == 0;
    TREE_RED_KEPT(In(p)) */
static pageno mend_recolour(struct tree *t, pageno p, pageno s) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno q = t->links.parent[p];
    /*@ ghost long long w = g->weight[s == t->links.right[p] ? t->links.left[p] : t->links.right[p]]; */
    t->red[s] = 1;
    /*@ ghost g->weight[s] = w; */
    if (t->red[p]) {
        t->red[p] = 0;
        return 0;
    }
    /*@ ghost g->weight[p] = 2 * w; */
    return q > TREES ? q : 0;
}

/* The left side of p is short, and its right child red: p comes down, and gets a black one. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortLeft(p);
    requires red:    Right(p) != 0 && Red(Right(p));
    assigns TURN_LINKS(p, Left, Right, Lo, Hi), TURN_LONGEST(p, Right), TURN_COLOURS(p, Right);
    TREE_BUT(ensures, p, 0, 0)
    ensures short:   ShortLeft(p);
    ensures black:   Red(p) && Right(p) != 0 && !Red(Right(p));
    TREE_KEPT(In(p)) */
static void mend_red_left(struct tree *t, pageno p) /*@ ghost (struct tree_ghost \ghost *g) */ {
    rotate_red_left(t, p) /*@ ghost (g, p) */;
}

/* The left side of p is short. Of its right child s, which is black, the inner child is red and the
 * outer one is not: makes it so. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortLeft(p);
    requires inner:  s == Right(p) && s != 0 && !Red(s) && Left(s) != 0 && Red(Left(s)) && !Red(Right(s));
    assigns TURN_LINKS(s, Right, Left, Hi, Lo), TURN_LONGEST(s, Left), TURN_COLOURS(s, Left);
    TREE_BUT(ensures, p, 0, 0)
    ensures short:   ShortLeft(p);
    ensures outer:   Right(p) != 0 && !Red(Right(p)) && Right(Right(p)) == s && Red(s);
    TREE_KEPT(In(p)) */
static void mend_inner_left(struct tree *t, pageno s) /*@ ghost (struct tree_ghost \ghost *g, pageno p) */ {
    rotate_red_right(t, s) /*@ ghost (g, p) */;
}

/* The left side of p is short. Its right child s is black, the outer child of that is red: it becomes the
 * black node that was missing. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortLeft(p);
    requires outer:  s == Right(p) && s != 0 && !Red(s) && Right(s) != 0 && Red(Right(s));
    assigns TURN_LINKS(p, Left, Right, Lo, Hi), TURN_LONGEST(p, Right), TURN_COLOURS(p, Right),
        t->red[Right(s)], Weight(Right(s));
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(In(p)) */
static void mend_outer_left(struct tree *t, pageno p, pageno s) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno r = t->links.right[s];
    t->red[r] = 0;
    t->red[s] = t->red[p];
    t->red[p] = 0;
    /*@ ghost g->weight[s] = g->weight[p]; */
    /*@ ghost g->weight[p] = 2 * g->weight[r]; */
    /*@ ghost g->weight[r] = 2 * g->weight[r]; */
    rotate_left(t, p) /*@ ghost (g) */;
}

/* The left side of p is short. Its right child s is black, and has a red child. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortLeft(p);
    requires nephew: s == Right(p) && s != 0 && !Red(s) && (Red(Left(s)) || Red(Right(s)));
    assigns TREE_ARRAYS;
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(In(p)) */
static void mend_nephew_left(struct tree *t, pageno p, pageno s) /*@ ghost (struct tree_ghost \ghost *g) */ {
    if (!t->red[t->links.right[s]]) {
        mend_inner_left(t, s) /*@ ghost (g, p) */;
        s = t->links.right[p];
    }
    mend_outer_left(t, p, s) /*@ ghost (g) */;
}

/* The left side of p is short, and its right child black. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortLeft(p) && !Red(Right(p));
    assigns TREE_ARRAYS;
    TREE_SHAPE(ensures)
    TREE_LONGEST(ensures, 0)
    MOVED_UP(p)
    ensures settled: \old(Red(p)) ==> \result == 0;
    TREE_KEPT(In(p)) */
static pageno mend_black_left(struct tree *t, pageno p) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno s = t->links.right[p];
    if (!t->red[t->links.left[s]] && !t->red[t->links.right[s]])
        return mend_recolour(t, p, s) /*@ ghost (g) */;
    mend_nephew_left(t, p, s) /*@ ghost (g) */;
    return 0;
}

/* The left side of p is short: mends it, or moves the deficit up to the parent of p, the result. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortLeft(p);
    assigns TREE_ARRAYS;
    TREE_SHAPE(ensures)
    TREE_LONGEST(ensures, 0)
    MOVED_UP(p)
    TREE_KEPT(In(p)) */
static pageno mend_left(struct tree *t, pageno p) /*@ ghost (struct tree_ghost \ghost *g) */ {
    if (t->red[t->links.right[p]]) mend_red_left(t, p) /*@ ghost (g) */;
    return mend_black_left(t, p) /*@ ghost (g) */;
}

/* The right side of p is short, and its left child red: p comes down, and gets a black one. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortRight(p);
    requires red:    Left(p) != 0 && Red(Left(p));
    assigns TURN_LINKS(p, Right, Left, Hi, Lo), TURN_LONGEST(p, Left), TURN_COLOURS(p, Left);
    TREE_BUT(ensures, p, 0, 0)
    ensures short:   ShortRight(p);
    ensures black:   Red(p) && Left(p) != 0 && !Red(Left(p));
    TREE_KEPT(In(p)) */
static void mend_red_right(struct tree *t, pageno p) /*@ ghost (struct tree_ghost \ghost *g) */ {
    rotate_red_right(t, p) /*@ ghost (g, p) */;
}

/* The right side of p is short. Of its left child s, which is black, the inner child is red and the
 * outer one is not: makes it so. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortRight(p);
    requires inner:  s == Left(p) && s != 0 && !Red(s) && Right(s) != 0 && Red(Right(s)) && !Red(Left(s));
    assigns TURN_LINKS(s, Left, Right, Lo, Hi), TURN_LONGEST(s, Right), TURN_COLOURS(s, Right);
    TREE_BUT(ensures, p, 0, 0)
    ensures short:   ShortRight(p);
    ensures outer:   Left(p) != 0 && !Red(Left(p)) && Left(Left(p)) == s && Red(s);
    TREE_KEPT(In(p)) */
static void mend_inner_right(struct tree *t, pageno s) /*@ ghost (struct tree_ghost \ghost *g, pageno p) */ {
    rotate_red_left(t, s) /*@ ghost (g, p) */;
}

/* The right side of p is short. Its left child s is black, the outer child of that is red: it becomes the
 * black node that was missing. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortRight(p);
    requires outer:  s == Left(p) && s != 0 && !Red(s) && Left(s) != 0 && Red(Left(s));
    assigns TURN_LINKS(p, Right, Left, Hi, Lo), TURN_LONGEST(p, Left), TURN_COLOURS(p, Left),
        t->red[Left(s)], Weight(Left(s));
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(In(p)) */
static void mend_outer_right(struct tree *t, pageno p, pageno s) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno r = t->links.left[s];
    t->red[r] = 0;
    t->red[s] = t->red[p];
    t->red[p] = 0;
    /*@ ghost g->weight[s] = g->weight[p]; */
    /*@ ghost g->weight[p] = 2 * g->weight[r]; */
    /*@ ghost g->weight[r] = 2 * g->weight[r]; */
    rotate_right(t, p) /*@ ghost (g) */;
}

/* The right side of p is short. Its left child s is black, and has a red child. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortRight(p);
    requires nephew: s == Left(p) && s != 0 && !Red(s) && (Red(Right(s)) || Red(Left(s)));
    assigns TREE_ARRAYS;
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(In(p)) */
static void mend_nephew_right(struct tree *t, pageno p, pageno s) /*@ ghost (struct tree_ghost \ghost *g) */ {
    if (!t->red[t->links.left[s]]) {
        mend_inner_right(t, s) /*@ ghost (g, p) */;
        s = t->links.left[p];
    }
    mend_outer_right(t, p, s) /*@ ghost (g) */;
}

/* The right side of p is short, and its left child black. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortRight(p) && !Red(Left(p));
    assigns TREE_ARRAYS;
    TREE_SHAPE(ensures)
    TREE_LONGEST(ensures, 0)
    MOVED_UP(p)
    ensures settled: \old(Red(p)) ==> \result == 0;
    TREE_KEPT(In(p)) */
static pageno mend_black_right(struct tree *t, pageno p) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno s = t->links.left[p];
    if (!t->red[t->links.left[s]] && !t->red[t->links.right[s]])
        return mend_recolour(t, p, s) /*@ ghost (g) */;
    mend_nephew_right(t, p, s) /*@ ghost (g) */;
    return 0;
}

/* The right side of p is short: mends it, or moves the deficit up to the parent of p, the result. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  ShortRight(p);
    assigns TREE_ARRAYS;
    TREE_SHAPE(ensures)
    TREE_LONGEST(ensures, 0)
    MOVED_UP(p)
    TREE_KEPT(In(p)) */
static pageno mend_right(struct tree *t, pageno p) /*@ ghost (struct tree_ghost \ghost *g) */ {
    if (t->red[t->links.left[p]]) mend_red_right(t, p) /*@ ghost (g) */;
    return mend_black_right(t, p) /*@ ghost (g) */;
}

void mend(struct tree *t, pageno p, pageno x) /*@ ghost (struct tree_ghost \ghost *g, long long m) */ {
    /*@ ghost int k = g->in[p]; */
    /*@ TREE_BUT(loop invariant, p, 0, 0)
        loop invariant short:        p == 0 || In(p) == k && Short(p, x);
        loop invariant light:        p == 0 || Light(k, m);
        loop invariant links_kept:   TreeLinksKept(\at(t->links, Pre), t->links, g->in, g->in, k);
        loop invariant red_kept:     TreeRedKept(\at(t->red, Pre), t->red, g->in, g->in, k);
        loop invariant longest_kept: TreeLongestKept(\at(t->longest, Pre), t->longest, g->in, g->in, k);
        loop assigns p, x, TREE_ARRAYS;
        loop variant p == 0 ? 0 : 1 + TreeHeight(m) - Rank(p); */
    while (p != 0) {
        pageno q;
        if (t->links.left[p] == x) {
            q = mend_left(t, p) /*@ ghost (g) */;
        } else {
            q = mend_right(t, p) /*@ ghost (g) */;
        }
        /*@ assert others: TreeLinksKept(\at(t->links, LoopCurrent), t->links, g->in, g->in, k); */
        x = p;
        p = q;
    }
}
