#include "tree_mend.h"

/* Unlinks the leaf z. The node one side of which is one black node short now; 0 if there is none.
 * No node of the tree weighs more than m. */
/*@ TREE_MEM
    TREE_BUT(requires, 0, 0, 0)
    requires leaf:   Node(z) && Left(z) == 0 && Right(z) == 0;
    requires light:  Light(In(z), m);
    assigns Left(Parent(z)), Right(Parent(z)), t->longest[0 .. SLOTS - 1], In(z);
    TREE_BUT(ensures, \result, 0, 0)
    ensures out:     In(z) == 0;
    ensures up:      \result != 0 ==> In(\result) == \old(In(z)) && Short(\result, 0);
    TREE_LINKS_KEPT(\old(In(z)))
    TREE_LONGEST_KEPT(\old(In(z))) */
static pageno unlink_leaf(struct tree *t, pageno z) /*@ ghost (struct tree_ghost \ghost *g, long long m) */ {
    pageno p = t->links.parent[z];
    /*@ assert steer: \forall integer i; 1 <= i < SLOTS && In(i) == In(z) && i != z ==>
            i <= Lo(z) || Hi(z) <= i; */
    replace_child(&t->links, p, z, 0);
    /*@ ghost g->in[z] = 0; */
    /*@ assert steer: NESTED_BUT(p, p); */
    /*@ assert steer: NESTED_WITH(p); */
    repair_longest(t, p) /*@ ghost (g, 0, m) */;
    return t->red[z] || p <= TREES ? 0 : p;
}

/* The only child x of z, a red leaf then, takes the place of z. */
/*@ TREE_MEM
    TREE_BUT(requires, 0, 0, 0)
    requires child:  Node(z) && x != 0 && (Left(z) == x && Right(z) == 0 || Left(z) == 0 && Right(z) == x);
    assigns Parent(x), Left(Parent(z)), Right(Parent(z)), t->red[x], Lo(x), Hi(x), Weight(x), In(z);
    TREE_BUT(ensures, 0, 0, Parent(x))
    ensures out:     In(z) == 0;
    ensures parent:  Member(Parent(x)) && In(Parent(x)) == \old(In(z));
    TREE_LINKS_KEPT(\old(In(z)))
    TREE_RED_KEPT(\old(In(z))) */
static void splice_child(struct tree *t, pageno z, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno p = t->links.parent[z];
    /*@ assert steer: Node(x) && In(x) == In(z) && Member(p) && In(p) == In(z) && x != z && p != z &&
            p != x && Parent(x) == z && Red(x) && !Red(z) && Left(x) == 0 && Right(x) == 0 &&
            Weight(z) == 2 && Weight(x) == 1; */
    t->links.parent[x] = p;
    t->red[x] = 0;
    replace_child(&t->links, p, z, x);
    /*@ ghost g->in[z] = 0; */
    /*@ ghost g->span.lo[x] = g->span.lo[z]; */
    /*@ ghost g->span.hi[x] = g->span.hi[z]; */
    /*@ ghost g->weight[x] = 2; */
    /*@ assert steer: NESTED_BUT(x, x); */
    /*@ assert steer: NESTED_WITH(x); */
}

/* Removes z, whose only child is x, from a tree in which no node weighs more than m. */
/*@ TREE_MEM
    TREE_BUT(requires, 0, 0, 0)
    requires child:  Node(z) && x != 0 && (Left(z) == x && Right(z) == 0 || Left(z) == 0 && Right(z) == x);
    requires light:  Light(In(z), m);
    assigns TREE_ARRAYS, In(z);
    TREE_BUT(ensures, 0, 0, 0)
    ensures out:     In(z) == 0;
    TREE_KEPT(\old(In(z))) */
static void remove_above(struct tree *t, pageno z, pageno x)
/*@ ghost (struct tree_ghost \ghost *g, long long m) */ {
    splice_child(t, z, x) /*@ ghost (g) */;
    repair_longest(t, t->links.parent[x]) /*@ ghost (g, 0, m) */;
}

/* Removes the leaf z from such a tree. */
/*@ TREE_MEM
    TREE_BUT(requires, 0, 0, 0)
    requires leaf:   Node(z) && Left(z) == 0 && Right(z) == 0;
    requires light:  Light(In(z), m);
    assigns TREE_ARRAYS, In(z);
    TREE_BUT(ensures, 0, 0, 0)
    ensures out:     In(z) == 0;
    TREE_KEPT(\old(In(z))) */
static void remove_leaf(struct tree *t, pageno z) /*@ ghost (struct tree_ghost \ghost *g, long long m) */ {
    pageno p = unlink_leaf(t, z) /*@ ghost (g, m) */;
    if (p != 0) mend(t, p, 0) /*@ ghost (g, m) */;
}

/* Removes z, which has at most one child, from such a tree. */
/*@ TREE_MEM
    TREE_BUT(requires, 0, 0, 0)
    requires node:   Node(z) && (Left(z) == 0 || Right(z) == 0);
    requires light:  Light(In(z), m);
    assigns TREE_ARRAYS, In(z);
    TREE_BUT(ensures, 0, 0, 0)
    ensures out:     In(z) == 0;
    TREE_KEPT(\old(In(z))) */
static void remove_small(struct tree *t, pageno z) /*@ ghost (struct tree_ghost \ghost *g, long long m) */ {
    pageno x = t->links.left[z] != 0 ? t->links.left[z] : t->links.right[z];
    if (x != 0) {
        remove_above(t, z, x) /*@ ghost (g, m) */;
    } else {
        remove_leaf(t, z) /*@ ghost (g, m) */;
    }
}

/* Interval ends at z, which leaves its tree, become y, which takes its place. */
/*@ ghost
  /@ requires mem: \valid(h);
     assigns h->lo[0 .. SLOTS - 1], h->hi[0 .. SLOTS - 1];
     ensures lo:   \forall integer i; 0 <= i < SLOTS ==>
         h->lo[i] == (\old(h->lo[i]) == z ? y : \old(h->lo[i]));
     ensures hi:   \forall integer i; 0 <= i < SLOTS ==>
         h->hi[i] == (\old(h->hi[i]) == z ? y : \old(h->hi[i])); @/
  void relabel(struct tree_span \ghost *h, pageno z, pageno y) {
      int i = 0;
      /@ loop invariant range: 0 <= i <= SLOTS;
         loop invariant lo: \forall integer j; 0 <= j < SLOTS ==>
             h->lo[j] == (j < i && \at(h->lo[j], Pre) == z ? y : \at(h->lo[j], Pre));
         loop invariant hi: \forall integer j; 0 <= j < SLOTS ==>
             h->hi[j] == (j < i && \at(h->hi[j], Pre) == z ? y : \at(h->hi[j], Pre));
         loop assigns i, h->lo[0 .. SLOTS - 1], h->hi[0 .. SLOTS - 1];
         loop variant SLOTS - i; @/
      while (i < SLOTS) {
          if (h->lo[i] == z) h->lo[i] = y;
          if (h->hi[i] == z) h->hi[i] = y;
          i++;
      }
  }
*/

/* A subtree weighs no more than its interval is wide: by induction, the other facts say so. */
/*@ ghost
  /@ TREE_MEM
     TREE_SHAPE(requires)
     requires nil:    TreeNil(t->red, g->weight);
     requires weight: TreeWeightBut(t->links, t->red, g->in, g->weight, 0);
     requires node:   Node(i);
     decreases Hi(i) - Lo(i);
     assigns \nothing;
     ensures width:   1 <= Weight(i) <= Hi(i) - Lo(i); @/
  void width_at(const struct tree *t, struct tree_ghost \ghost *g, int i) {
      if (t->links.left[i] != 0) width_at(t, g, t->links.left[i]);
      if (t->links.right[i] != 0) width_at(t, g, t->links.right[i]);
  }

  /@ TREE_MEM
     TREE_SHAPE(requires)
     requires nil:    TreeNil(t->red, g->weight);
     requires weight: TreeWeightBut(t->links, t->red, g->in, g->weight, 0);
     assigns \nothing;
     ensures width:   TreeWidth(g->in, g->span, g->weight); @/
  void width_everywhere(const struct tree *t, struct tree_ghost \ghost *g) {
      int i = TREES + 1;
      /@ loop invariant range: TREES < i <= SLOTS;
         loop invariant width: \forall integer j; TREES < j < i && In(j) != 0 ==>
             1 <= Weight(j) <= Hi(j) - Lo(j);
         loop assigns i;
         loop variant SLOTS - i; @/
      while (i < SLOTS) {
          if (g->in[i] != 0) width_at(t, g, i);
          i++;
      }
  }
*/

/* The links of z become those of y: in z's tree, y takes its place. */
/*@ TREE_MEM
    TREE_SHAPE(requires)
    requires node:   Node(z) && z < y < SLOTS && In(y) == 0;
    requires gap:    TreeNone(g->in, In(z), z, y + 1);
    assigns Left(y), Right(y), Parent(y), Parent(Left(z)), Parent(Right(z)), Left(Parent(z)),
        Right(Parent(z)), g->span.lo[0 .. SLOTS - 1], g->span.hi[0 .. SLOTS - 1], In(z), In(y);
    TREE_SHAPE(ensures)
    ensures in:      In(z) == 0 && In(y) == \old(In(z));
    ensures there:   Left(y) == \old(Left(z)) && Right(y) == \old(Right(z));
    ensures lefts:   \forall integer i; Member(i) && i != y ==>
        (\old(Left(i)) == z ? Left(i) == y : Left(i) == \old(Left(i)) && Left(i) != y);
    ensures rights:  \forall integer i; Member(i) && i != y ==>
        (\old(Right(i)) == z ? Right(i) == y : Right(i) == \old(Right(i)) && Right(i) != y);
    TREE_LINKS_KEPT(\old(In(z))) */
static void take_links(struct tree *t, pageno z, pageno y) /*@ ghost (struct tree_ghost \ghost *g) */ {
    /*@ assert steer: \forall integer i; 1 <= i < SLOTS && In(i) == In(z) ==>
            (i <= z || y < i) && (Lo(i) <= z || y < Lo(i)) && (Hi(i) <= z || y < Hi(i)); */
    t->links.parent[y] = t->links.parent[z];
    t->links.left[y] = t->links.left[z];
    t->links.right[y] = t->links.right[z];
    set_parent(&t->links, t->links.left[z], y);
    set_parent(&t->links, t->links.right[z], y);
    replace_child(&t->links, t->links.parent[z], z, y);
    /*@ ghost g->in[y] = g->in[z]; */
    /*@ ghost g->in[z] = 0; */
    /*@ ghost g->span.lo[y] = g->span.lo[z]; */
    /*@ ghost g->span.hi[y] = g->span.hi[z]; */
    /*@ ghost relabel(&g->span, z, y); */
    /*@ assert steer: NESTED_BUT(y, y); */
    /*@ assert steer: NESTED_WITH(y); */
}

/* y, in no tree and with no key between it and z's, takes the place of z; longest[y] may be wrong. */
/*@ TREE_MEM
    TREE_BUT(requires, 0, 0, 0)
    requires node:   Node(z) && z < y < SLOTS && In(y) == 0;
    requires gap:    TreeNone(g->in, In(z), z, y + 1);
    assigns TREE_ARRAYS, In(z), In(y);
    TREE_BUT(ensures, 0, 0, y)
    ensures in:      In(z) == 0 && In(y) == \old(In(z));
    TREE_KEPT(\old(In(z))) */
static void take_place(struct tree *t, pageno z, pageno y) /*@ ghost (struct tree_ghost \ghost *g) */ {
    take_links(t, z, y) /*@ ghost (g) */;
    t->red[y] = t->red[z];
    t->longest[y] = t->longest[z];
    /*@ ghost g->weight[y] = g->weight[z]; */
    /*@ ghost width_everywhere(t, g); */
}

/* The same, with longest[] right. */
/*@ TREE_MEM
    TREE_BUT(requires, 0, 0, 0)
    requires node:   Node(z) && z < y < SLOTS && In(y) == 0;
    requires gap:    TreeNone(g->in, In(z), z, y + 1);
    assigns TREE_ARRAYS, In(z), In(y);
    TREE_BUT(ensures, 0, 0, 0)
    ensures in:      In(z) == 0 && In(y) == \old(In(z));
    TREE_KEPT(\old(In(z))) */
static void substitute(struct tree *t, pageno z, pageno y) /*@ ghost (struct tree_ghost \ghost *g) */ {
    take_place(t, z, y) /*@ ghost (g) */;
    /*@ ghost tree_height(t, g, g->in[y]); */
    repair_longest(t, y) /*@ ghost (g, 0, g->weight[t->links.right[g->in[y]]]) */;
}

void tree_remove(struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    /*@ ghost long long m = g->weight[t->links.right[g->in[x]]]; */
    /*@ ghost tree_height(t, g, g->in[x]); */
    if (t->links.left[x] == 0 || t->links.right[x] == 0) {
        remove_small(t, x) /*@ ghost (g, m) */;
    } else {
        pageno y = tree_next(t, x) /*@ ghost (g) */;
        remove_small(t, y) /*@ ghost (g, m) */;
        substitute(t, x, y) /*@ ghost (g) */;
    }
}
