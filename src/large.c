#include "large.h"

/* The clauses of PAGES_OK are what PagesOk means. */
/*@ ghost
  /@ RUN_MEMORY PAGES_OK(requires)
     assigns \nothing;
     ensures pages:   PAGES_OK_BY(g->tree.in); @/
  void pages_close(const struct pages *ps, struct run_ghost \ghost *g) {
  }

  /@ RUN_MEMORY
     requires trees:  TreeOk(ps->tree, g->tree);
     requires pages:  PAGES_OK_BY(g->tree.in);
     assigns \nothing;
     PAGES_OK(ensures) @/
  void pages_open(const struct pages *ps, struct run_ghost \ghost *g) {
  }

  void pages_begin(const struct pages *ps, struct run_ghost \ghost *g) {
      tree_begin(&ps->tree, &g->tree);
      run_begin(ps, g);
  }

  void pages_facts(const struct pages *ps, struct run_ghost \ghost *g) {
  }

  void pages_facts_were(struct pages a, struct run_ghost b) {
  }

  void bins_moved(const struct pages *ps, struct run_ghost \ghost *g, struct tree_ghost before) {
  }
*/

/* The lowest free run of the owner that has n pages, or else a whole chunk, a free run of his now; 0 if there
 * is neither. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires owner:  1 <= owner <= ARENAS;
    requires n:      0 < n <= CHUNK_PAGES;
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1];
    PAGES_OK(ensures)
    ensures none:    \result == 0 <==>
                     LargeNone(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, owner, n) &&
                     NoneFits(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), ps->end, 1);
    ensures same:    \result == 0 ==> *ps == \old(*ps) && *g == \old(*g);
    ensures run:     \result != 0 ==> RunStart(g->home, ps->end, \result) && ps->kind[\result] == RUN_FREE &&
                     n <= ps->tree.length[\result] && OwnerOf(ps->owner, \result) == owner;
    ensures lowest:  \result != 0 ==> \old(ps->kind)[\result] == RUN_FREE &&
                     LargeNone(\old(ps->kind), \old(ps->tree.length), \old(ps->owner), \result, owner, n);
    LARGE_LIVE_KEPT(0) */
static pageno find_run(struct pages *ps, uint32_t owner, uint32_t n)
/*@ ghost (struct run_ghost \ghost *g) */ {
    pageno r = tree_first_fit(&ps->tree, run_pool(owner), n) /*@ ghost (&g->tree) */;
    if (r != 0) return r;
    r = chunk_take(ps, owner) /*@ ghost (g) */;
    /*@ assert same: UsedKept(ps->kind, g->home, \at(g->home, Pre), ps->end, 0); */
    return r;
}

/* n pages of free run r, behind the `align` that they need; head[] does not lead to the first yet. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires run:    RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE && OwnerOf(ps->owner, r) != 0;
    requires n:      0 < n && 1 <= align && n + align - 1 <= ps->tree.length[r];
    requires align:  align <= SLOTS;
    requires kind:   kind == RUN_BIN || kind == RUN_LARGE;
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1];
    PAGES_SETS(ensures, \result)
    ensures run:     RunStart(g->home, ps->end, \result) && ps->kind[\result] == kind &&
                     ps->tree.length[\result] == n && g->tree.in[\result] == 0;
    ensures first:   RunFirst(ps->bias, r, align, \result);
    ensures aligned: (\result + ps->bias) % align == 0;
    RUN_LIVE_KEPT(\result) */
static pageno take_pages(struct pages *ps, pageno r, uint32_t n, uint32_t align, enum kind kind)
/*@ ghost (struct run_ghost \ghost *g) */ {
    pageno p = run_take(ps, r, n, align, kind) /*@ ghost (g) */;
    run_use(ps, p) /*@ ghost (g) */;
    return p;
}

pageno large_take(struct pages *ps, uint32_t owner, uint32_t n, uint32_t align, enum kind kind)
/*@ ghost (struct run_ghost \ghost *g) */ {
    pageno r = find_run(ps, owner, n + (align - 1)) /*@ ghost (g) */;
    if (r == 0) return 0;
    pageno p = take_pages(ps, r, n, align, kind) /*@ ghost (g) */;
    /*@ assert others: \forall integer q; Page(ps->end, q) && g->home[q] != p ==> q < p || p + n <= q; */
    run_own(ps, p);
    /*@ assert pages: \forall integer q; Page(ps->end, q) && g->home[q] == p ==> ps->head[q] == p; */
    return p;
}

/* Run r, in use before, is given back. The first page of the free run that it is part of now. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, r) HUGE_SETS(requires, r) RUN_DIRTY(requires, r)
    RUN_COALESCED(requires, r, r + ps->tree.length[r])
    requires run:    RunStart(g->home, ps->end, r) && g->tree.in[r] == 0 && OwnerOf(ps->owner, r) != 0;
    requires freed:  \forall integer p; r <= p < r + ps->tree.length[r] ==> g->used[p] == 0;
    assigns RUN_ARRAYS;
    PAGES_OK(ensures)
    ensures free:    RunStart(g->home, ps->end, \result) && ps->kind[\result] == RUN_FREE &&
                     g->home[r] == \result;
    RUN_LIVE_KEPT(r) */
static pageno give_pages(struct pages *ps, pageno r) /*@ ghost (struct run_ghost \ghost *g) */ {
    pageno o = run_give(ps, r) /*@ ghost (g) */;
    /*@ assert same: UsedKept(ps->kind, g->home, \at(g->home, Pre), ps->end, 0); */
    return o;
}

/* A run of CHUNK_PAGES in an arena's chunk is all of it. */
/*@ ghost
  /@ RUN_MEMORY RUN_TILES(requires)
     requires run:    RunStart(g->home, ps->end, r) && OwnerOf(ps->owner, r) != 0;
     requires long:   CHUNK_PAGES <= ps->tree.length[r];
     assigns \nothing;
     ensures chunk:   r % CHUNK_PAGES == 0 && ps->tree.length[r] == CHUNK_PAGES;
     ensures pages:   \forall integer p; Page(ps->end, p) && p / CHUNK_PAGES == r / CHUNK_PAGES ==>
                      g->home[p] == r; @/
  void whole_chunk(const struct pages *ps, pageno r, struct run_ghost \ghost *g) {
      /@ assert last:   g->home[r + CHUNK_PAGES - 1] == r; @/
      /@ assert behind: g->home[r + ps->tree.length[r] - 1] == r; @/
  }
*/

void large_give(struct pages *ps, pageno r) /*@ ghost (struct run_ghost \ghost *g) */ {
    run_soil(ps, r) /*@ ghost (g) */;
    r = give_pages(ps, r) /*@ ghost (g) */;
    if (ps->tree.length[r] < CHUNK_PAGES) return;
    /*@ ghost whole_chunk(ps, r, g); */
    chunk_give(ps, r) /*@ ghost (g) */;
}

/* [    p    ] => [ p ][ free ] */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires block:  LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE;
    requires n:      0 < n < ps->tree.length[p];
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            ps->state[p + n .. p + ps->tree.length[p] - 1];
    PAGES_OK(ensures)
    ensures block:   LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE &&
                     ps->tree.length[p] == n;
    ensures soiled:  \forall integer i; p + n <= i < p + \old(ps->tree.length[p]) ==>
                     ps->state[i] == PAGE_DIRTY;
    LARGE_LIVE_KEPT(p) */
static void cut_short(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */ {
    pageno q = run_split(ps, p, n) /*@ ghost (g) */;
    /*@ assert inside: \at(g->home, Pre)[q] == p; */
    run_own(ps, q);
    large_give(ps, q) /*@ ghost (g) */;
}

/* [ p ][ q ] => [ --- p --- ]; q, just taken for p, is in no tree. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, q) HUGE_SETS(requires, q) RUN_DIRTY(requires, q)
    RUN_COALESCED(requires, q, q + ps->tree.length[q])
    requires block:  LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE &&
                     RunNext(ps->tree.length, p, q);
    requires next:   RunStart(g->home, ps->end, q) && ps->kind[q] == RUN_FREE && g->tree.in[q] == 0;
    requires chunk:  RunUnites(ps->owner, p, q);
    requires taken:  \forall integer i; q <= i < q + ps->tree.length[q] ==> g->used[i] == 1;
    assigns RUN_ARRAYS;
    PAGES_OK(ensures)
    ensures block:   LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE &&
                     ps->tree.length[p] == \old(ps->tree.length[p] + ps->tree.length[q]);
    RUN_LIVE_KEPT(p) */
static void unite(struct pages *ps, pageno p, pageno q) /*@ ghost (struct run_ghost \ghost *g) */ {
    run_join(ps, p, q) /*@ ghost (g) */;
    run_own(ps, p);
}

/* [ p ][    q, free    ] => [    p    ][ free ] */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires block:  LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE;
    requires next:   RunNext(ps->tree.length, p, q) && RunStart(g->home, ps->end, q) &&
                     ps->kind[q] == RUN_FREE && RunUnites(ps->owner, p, q);
    requires more:   0 < more <= ps->tree.length[q];
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1];
    PAGES_OK(ensures)
    ensures block:   LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE &&
                     ps->tree.length[p] == \old(ps->tree.length[p]) + more;
    RUN_LIVE_KEPT(p) */
static void take_next(struct pages *ps, pageno p, pageno q, uint32_t more)
/*@ ghost (struct run_ghost \ghost *g) */ {
    run_cut(ps, q, more) /*@ ghost (g) */;
    /*@ assert same: UsedKept(ps->kind, g->home, \at(g->home, Pre), ps->end, 0); */
    run_use(ps, q) /*@ ghost (g) */;
    unite(ps, p, q) /*@ ghost (g) */;
}

/* Gives the large block at p the length of n pages, more than it has; false, and nothing changes, if the
 * pages behind it are not free. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires block:  LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE;
    requires n:      ps->tree.length[p] < n <= CHUNK_PAGES;
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1];
    PAGES_OK(ensures)
    ensures result:  \result <==> LargeRoom(\old(ps->kind), \old(ps->tree.length), ps->end, p, n);
    ensures same:    !\result ==> *ps == \old(*ps) && *g == \old(*g);
    ensures block:   LargeRun(ps->kind, g->home, ps->owner, ps->end, p) && ps->kind[p] == RUN_LARGE;
    ensures length:  \result ==> ps->tree.length[p] == n;
    RUN_LIVE_KEPT(p) */
static bool lengthen(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t more = n - ps->tree.length[p];
    pageno q = run_next(ps, p);
    /*@ assert last: g->home[q - 1] == p; */
    /*@ assert joins: q < ps->end ==> (RunJoins(ps->owner, q) <==> q % CHUNK_PAGES != 0); */
    if (!run_may_join(ps, q) || ps->tree.length[q] < more) return false;
    take_next(ps, p, q, more) /*@ ghost (g) */;
    return true;
}

bool large_resize(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t old = ps->tree.length[p];
    if (n > old) return lengthen(ps, p, n) /*@ ghost (g) */;
    if (n < old) cut_short(ps, p, n) /*@ ghost (g) */;
    return true;
}

void pages_purge(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */ {
    run_purge(ps, p, n) /*@ ghost (g) */;
}
