#include "run.h"

uint32_t run_owner(const struct pages *ps, pageno p) {
    return ps->owner[p / CHUNK_PAGES];
}

pageno run_pool(uint32_t owner) {
    return (pageno)(owner == 0 ? TREE_CHUNKS : TREE_ARENAS + (owner - 1) * (1 + BINS));
}

bool run_holds(const struct pages *ps, pageno r, pageno p) {
    return ps->kind[r] != RUN_INSIDE && r <= p && p - r < ps->tree.length[r];
}

pageno run_next(const struct pages *ps, pageno r) {
    return (pageno)(r + ps->tree.length[r]);
}

/*@ ghost
  /@ requires range: 0 <= p && 0 < n && p % n == 0;
     assigns \nothing;
     ensures none:   (p + n) % n == 0; @/
  void next_multiple(long long p, long long n) {
  }
*/

uint32_t run_misalignment(const struct pages *ps, pageno p, uint32_t align) {
    uint32_t past = (p % align + ps->bias % align) % align;
    /*@ ghost long long rest = p % align + ps->bias % align; */
    /*@ ghost long long times = (long long)(p / align) + ps->bias / align + rest / align; */
    /*@ ghost multiple((long long)p + ps->bias - past, times, align); */
    return past;
}

/*@ ghost
  void rehome(struct run_ghost \ghost *g, pageno r, uint32_t a, uint32_t b) {
      uint32_t p = a;
      /@ loop invariant range: a <= p <= b;
         loop invariant set:   \forall integer i; a <= i < p ==> g->home[i] == r;
         loop assigns p, g->home[a .. b - 1];
         loop variant b - p; @/
      while (p < b) { g->home[p] = r; p++; }
  }
*/

void run_make(struct pages *ps, pageno r, uint32_t n, enum kind kind)
/*@ ghost (struct run_ghost \ghost *g) */ {
    ps->kind[r] = (uint8_t)kind;
    tree_set_length(&ps->tree, r, (pageno)n) /*@ ghost (&g->tree) */;
    ps->head[r] = r;
    ps->head[r + n - 1] = r;
}

pageno run_split(struct pages *ps, pageno r, uint32_t n)
/*@ ghost (struct run_ghost \ghost *g) */ {
    pageno q = (pageno)(r + n);
    uint32_t rest = ps->tree.length[r] - n;
    /*@ assert pages: \forall integer p; r <= p < q + rest ==> g->home[p] == r; */
    tree_set_length(&ps->tree, r, (pageno)n) /*@ ghost (&g->tree) */;
    ps->head[q - 1] = r;
    run_make(ps, q, rest, ps->kind[r]) /*@ ghost (g) */;
    /*@ ghost rehome(g, q, q, q + rest); */
    /*@ assert split: RunSplit(\at(g->home, Pre), g->home, ps->end, r, q); */
    /*@ assert tails: \forall integer p; Page(ps->end, p) && p != q - 1 && p != q + rest - 1 &&
            p + 1 == g->home[p] + ps->tree.length[g->home[p]] ==>
            ps->head[p] == g->home[p]; */
    return q;
}

/* [ r ][ q ] => [ --- r --- ], but for the length of r. */
/*@ RUN_MEMORY RUN_TILES(requires)
    requires runs:   RunStart(g->home, ps->end, r) && RunStart(g->home, ps->end, q) &&
                     RunNext(ps->tree.length, r, q);
    requires owners: RunUnites(ps->owner, r, q);
    requires kinds:  ps->kind[r] == RUN_FREE ==> ps->kind[q] == RUN_FREE;
    assigns ps->kind[q], ps->head[q + ps->tree.length[q] - 1], g->home[q .. q + ps->tree.length[q] - 1];
    ensures home:    RunHome(g->home, ps->end);
    ensures kind:    RunKind(ps->kind, g->home, ps->end);
    ensures owner:   RunOwner(ps->owner, g->home, ps->end);
    ensures tail:    ps->head[q + ps->tree.length[q] - 1] == r;
    ensures homes:   RunJoined(\old(g->home), g->home, ps->end, r, q);
    ensures whole:   q + ps->tree.length[q] <= ps->end;
    ensures pages:   \forall integer p; Page(ps->end, p) ==>
                     (g->home[p] == r <==> r <= p < q + ps->tree.length[q]);
    ensures borders: RunBordersKept(\old(ps->kind), \old(g->home), ps->kind, g->home, ps->end, 0); */
static void absorb(struct pages *ps, pageno r, pageno q)
/*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t end = q + ps->tree.length[q];
    /*@ assert first:  \forall integer p; Page(ps->end, p) ==> (g->home[p] == r <==> r <= p < q); */
    /*@ assert second: \forall integer p; Page(ps->end, p) ==> (g->home[p] == q <==> q <= p < end); */
    ps->kind[q] = RUN_INSIDE;
    ps->head[end - 1] = r;
    /*@ ghost rehome(g, r, q, end); */
}

void run_join(struct pages *ps, pageno r, pageno q)
/*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t n = ps->tree.length[r] + ps->tree.length[q];
    absorb(ps, r, q) /*@ ghost (g) */;
    tree_set_length(&ps->tree, r, (pageno)n) /*@ ghost (&g->tree) */;
}

/* Free run r becomes known to its pool. */
/*@ RUN_MEMORY
    requires owner:  RunOwner(ps->owner, g->home, ps->end);
    requires trees:  TreeOk(ps->tree, g->tree);
    requires run:    Page(ps->end, r) && g->tree.in[r] == 0;
    assigns RUN_TREE_ARRAYS;
    ensures trees:   TreeOk(ps->tree, g->tree);
    ensures in:      g->tree.in[r] == PoolOf(OwnerOf(ps->owner, r));
    ensures others:  \forall integer i; 0 <= i < SLOTS && i != r ==> g->tree.in[i] == \old(g->tree.in[i]); */
static void pool_insert(struct pages *ps, pageno r)
/*@ ghost (struct run_ghost \ghost *g) */ {
    tree_insert(&ps->tree, run_pool(run_owner(ps, r)), r) /*@ ghost (&g->tree) */;
}

void run_cut(struct pages *ps, pageno r, uint32_t n)
/*@ ghost (struct run_ghost \ghost *g) */ {
    tree_remove(&ps->tree, r) /*@ ghost (&g->tree) */;
    if (n < ps->tree.length[r]) {
        pageno q = run_split(ps, r, n) /*@ ghost (g) */;
        pool_insert(ps, q) /*@ ghost (g) */;
        /*@ assert pools: RunPoolBut(ps->kind, ps->owner, g->tree.in, ps->end, r, 0); */
    }
}

/* [   r, free   ] => [ r, free ][ free ], both in the pool; the first page of the second. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, 0) RUN_COALESCED(requires, 0, 0)
    requires run:    RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE;
    requires n:      0 < n < ps->tree.length[r];
    assigns RUN_TREE_ARRAYS, ps->tree.length[r], ps->tree.length[r + n], ps->kind[r + n],
            ps->head[r .. r + ps->tree.length[r] - 1], g->home[r + n .. r + ps->tree.length[r] - 1];
    RUN_TILES(ensures) RUN_TREES(ensures, 0) RUN_COALESCED(ensures, r + n, 0)
    ensures result:  \result == r + n && RunStart(g->home, ps->end, r + n) && ps->kind[r + n] == RUN_FREE;
    ensures length:  ps->tree.length[r + n] == \old(ps->tree.length[r]) - n;
    RUN_LIVE_KEPT(0) */
static pageno skip(struct pages *ps, pageno r, uint32_t n)
/*@ ghost (struct run_ghost \ghost *g) */ {
    tree_remove(&ps->tree, r) /*@ ghost (&g->tree) */;
    pageno q = run_split(ps, r, n) /*@ ghost (g) */;
    /*@ assert pools: RunPoolBut(ps->kind, ps->owner, g->tree.in, ps->end, r, q); */
    pool_insert(ps, r) /*@ ghost (g) */;
    /*@ assert pools: RunPoolBut(ps->kind, ps->owner, g->tree.in, ps->end, q, 0); */
    pool_insert(ps, q) /*@ ghost (g) */;
    return q;
}

/* [        free        ] => [ skipped ][ n pages ][  free  ] */
pageno run_take(struct pages *ps, pageno r, uint32_t n, uint32_t align, enum kind kind)
/*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t past = run_misalignment(ps, r, align);
    if (past != 0) r = skip(ps, r, align - past) /*@ ghost (g) */;
    /*@ ghost if (past != 0) next_multiple((long long)r + ps->bias - align, align); */
    /*@ assert aligned: (r + ps->bias) % align == 0; */
    run_cut(ps, r, n) /*@ ghost (g) */;
    /*@ assert last: g->home[r + n - 1] == r; */
    ps->kind[r] = (uint8_t)kind;
    /*@ assert borders: RunCoalescedBut(ps->kind, ps->owner, g->home, ps->end, r, r + n); */
    return r;
}

/* Whether the runs that meet at page q, not the heap's end, may be one. */
/*@ requires mem:    \valid(ps);
    requires page:   FIRST_PAGE < q < SLOTS;
    assigns \nothing;
    ensures joins:   \result <==> RunJoins(ps->owner, q); */
static bool joins_at(const struct pages *ps, pageno q) {
    return q % CHUNK_PAGES != 0 || (ps->owner[q / CHUNK_PAGES] == 0 && ps->owner[(q - 1) / CHUNK_PAGES] == 0);
}

bool run_may_join(const struct pages *ps, pageno q) {
    return q < ps->end && ps->kind[q] == RUN_FREE && joins_at(ps, q);
}

/*@ ghost
  /@ RUN_MEMORY
     requires home:   RunHome(g->home, ps->end);
     requires span:   RunSpan(ps->tree.length, g->home, ps->end);
     requires exact:  RunExact(ps->tree.length, g->home, ps->end);
     requires owner:  RunOwner(ps->owner, g->home, ps->end);
     requires runs:   RunStart(g->home, ps->end, r) && RunStart(g->home, ps->end, q) &&
                     q == r + ps->tree.length[r];
     requires joins:  RunJoins(ps->owner, q);
     assigns \nothing;
     ensures owner:   RunUnites(ps->owner, r, q); @/
  void same_owner(struct pages *ps, pageno r, pageno q, struct run_ghost \ghost *g) {
      /@ assert last:  g->home[q - 1] == r; @/
      /@ assert chunk: q % CHUNK_PAGES != 0 ==> q / CHUNK_PAGES == (q - 1) / CHUNK_PAGES; @/
      /@ assert owns:  OwnerOf(ps->owner, q - 1) == OwnerOf(ps->owner, r); @/
  }
*/

/* [ r ][ q, free ] => [ --- r --- ] */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, r) RUN_COALESCED(requires, r, q)
    requires run:    RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE && g->tree.in[r] == 0;
    requires next:   RunStart(g->home, ps->end, q) && ps->kind[q] == RUN_FREE &&
                     RunNext(ps->tree.length, r, q);
    requires joins:  RunJoins(ps->owner, q);
    assigns RUN_TREE_ARRAYS, ps->tree.length[r], ps->kind[q], ps->head[q + ps->tree.length[q] - 1],
            g->home[0 .. SLOTS - 1];
    RUN_TILES(ensures) RUN_TREES(ensures, r) RUN_COALESCED(ensures, r, 0)
    ensures run:     RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE && g->tree.in[r] == 0;
    RUN_LIVE_KEPT(0) */
static void join_with_next(struct pages *ps, pageno r, pageno q)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost same_owner(ps, r, q, g); */
    tree_remove(&ps->tree, q) /*@ ghost (&g->tree) */;
    /*@ assert pools: RunPoolBut(ps->kind, ps->owner, g->tree.in, ps->end, r, q); */
    run_join(ps, r, q) /*@ ghost (g) */;
}

/* The same, if there is such a q. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, r)
    RUN_COALESCED(requires, r, r + ps->tree.length[r])
    requires run:    RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE && g->tree.in[r] == 0;
    assigns RUN_ARRAYS;
    RUN_TILES(ensures) RUN_TREES(ensures, r) RUN_COALESCED(ensures, r, 0)
    ensures run:     RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE && g->tree.in[r] == 0;
    RUN_LIVE_KEPT(0) */
static void join_next(struct pages *ps, pageno r)
/*@ ghost (struct run_ghost \ghost *g) */ {
    pageno q = run_next(ps, r);
    /*@ assert next: q < ps->end ==> RunStart(g->home, ps->end, q); */
    if (!run_may_join(ps, q)) return;
    join_with_next(ps, r, q) /*@ ghost (g) */;
}

/* [ o, free ][ r ] => [ --- o --- ], a node of its pool */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, r) RUN_COALESCED(requires, r, 0)
    requires run:    RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE && g->tree.in[r] == 0;
    requires prev:   RunStart(g->home, ps->end, o) && ps->kind[o] == RUN_FREE &&
                     RunNext(ps->tree.length, o, r);
    requires joins:  RunJoins(ps->owner, r);
    assigns RUN_TREE_ARRAYS, ps->tree.length[o], ps->kind[r], ps->head[r + ps->tree.length[r] - 1],
            g->home[0 .. SLOTS - 1];
    RUN_TILES(ensures) RUN_TREES(ensures, 0) RUN_COALESCED(ensures, 0, 0)
    ensures length:  ps->tree.length[o] == \old(ps->tree.length[o] + ps->tree.length[r]);
    ensures run:     RunStart(g->home, ps->end, o) && ps->kind[o] == RUN_FREE && g->home[r] == o;
    RUN_LIVE_KEPT(0) */
static void join_to_prev(struct pages *ps, pageno o, pageno r)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost same_owner(ps, o, r, g); */
    uint32_t n = ps->tree.length[o] + ps->tree.length[r];
    absorb(ps, o, r) /*@ ghost (g) */;
    tree_resize(&ps->tree, o, (pageno)n) /*@ ghost (&g->tree) */;
}

/* The same, if there is such an o: o, or 0. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, r) RUN_COALESCED(requires, r, 0)
    requires run:    RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE && g->tree.in[r] == 0;
    assigns RUN_ARRAYS;
    RUN_TILES(ensures) RUN_COALESCED(ensures, 0, 0)
    ensures trees:   TreeOk(ps->tree, g->tree);
    ensures none:    \result == 0 ==> RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE &&
                     g->tree.in[r] == 0 && RunPoolBut(ps->kind, ps->owner, g->tree.in, ps->end, r, 0);
    ensures joined:  \result != 0 ==> RunStart(g->home, ps->end, \result) && ps->kind[\result] == RUN_FREE &&
                     g->home[r] == \result &&
                     RunPoolBut(ps->kind, ps->owner, g->tree.in, ps->end, 0, 0);
    RUN_LIVE_KEPT(0) */
static pageno join_prev(struct pages *ps, pageno r)
/*@ ghost (struct run_ghost \ghost *g) */ {
    if (r == FIRST_PAGE || !joins_at(ps, r)) return 0;
    pageno o = ps->head[r - 1];
    /*@ assert tail: o == g->home[r - 1] && r == o + ps->tree.length[o]; */
    if (ps->kind[o] != RUN_FREE) return 0;
    join_to_prev(ps, o, r) /*@ ghost (g) */;
    return o;
}

pageno run_give(struct pages *ps, pageno r)
/*@ ghost (struct run_ghost \ghost *g) */ {
    ps->kind[r] = RUN_FREE;
    join_next(ps, r) /*@ ghost (g) */;
    pageno o = join_prev(ps, r) /*@ ghost (g) */;
    if (o != 0) return o;
    pool_insert(ps, r) /*@ ghost (g) */;
    return r;
}

void run_own(struct pages *ps, pageno r) {
    uint32_t end = r + ps->tree.length[r];
    /*@ loop invariant range: r <= i <= end;
        loop invariant owned: \forall integer p; r <= p < i ==> ps->head[p] == r;
        loop assigns i, ps->head[r .. end - 1];
        loop variant end - i; */
    for (uint32_t i = r; i < end; i++) ps->head[i] = r;
}
