#include "tree_turn.h"
#include "spec/tree_insert.acsl"

/* The parent p of z and its brother u are red: takes the black of their parent q down to them. */
/*@ TREE_MEM
    INSERTED(requires, z)
    requires above:  RED_BELOW(z, p, q);
    requires uncle:  u != 0 && Red(u) && (Left(q) == p && Right(q) == u || Left(q) == u && Right(q) == p);
    assigns t->red[p], t->red[u], t->red[q], Weight(p), Weight(u);
    TREE_WEIGHT(ensures, 0)
    TREE_RED(ensures, q)
    TREE_RED_KEPT(In(z))
    ensures node:    Red(q) && In(q) == In(z);
    ensures rank:    Rank(q) > \old(Rank(z)); */
static void insert_recolour(struct tree *t, pageno p, pageno u, pageno q)
/*@ ghost (struct tree_ghost \ghost *g, pageno z) */ {
    t->red[p] = 0;
    t->red[u] = 0;
    t->red[q] = 1;
    /*@ ghost g->weight[p] = 2 * g->weight[p]; */
    /*@ ghost g->weight[u] = 2 * g->weight[u]; */
}

/* The red node z is the inner child of its red parent p, left child of q, and its uncle is black. */
/*@ TREE_MEM
    INSERTED(requires, z)
    requires above:  RED_BELOW(z, p, q) && Left(q) == p && !Red(Right(q));
    requires inner:  Right(p) == z;
    assigns TURN_LINKS(p, Left, Right, Lo, Hi), TURN_LONGEST(p, Right), TURN_COLOURS(p, Right);
    INSERTED(ensures, p)
    ensures outer:   Left(z) == p && Red(z) && RED_BELOW(p, z, q);
    ensures uncle:   Left(q) == z && !Red(Right(q));
    TREE_KEPT(In(z)) */
static void insert_inner_left(struct tree *t, pageno p)
/*@ ghost (struct tree_ghost \ghost *g, pageno z, pageno q) */ {
    rotate_red_left(t, p) /*@ ghost (g, 0) */;
}

/* The same for the outer child: q comes down, and that settles it. */
/*@ TREE_MEM
    INSERTED(requires, z)
    requires above:  RED_BELOW(z, p, q) && Left(q) == p && !Red(Right(q));
    requires outer:  Left(p) == z;
    assigns TURN_LINKS(q, Right, Left, Hi, Lo), TURN_LONGEST(q, Left), TURN_COLOURS(q, Left);
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(In(z)) */
static void insert_outer_left(struct tree *t, pageno q)
/*@ ghost (struct tree_ghost \ghost *g, pageno z, pageno p) */ {
    rotate_red_right(t, q) /*@ ghost (g, 0) */;
}

/* The red node z has the red parent p, left child of q, and a black uncle. */
/*@ TREE_MEM
    INSERTED(requires, z)
    requires above:  RED_BELOW(z, p, q) && Left(q) == p && !Red(Right(q));
    assigns TREE_ARRAYS;
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(In(z)) */
static void insert_turn_left(struct tree *t, pageno z, pageno p, pageno q)
/*@ ghost (struct tree_ghost \ghost *g) */ {
    if (z == t->links.right[p]) {
        insert_inner_left(t, p) /*@ ghost (g, z, q) */;
        insert_outer_left(t, q) /*@ ghost (g, p, z) */;
    } else {
        insert_outer_left(t, q) /*@ ghost (g, z, p) */;
    }
}

/* The red node z is the inner child of its red parent p, right child of q, and its uncle is black. */
/*@ TREE_MEM
    INSERTED(requires, z)
    requires above:  RED_BELOW(z, p, q) && Right(q) == p && !Red(Left(q));
    requires inner:  Left(p) == z;
    assigns TURN_LINKS(p, Right, Left, Hi, Lo), TURN_LONGEST(p, Left), TURN_COLOURS(p, Left);
    INSERTED(ensures, p)
    ensures outer:   Right(z) == p && Red(z) && RED_BELOW(p, z, q);
    ensures uncle:   Right(q) == z && !Red(Left(q));
    TREE_KEPT(In(z)) */
static void insert_inner_right(struct tree *t, pageno p)
/*@ ghost (struct tree_ghost \ghost *g, pageno z, pageno q) */ {
    rotate_red_right(t, p) /*@ ghost (g, 0) */;
}

/* The same for the outer child: q comes down, and that settles it. */
/*@ TREE_MEM
    INSERTED(requires, z)
    requires above:  RED_BELOW(z, p, q) && Right(q) == p && !Red(Left(q));
    requires outer:  Right(p) == z;
    assigns TURN_LINKS(q, Left, Right, Lo, Hi), TURN_LONGEST(q, Right), TURN_COLOURS(q, Right);
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(In(z)) */
static void insert_outer_right(struct tree *t, pageno q)
/*@ ghost (struct tree_ghost \ghost *g, pageno z, pageno p) */ {
    rotate_red_left(t, q) /*@ ghost (g, 0) */;
}

/* The red node z has the red parent p, right child of q, and a black uncle. */
/*@ TREE_MEM
    INSERTED(requires, z)
    requires above:  RED_BELOW(z, p, q) && Right(q) == p && !Red(Left(q));
    assigns TREE_ARRAYS;
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(In(z)) */
static void insert_turn_right(struct tree *t, pageno z, pageno p, pageno q)
/*@ ghost (struct tree_ghost \ghost *g) */ {
    if (z == t->links.left[p]) {
        insert_inner_right(t, p) /*@ ghost (g, z, q) */;
        insert_outer_right(t, q) /*@ ghost (g, p, z) */;
    } else {
        insert_outer_right(t, q) /*@ ghost (g, z, p) */;
    }
}

/* The red node z is the root of tree k, or has a black parent: all fits, if the root is black. */
/*@ TREE_MEM
    TREE_SHAPE(requires)
    TREE_WEIGHT(requires, 0)
    TREE_RED(requires, z)
    requires tree:   1 <= k <= TREES && Right(k) != 0;
    requires node:   TreeHas(g->in, k, z) && (Right(k) == z || !Red(Parent(z)));
    assigns t->red[Right(k)], Weight(Right(k));
    TREE_WEIGHT(ensures, 0)
    TREE_RED(ensures, 0)
    TREE_RED_KEPT(k) */
static void blacken_root(struct tree *t, pageno k) /*@ ghost (struct tree_ghost \ghost *g, pageno z) */ {
    pageno r = t->links.right[k];
    /*@ ghost if (t->red[r] != 0) g->weight[r] = 2 * g->weight[r]; */
    t->red[r] = 0;
}

/* The node z is red, and so may be its parent: restores the colours of tree k, in which no node weighs more
 * than m. */
/*@ TREE_MEM
    INSERTED(requires, z)
    requires tree:   1 <= k <= TREES && In(z) == k;
    requires light:  Light(k, m);
    assigns TREE_ARRAYS;
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(k) */
static void insert_fixup(struct tree *t, pageno k, pageno z)
/*@ ghost (struct tree_ghost \ghost *g, long long m) */ {
    /*@ INSERTED(loop invariant, z)
        loop invariant tree: In(z) == k;
        loop invariant light: Light(k, m);
        loop invariant kept: TreeRedKept(\at(t->red, Pre), t->red, g->in, g->in, k);
        loop assigns z, t->red[0 .. SLOTS - 1], g->weight[0 .. SLOTS - 1];
        loop variant TreeHeight(m) - Rank(z); */
    while (t->red[t->links.parent[z]]) {
        pageno p = t->links.parent[z], q = t->links.parent[p];
        pageno u = t->links.left[q] == p ? t->links.right[q] : t->links.left[q];
        if (t->red[u]) {
            insert_recolour(t, p, u, q) /*@ ghost (g, z) */;
            z = q;
        } else {
            if (t->links.left[q] == p) {
                insert_turn_left(t, z, p, q) /*@ ghost (g) */;
            } else {
                insert_turn_right(t, z, p, q) /*@ ghost (g) */;
            }
            return;
        }
    }
    blacken_root(t, k) /*@ ghost (g, z) */;
}

/* Makes x a red leaf below p, on the side where its key belongs. */
/*@ TREE_MEM
    TREE_BUT(requires, 0, 0, 0)
    requires free:   TREES < x < SLOTS && In(x) == 0;
    requires place:  Member(p) && Lo(p) < x < Hi(p) && (x < p ? Left(p) == 0 : Right(p) == 0);
    assigns Parent(x), Left(x), Right(x), Left(p), Right(p), t->red[x], t->longest[x],
        Lo(x), Hi(x), Weight(x), In(x);
    TREE_BUT(ensures, 0, x, p)
    ensures node:    Red(x) && Parent(x) == p && In(x) == In(p) && In(p) == \old(In(p)) && Weight(x) == 1;
    TREE_KEPT(In(p)) */
static void link_leaf(struct tree *t, pageno x, pageno p) /*@ ghost (struct tree_ghost \ghost *g) */ {
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
    /*@ ghost g->in[x] = g->in[p]; */
    /*@ ghost g->span.lo[x] = x < p ? g->span.lo[p] : p; */
    /*@ ghost g->span.hi[x] = x < p ? p : g->span.hi[p]; */
    /*@ ghost g->weight[x] = 1; */
    /*@ assert steer: NESTED_BUT(x, x); */
    /*@ assert steer: NESTED_WITH(x); */
}

void tree_insert(struct tree *t, pageno k, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno p = k, y = t->links.right[k];
    /*@ ghost long long m = g->weight[y]; */
    /*@ ghost tree_height(t, g, k); */
    /*@ loop invariant member: Member(p) && In(p) == k;
        loop invariant place:  p != x && Lo(p) < x < Hi(p);
        loop invariant side:   y == (x < p ? Left(p) : Right(p));
        loop invariant height: Rank(y) <= Height(k);
        loop assigns p, y;
        loop variant Rank(y); */
    while (y != 0) {
        p = y;
        y = x < y ? t->links.left[y] : t->links.right[y];
    }
    link_leaf(t, x, p) /*@ ghost (g) */;
    repair_longest(t, p) /*@ ghost (g, x, m) */;
    insert_fixup(t, k, x) /*@ ghost (g, m) */;
}
