#include "tree.h"
#include "spec/tree_turn.acsl"

/* A part of a tree weighs no more than it has nodes, and one; and no node in it more than its root: by induction. */
/*@ ghost
  /@ requires mem:    \valid(g);
     requires order:  lo <= hi <= SLOTS && -1 <= lo;
     decreases hi - lo;
     assigns \nothing;
     ensures count:   0 <= TreeCount(g->in, k, lo, hi); @/
  void count_some(const struct tree_ghost \ghost *g, int k, int lo, int hi) {
      if (lo + 1 < hi) count_some(g, k, lo, hi - 1);
  }

  /@ requires mem:    \valid(g);
     requires order:  0 <= lo < mid < hi <= SLOTS;
     decreases hi - mid;
     assigns \nothing;
     ensures parts:   TreeCount(g->in, k, lo, hi) ==
         TreeCount(g->in, k, lo, mid) + (g->in[mid] == k ? 1 : 0) + TreeCount(g->in, k, mid, hi); @/
  void count_parts(const struct tree_ghost \ghost *g, int k, int lo, int mid, int hi) {
      if (mid + 1 < hi) count_parts(g, k, lo, mid, hi - 1);
  }

  /@ TREE_MEM
     TREE_SHAPE(requires)
     TREE_WEIGHT(requires, 0)
     requires node:   Node(x);
     decreases Hi(x) - Lo(x);
     assigns \nothing;
     ensures light:   \forall integer i; TreeHas(g->in, In(x), i) && Lo(x) < i < Hi(x) ==> Weight(i) <= Weight(x);
     ensures nodes:   1 <= Weight(x) <= TreeCount(g->in, In(x), Lo(x), Hi(x)) + 1; @/
  void subtree_height(const struct tree *t, struct tree_ghost \ghost *g, int x) {
      int k = g->in[x], lo = g->span.lo[x], hi = g->span.hi[x];
      count_parts(g, k, lo, x, hi);
      count_some(g, k, lo, x);
      count_some(g, k, x, hi);
      if (t->links.left[x] != 0) subtree_height(t, g, t->links.left[x]);
      if (t->links.right[x] != 0) subtree_height(t, g, t->links.right[x]);
  }

  void tree_height(const struct tree *t, struct tree_ghost \ghost *g, int k) {
      count_some(g, k, k, SLOTS);
      if (t->links.right[k] != 0) subtree_height(t, g, t->links.right[k]);
  }

  /@ TREE_MEM
     TREE_OK(requires)
     requires node:   Node(x);
     assigns \nothing;
     ensures height:  Rank(x) <= Height(In(x)); @/
  void node_height(const struct tree *t, struct tree_ghost \ghost *g, int x) {
      tree_height(t, g, g->in[x]);
  }
*/

/* The lowest node in the subtree of x; 0 if x is 0. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires node:   x == 0 || Node(x);
    assigns \nothing;
    ensures none:    x == 0 ==> \result == 0;
    ensures inside:  x != 0 ==> TreeHas(g->in, In(x), \result) && Lo(x) < \result < Hi(x);
    ensures lowest:  x != 0 ==> TreeNone(g->in, In(x), Lo(x), \result); */
static pageno lowest(const struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    /*@ ghost pageno top = x; */
    /*@ ghost if (x != 0) node_height(t, g, x); */
    /*@ loop invariant none:   top == 0 ==> x == 0;
        loop invariant node:   top != 0 ==> Node(x) && In(x) == In(top);
        loop invariant inside: top != 0 ==> Lo(x) == Lo(top) && Hi(x) <= Hi(top);
        loop invariant height: top != 0 ==> Rank(x) <= Height(In(top));
        loop assigns x;
        loop variant Rank(x); */
    while (t->links.left[x] != 0) x = t->links.left[x];
    return x;
}

/* The highest node in the subtree of x; 0 if x is 0. */
/*@ TREE_MEM
    TREE_OK(requires)
    requires node:   x == 0 || Node(x);
    assigns \nothing;
    ensures none:    x == 0 ==> \result == 0;
    ensures inside:  x != 0 ==> TreeHas(g->in, In(x), \result) && Lo(x) < \result < Hi(x);
    ensures highest: x != 0 ==> TreeNone(g->in, In(x), \result, Hi(x)); */
static pageno highest(const struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    /*@ ghost pageno top = x; */
    /*@ ghost if (x != 0) node_height(t, g, x); */
    /*@ loop invariant none:   top == 0 ==> x == 0;
        loop invariant node:   top != 0 ==> Node(x) && In(x) == In(top);
        loop invariant inside: top != 0 ==> Lo(top) <= Lo(x) && Hi(x) == Hi(top);
        loop invariant height: top != 0 ==> Rank(x) <= Height(In(top));
        loop assigns x;
        loop variant Rank(x); */
    while (t->links.right[x] != 0) x = t->links.right[x];
    return x;
}

pageno tree_first(const struct tree *t, pageno k) /*@ ghost (struct tree_ghost \ghost *g) */ {
    return lowest(t, t->links.right[k]) /*@ ghost (g) */;
}

pageno tree_last(const struct tree *t, pageno k) /*@ ghost (struct tree_ghost \ghost *g) */ {
    return highest(t, t->links.right[k]) /*@ ghost (g) */;
}

pageno tree_next(const struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    if (t->links.right[x] != 0) return lowest(t, t->links.right[x]) /*@ ghost (g) */;
    /*@ ghost pageno low = x; */
    pageno p = t->links.parent[x];
    /*@ loop invariant node: Node(x) && In(x) == In(low) && p == Parent(x);
        loop invariant last: Lo(x) <= low && Hi(x) == Hi(low);
        loop assigns x, p;
        loop variant Height(In(low)) - Rank(x); */
    while (p > TREES && t->links.left[p] != x) {
        /*@ ghost node_height(t, g, x); */
        x = p;
        p = t->links.parent[x];
    }
    return p > TREES ? p : 0;
}

pageno tree_prev(const struct tree *t, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    if (t->links.left[x] != 0) return highest(t, t->links.left[x]) /*@ ghost (g) */;
    /*@ ghost pageno low = x; */
    pageno p = t->links.parent[x];
    /*@ loop invariant node:  Node(x) && In(x) == In(low) && p == Parent(x);
        loop invariant first: Lo(x) == Lo(low) && low <= Hi(x);
        loop assigns x, p;
        loop variant Height(In(low)) - Rank(x); */
    while (p > TREES && t->links.right[p] != x) {
        /*@ ghost node_height(t, g, x); */
        x = p;
        p = t->links.parent[x];
    }
    return p > TREES ? p : 0;
}

pageno tree_at_or_below(const struct tree *t, pageno k, pageno key)
/*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno x = t->links.right[k], best = 0;
    /*@ ghost long long lo = k, hi = SLOTS; */
    /*@ loop invariant node:  x != 0 ==> Node(x) && In(x) == k && Lo(x) == lo && Hi(x) == hi;
        loop invariant empty: x == 0 ==> TreeNone(g->in, k, lo, hi);
        loop invariant best:  best == 0 ? lo == k : lo == best && best <= key && TreeHas(g->in, k, best);
        loop invariant above: hi == SLOTS || key < hi;
        loop invariant height: Rank(x) <= Height(k);
        loop assigns x, best, lo, hi;
        loop variant Rank(x); */
    while (x != 0) {
        if (key < x) {
            /*@ ghost hi = x; */
            x = t->links.left[x];
        } else {
            /*@ ghost lo = x; */
            best = x;
            x = t->links.right[x];
        }
    }
    return best;
}

pageno tree_at_or_above(const struct tree *t, pageno k, pageno key)
/*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno x = t->links.right[k], best = 0;
    /*@ ghost long long lo = k, hi = SLOTS; */
    /*@ loop invariant node:  x != 0 ==> Node(x) && In(x) == k && Lo(x) == lo && Hi(x) == hi;
        loop invariant empty: x == 0 ==> TreeNone(g->in, k, lo, hi);
        loop invariant best:  best == 0 ? hi == SLOTS : hi == best && key <= best && TreeHas(g->in, k, best);
        loop invariant below: lo == k || lo < key;
        loop invariant height: Rank(x) <= Height(k);
        loop assigns x, best, lo, hi;
        loop variant Rank(x); */
    while (x != 0) {
        if (x < key) {
            /*@ ghost lo = x; */
            x = t->links.right[x];
        } else {
            /*@ ghost hi = x; */
            best = x;
            x = t->links.left[x];
        }
    }
    return best;
}

bool tree_contains(const struct tree *t, pageno k, pageno x) /*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno y = tree_at_or_below(t, k, x) /*@ ghost (g) */;
    return x != 0 && y == x;
}

/* What longest[] says of the children holds for all in the subtree of x: by induction on its interval. */
/*@ ghost
  /@ TREE_MEM
     TREE_OK(requires)
     requires node:    x == 0 || Node(x);
     requires shorter: t->longest[x] < length;
     decreases x == 0 ? 0 : Hi(x) - Lo(x);
     assigns \nothing;
     ensures none:     x != 0 ==> TreeNoneFits(t->length, g->in, In(x), Lo(x), Hi(x), length); @/
  void none_fits(const struct tree *t, struct tree_ghost \ghost *g, pageno x, uint32_t length) {
      if (x != 0) {
          none_fits(t, g, t->links.left[x], length);
          none_fits(t, g, t->links.right[x], length);
      }
  }
*/

pageno tree_first_fit(const struct tree *t, pageno k, uint32_t length)
/*@ ghost (struct tree_ghost \ghost *g) */ {
    pageno x = t->links.right[k];
    if (t->longest[x] < length) {
        /*@ ghost none_fits(t, g, x, length); */
        return 0;
    }
    /*@ loop invariant node:   Node(x) && In(x) == k;
        loop invariant fits:   length <= t->longest[x];
        loop invariant lowest: TreeNoneFits(t->length, g->in, k, 0, Lo(x) + 1, length);
        loop invariant height: Rank(x) <= Height(k);
        loop assigns x;
        loop variant Rank(x); */
    for (;;) {
        if (t->longest[t->links.left[x]] >= length) {
            x = t->links.left[x];
        } else {
            /*@ ghost none_fits(t, g, t->links.left[x], length); */
            if (t->length[x] >= length) return x;
            x = t->links.right[x];
        }
    }
}

void tree_set_length(struct tree *t, pageno x, pageno length) /*@ ghost (struct tree_ghost \ghost *g) */ {
    t->length[x] = length;
}

/*@ ghost
  void tree_begin(const struct tree *t, struct tree_ghost \ghost *g) {
      int i = 0;
      /@ loop invariant range:  0 <= i <= SLOTS;
         loop invariant in:     \forall integer j; 0 <= j < i ==> In(j) == (j <= TREES ? j : 0);
         loop invariant span:   \forall integer j; 0 <= j < i ==> Lo(j) == 0 && Hi(j) == SLOTS;
         loop invariant weight: \forall integer j; 0 <= j < i ==> Weight(j) == 1;
         loop assigns i, g->in[0 .. SLOTS - 1], g->span.lo[0 .. SLOTS - 1], g->span.hi[0 .. SLOTS - 1],
             g->weight[0 .. SLOTS - 1];
         loop variant SLOTS - i; @/
      while (i < SLOTS) {
          g->in[i] = i <= TREES ? i : 0;
          g->span.lo[i] = 0;
          g->span.hi[i] = SLOTS;
          g->weight[i] = 1;
          i++;
      }
  }
*/
