/* tree_turn: what changes the inside of a tree, but not its members: rotations, and the repair of longest[].
 *
 *     p            p
 *     x     =>     y      rotate_left(x); from right to left, rotate_right(y)
 *    a y          x c
 *     b c        a b
 */
#ifndef QED_TREE_TURN_H
#define QED_TREE_TURN_H

#include "tree.h"
#include "spec/tree_turn.acsl"

/* y takes the place of x as a child of p. */
/*@ requires mem:   \valid(s);
    requires slot:  p < SLOTS;
    assigns s->left[p], s->right[p];
    ensures left:   \old(s->left[p]) == x ==> s->left[p] == y && s->right[p] == \old(s->right[p]);
    ensures right:  \old(s->left[p]) != x ==> s->right[p] == y && s->left[p] == \old(s->left[p]); */
static inline void replace_child(struct links *s, pageno p, pageno x, pageno y) {
    if (s->left[p] == x) {
        s->left[p] = y;
    } else {
        s->right[p] = y;
    }
}

/* p becomes the parent of x, unless that is NIL: it is shared by all trees, so nobody may write it. */
/*@ requires mem:   \valid(s);
    requires slot:  x < SLOTS;
    assigns s->parent[x];
    ensures parent: s->parent[x] == (x == 0 ? \old(s->parent[x]) : p); */
static inline void set_parent(struct links *s, pageno x, pageno p) {
    if (x != 0) s->parent[x] = p;
}

/* Corrects longest[] at x and above, where the extents below x changed. The other child of x may be one
 * black node short, or its child z be red as x is. No node of the tree weighs more than m. */
/*@ TREE_MEM
    TREE_BUT(requires, x, z, x)
    requires member: Member(x);
    requires child:  z == 0 || Node(z) && Parent(z) == x;
    requires light:  Light(In(x), m);
    assigns t->longest[0 .. SLOTS - 1];
    TREE_LONGEST(ensures, 0)
    TREE_LONGEST_KEPT(\old(In(x))) */
void repair_longest(struct tree *t, pageno x)
    /*@ ghost (struct tree_ghost \ghost *g, pageno z, long long m) */;

/* Rotations. */
/*@ TREE_MEM
    TREE_SHAPE(requires)
    TREE_LONGEST(requires, 0)
    requires node: Node(x) && Right(x) != 0;
    assigns TURN_LINKS(x, Left, Right, Lo, Hi), TURN_LONGEST(x, Right);
    TREE_SHAPE(ensures)
    TREE_LONGEST(ensures, 0)
    TURNED(x, Left, Right, Lo, Hi)
    TREE_LINKS_KEPT(\old(In(x)))
    TREE_LONGEST_KEPT(\old(In(x))) */
void rotate_left(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */;

/*@ TREE_MEM
    TREE_SHAPE(requires)
    TREE_LONGEST(requires, 0)
    requires node: Node(x) && Left(x) != 0;
    assigns TURN_LINKS(x, Right, Left, Hi, Lo), TURN_LONGEST(x, Left);
    TREE_SHAPE(ensures)
    TREE_LONGEST(ensures, 0)
    TURNED(x, Right, Left, Hi, Lo)
    TREE_LINKS_KEPT(\old(In(x)))
    TREE_LONGEST_KEPT(\old(In(x))) */
void rotate_right(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */;

/* Rotations over a red link that swap the two colours keep every black height. They may differ below p. */
/*@ TREE_MEM
    TREE_SHAPE(requires)
    TREE_WEIGHT(requires, p)
    TREE_LONGEST(requires, 0)
    requires node:  Node(x) && Right(x) != 0 && Red(Right(x)) && Right(x) != p;
    requires heavy: Weight(x) == (Red(x) ? 1 : 2) * Weight(Right(x));
    assigns TURN_LINKS(x, Left, Right, Lo, Hi), TURN_LONGEST(x, Right), TURN_COLOURS(x, Right);
    TREE_SHAPE(ensures)
    TREE_WEIGHT(ensures, p)
    TREE_LONGEST(ensures, 0)
    TURNED(x, Left, Right, Lo, Hi)
    TURNED_COLOURS(x, Right)
    TREE_KEPT(\old(In(x))) */
void rotate_red_left(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g, pageno p) */;

/*@ TREE_MEM
    TREE_SHAPE(requires)
    TREE_WEIGHT(requires, p)
    TREE_LONGEST(requires, 0)
    requires node:  Node(x) && Left(x) != 0 && Red(Left(x)) && Left(x) != p;
    requires heavy: Weight(x) == (Red(x) ? 1 : 2) * Weight(Left(x));
    assigns TURN_LINKS(x, Right, Left, Hi, Lo), TURN_LONGEST(x, Left), TURN_COLOURS(x, Left);
    TREE_SHAPE(ensures)
    TREE_WEIGHT(ensures, p)
    TREE_LONGEST(ensures, 0)
    TURNED(x, Right, Left, Hi, Lo)
    TURNED_COLOURS(x, Left)
    TREE_KEPT(\old(In(x))) */
void rotate_red_right(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g, pageno p) */;

#endif
