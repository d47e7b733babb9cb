#include "arena.h"

pageno arena_bin(uint32_t owner, uint32_t c) {
    return (pageno)(run_pool(owner) + 1 + c);
}

/* The clauses of ARENA_OK are what ArenaOk means. */
/*@ ghost
  /@ ARENA_MEMORY ARENA_OK(requires)
     assigns \nothing;
     ensures arena:   ARENA_OK_OF((*ps), (*g)); @/
  void arena_close(const struct pages *ps, const struct regions *rs, const struct bins *bins,
                   struct run_ghost \ghost *g) {
  }

  /@ ARENA_MEMORY PAGES_OK(requires)
     requires arena:  ARENA_OK_OF((*ps), (*g));
     assigns \nothing;
     ARENA_OK(ensures) @/
  void arena_open(const struct pages *ps, const struct regions *rs, const struct bins *bins,
                  struct run_ghost \ghost *g) {
  }

  void arena_begin(const struct pages *ps, const struct regions *rs, const struct bins *bins,
                   struct run_ghost \ghost *g) {
  }

  void arena_stays(struct tags t, const struct pages *ps, const struct regions *rs, const struct bins *bins,
                   struct run_ghost \ghost *g) {
  }

  void arena_facts(const struct pages *ps, const struct regions *rs, const struct bins *bins,
                   struct run_ghost \ghost *g) {
  }

  void arena_kept(struct pages a, struct run_ghost b, const struct pages *ps, const struct regions *rs,
                  const struct bins *bins, pageno r, struct run_ghost \ghost *g) {
      pages_facts(ps, g);
      pages_facts_were(a, b);
      /@ assert each: \forall integer o, d; 1 <= o <= ARENAS && 0 <= d < BINS ==>
              BinOk(g->tree.in, bins->runcur[BinTree(o, d)], BinTree(o, d)); @/
      /@ assert runs: BinRunsBut(ps->kind, ps->tree.length, rs->runs, rs->tags, ps->end, 0); @/
      /@ assert members: BinMembersBut(ps->kind, ps->owner, g->tree.in, rs->runs, bins->runcur, ps->end, 0); @/
      /@ assert bins: BinsOk(ps->kind, ps->owner, g->tree.in, rs->runs, bins->runcur, ps->end); @/
      /@ assert trees_of: BinTrees(ps->kind, ps->owner, g->tree.in, rs->runs, ps->end); @/
      /@ assert tags: BinTags(ps->kind, g->home, rs->tags, ps->end); @/
  }
*/

/* Run r of class c was free: no tag of it is set. */
/*@ ghost
  /@ requires mem:    \valid_read(rs);
     requires place:  RegionsPlace(r, c);
     requires pages:  \forall integer p; r <= p < r + ClassPages(c) ==> PageTagless(rs->tags, p);
     assigns \nothing;
     ensures empty:   RegionsEmpty(rs->tags, r, c); @/
  void tagless_run(const struct regions *rs, pageno r, uint32_t c) {
      uint32_t n = classes.pages[c];
      /@ loop invariant range: 0 <= i <= n;
         loop invariant empty: \forall integer q; RunTag(r) <= q < RunTag(r + i) ==> rs->tags.tag[q] == 0;
         loop assigns i;
         loop variant n - i; @/
      for (uint32_t i = 0; i < n; i++) {
          /@ assert page: PageTagless(rs->tags, r + i); @/
      }
  }
*/

/* Each bin has a tree of its own. */
/*@ ghost
  /@ requires bin:    1 <= owner <= ARENAS && 0 <= c < BINS;
     assigns \nothing;
     ensures apart:   \forall integer o, d; 1 <= o <= ARENAS && 0 <= d < BINS &&
                      BinTree(o, d) == BinTree(owner, c) ==> o == owner && d == c; @/
  void bin_apart(uint32_t owner, uint32_t c) {
  }

  // Bins' trees hold runs of the bins as long as these keep their classes.
  /@ requires mem:    \valid_read(ps);
     requires before: BinTrees(ps->kind, ps->owner, t.in, a, ps->end);
     requires class:  a.class == b.class;
     assigns \nothing;
     ensures trees:   BinTrees(ps->kind, ps->owner, t.in, b, ps->end); @/
  void trees_stay(const struct pages *ps, struct tree_ghost t, struct bin_runs a, struct bin_runs b) {
      /@ assert own:  \forall integer o, c, p; BinOwn(ps->kind, ps->owner, a, ps->end, o, c, p) ==>
                      BinOwn(ps->kind, ps->owner, b, ps->end, o, c, p); @/
      /@ assert each: \forall integer o, c, p; 1 <= o <= ARENAS && 0 <= c < BINS && TREES < p < SLOTS &&
                      t.in[p] == BinTree(o, c) ==> BinOwn(ps->kind, ps->owner, a, ps->end, o, c, p); @/
  }

  // Where an operation on a bin has changed a slot's tree.
  /@ requires before:  BinOk(a.in, was, k) && BinOf(a.in, was, k, r) == (run_was_in ? k : 0);
     requires after:   BinOk(b.in, now, k) && BinOf(b.in, now, k, r) == (run_is_in ? k : 0);
     requires others:  BinOthers(a.in, was, b.in, now, k, r);
     assigns \nothing;
     ensures from:    \forall integer x; TREES < x < SLOTS && b.in[x] != a.in[x] ==>
                      a.in[x] == k || x == was || x == r;
     ensures to:      \forall integer x; TREES < x < SLOTS && b.in[x] != a.in[x] ==> b.in[x] == 0 || b.in[x] == k;
     ensures now:     now == 0 || now == was || now == r || a.in[now] == k; @/
  void bin_change(struct tree_ghost a, pageno was, struct tree_ghost b, pageno now, pageno k, pageno r,
                  bool run_was_in, bool run_is_in) {
  }
*/

/* A new run for a bin of which all runs are full. False, and nothing changes, if there is none. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires bin:    1 <= owner <= ARENAS && c < BINS;
    requires full:   bins->runcur[BinTree(owner, c)] == 0;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            rs->runs.class[0 .. SLOTS - 1], rs->runs.nfree[0 .. SLOTS - 1], rs->runs.low[0 .. SLOTS - 1],
            bins->runcur[BinTree(owner, c)];
    ARENA_SETS(ensures, bins->runcur[BinTree(owner, c)], 0)
    ensures none:    !\result <==>
                     LargeNone(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, owner,
                               ClassPages(c)) &&
                     NoneFits(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, 1);
    ensures same:    !\result ==> *ps == \old(*ps) && *g == \old(*g) && *rs == \old(*rs) && *bins == \old(*bins);
    ensures some:    \result ==> bins->runcur[BinTree(owner, c)] != 0 &&
                     rs->runs.nfree[bins->runcur[BinTree(owner, c)]] > 0;
    LARGE_KEPT */
static bool add_run(struct pages *ps, struct regions *rs, struct bins *bins, uint32_t owner, uint32_t c)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost class_facts(c); */
    /*@ ghost pages_facts(ps, g); */
    pageno r = large_take(ps, owner, class_pages(c), 1, RUN_BIN) /*@ ghost (g) */;
    if (r == 0) return false;
    /*@ ghost pages_facts(ps, g); */
    /*@ assert stay: \forall integer p; BinRun(ps->kind, ps->end, p) && p != r ==>
            \at(ps->kind, Pre)[p] == RUN_BIN && g->tree.in[p] == \at(g->tree.in, Pre)[p] &&
            OwnerOf(ps->owner, p) == OwnerOf(\at(ps->owner, Pre), p); */
    /*@ assert others: \forall integer p, o, d; TREES < p < SLOTS && 1 <= o <= ARENAS && 0 <= d < BINS &&
            g->tree.in[p] == BinTree(o, d) ==> BinRun(ps->kind, ps->end, p) && p != r; */
    /*@ assert pages: \forall integer p; r <= p < r + ClassPages(c) ==> g->home[p] == r; */
    /*@ assert free: \forall integer p; r <= p < r + ClassPages(c) ==>
            \at(ps->kind[g->home[p]], Pre) == RUN_FREE; */
    /*@ ghost tagless_run(rs, r, c); */
    regions_init(rs, r, c);
    /*@ assert classes: \forall integer p; p != r ==> rs->runs.class[p] == \at(rs->runs.class, Pre)[p]; */
    /*@ assert still: \forall integer p, o, d; TREES < p < SLOTS && 1 <= o <= ARENAS && 0 <= d < BINS &&
            g->tree.in[p] == BinTree(o, d) ==> BinOwn(ps->kind, ps->owner, rs->runs, ps->end, o, d, p); */
    bins->runcur[arena_bin(owner, c)] = r;
    /*@ ghost bin_apart(owner, c); */
    /*@ assert one: BinOk(g->tree.in, r, BinTree(owner, c)); */
    /*@ assert each: \forall integer o, d; 1 <= o <= ARENAS && 0 <= d < BINS ==>
            BinOk(g->tree.in, bins->runcur[BinTree(o, d)], BinTree(o, d)); */
    return true;
}

/* Takes the lowest free region of the bin, which has one. */
/*@ ARENA_MEMORY ARENA_SETS(requires, bins->runcur[BinTree(owner, c)], 0)
    requires bin:    1 <= owner <= ARENAS && c < BINS;
    requires some:   bins->runcur[BinTree(owner, c)] != 0;
    assigns RUN_TREE_ARRAYS, rs->runs.low[0 .. SLOTS - 1], rs->runs.nfree[0 .. SLOTS - 1],
            rs->tags.tag[0 .. RunTag(SLOTS) - 1], bins->runcur[BinTree(owner, c)];
    ARENA_OK(ensures)
    ensures region:  RegionAt(\old(bins->runcur[BinTree(owner, c)]), c, \result) &&
                     RegionsHold(\old(bins->runcur[BinTree(owner, c)]), c, \result);
    ensures taken:   TagChanged(\old(rs->tags), rs->tags, TagAt(\result), 0, c + 1);
    ensures moved:   BinNodesMoved(ps->kind, \old(g->tree.in), g->tree.in, ps->end); */
static size_t take_region(struct pages *ps, struct regions *rs, struct bins *bins, uint32_t owner, uint32_t c)
/*@ ghost (struct run_ghost \ghost *g) */ {
    pageno k = arena_bin(owner, c);
    /*@ ghost struct tree_ghost before = g->tree; */
    /*@ ghost pageno r = bins->runcur[k]; */
    /*@ ghost pages_facts(ps, g); */
    /*@ assert run: BinOwn(ps->kind, ps->owner, rs->runs, ps->end, owner, c, r); */
    /*@ ghost struct bin_runs were = rs->runs; */
    size_t off = bin_take(rs, &ps->tree, &bins->runcur[k], k) /*@ ghost (&g->tree) */;
    /*@ ghost region_held(r, c, off); */
    /*@ ghost bin_apart(owner, c); */
    /*@ ghost bin_change(before, r, g->tree, bins->runcur[k], k, r, true, rs->runs.nfree[r] > 0); */
    /*@ ghost trees_stay(ps, before, were, rs->runs); */
    /*@ assert own: \forall integer p; TREES < p < SLOTS && g->tree.in[p] == k ==>
            BinOwn(ps->kind, ps->owner, rs->runs, ps->end, owner, c, p); */
    /*@ ghost bins_moved(ps, g, before); */
    return off;
}

size_t arena_take(struct pages *ps, struct regions *rs, struct bins *bins, uint32_t owner, uint32_t c)
/*@ ghost (struct run_ghost \ghost *g) */ {
    pageno k = arena_bin(owner, c);
    if (bins->runcur[k] == 0 && !add_run(ps, rs, bins, owner, c) /*@ ghost (g) */) return 0;
    /*@ ghost pageno r = bins->runcur[k]; */
    size_t off = take_region(ps, rs, bins, owner, c) /*@ ghost (g) */;
    /*@ ghost pages_facts(ps, g); */
    /*@ assert run: BinOwn(ps->kind, ps->owner, rs->runs, ps->end, owner, c, r); */
    /*@ assert home: g->home[off / PAGE] == r; */
    return off;
}

/*@ ghost
  void region_found(const struct pages *ps, const struct regions *rs, const struct bins *bins, size_t off,
                    struct run_ghost \ghost *g) {
      /@ assert page: RunTag(off / PAGE) <= TagAt(off) < RunTag(off / PAGE + 1); @/
      /@ assert tag:  !PageTagless(rs->tags, off / PAGE); @/
      pages_facts(ps, g);
      /@ assert used: off / PAGE < ps->end && ps->kind[g->home[off / PAGE]] == RUN_BIN; @/
      region_tagged(rs, ps->head[off / PAGE], off);
      region_held(ps->head[off / PAGE], rs->runs.class[ps->head[off / PAGE]], off);
  }
*/

/* Puts the live region at off, of the owner's run r of class c, back. True if r is empty now, and in no bin. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires bin:    1 <= owner <= ARENAS && c < BINS;
    requires run:    BinOwn(ps->kind, ps->owner, rs->runs, ps->end, owner, c, r);
    requires off:    RegionsHold(r, c, off);
    requires live:   rs->tags.tag[TagAt(off)] != 0;
    assigns RUN_TREE_ARRAYS, rs->runs.low[r], rs->runs.nfree[r], rs->tags.tag[TagAt(off)],
            bins->runcur[BinTree(owner, c)];
    ARENA_SETS(ensures, \result ? r : 0, \result ? r : 0)
    ensures free:    rs->tags.tag[TagAt(off)] == 0;
    ensures out:     \result ==> g->tree.in[r] == 0 && bins->runcur[BinTree(owner, c)] != r;
    ensures empty:   \result ==> RegionsEmpty(rs->tags, r, c); */
static bool give_region(struct pages *ps, struct regions *rs, struct bins *bins, uint32_t owner, uint32_t c,
                        pageno r, size_t off)
/*@ ghost (struct run_ghost \ghost *g) */ {
    pageno k = arena_bin(owner, c);
    /*@ ghost struct tree_ghost before = g->tree; */
    /*@ ghost pageno was = bins->runcur[k]; */
    /*@ ghost bool member = rs->runs.nfree[r] > 0; */
    /*@ ghost pages_facts(ps, g); */
    bool empty = bin_give(rs, &ps->tree, &bins->runcur[k], k, r, off) /*@ ghost (&g->tree) */;
    /*@ ghost bin_apart(owner, c); */
    /*@ ghost bin_change(before, was, g->tree, bins->runcur[k], k, r, member, !empty); */
    /*@ assert own: \forall integer x; TREES < x < SLOTS && (g->tree.in[x] != before.in[x] || x == bins->runcur[k]) ==>
            BinOwn(ps->kind, ps->owner, rs->runs, ps->end, owner, c, x); */
    /*@ ghost bins_moved(ps, g, before); */
    return empty;
}

/* The empty run r of a bin, in none any more, becomes free pages. */
/*@ ARENA_MEMORY ARENA_SETS(requires, r, r)
    requires run:    BinRun(ps->kind, ps->end, r) && g->tree.in[r] == 0;
    requires out:    bins->runcur[BinTreeOf(ps->owner, rs->runs, r)] != r;
    requires empty:  RegionsEmpty(rs->tags, r, rs->runs.class[r]);
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            ps->state[r .. r + ps->tree.length[r] - 1];
    ARENA_OK(ensures)
    LARGE_KEPT */
static void give_run(struct pages *ps, pageno r)
/*@ ghost (const struct regions *rs, const struct bins *bins, struct run_ghost \ghost *g) */ {
    /*@ ghost pages_facts(ps, g); */
    large_give(ps, r) /*@ ghost (g) */;
    /*@ ghost pages_facts(ps, g); */
    /*@ assert each: \forall integer o, d; 1 <= o <= ARENAS && 0 <= d < BINS ==>
            BinOk(g->tree.in, bins->runcur[BinTree(o, d)], BinTree(o, d)); */
}

void arena_give(struct pages *ps, struct regions *rs, struct bins *bins, size_t off)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost region_found(ps, rs, bins, off, g); */
    pageno r = ps->head[off / PAGE];
    uint32_t owner = run_owner(ps, r), c = rs->runs.class[r];
    if (give_region(ps, rs, bins, owner, c, r, off) /*@ ghost (g) */)
        give_run(ps, r) /*@ ghost (rs, bins, g) */;
}
