#include "huge.h"

/* Free chunks are whole: a run starts where another ends, a huge block ends at a border of chunks, and free
 * runs inside a chunk are coalesced. */
/*@ ghost
  /@ RUN_MEMORY PAGES_OK(requires)
     assigns \nothing;
     ensures whole:   FreeWhole(ps->kind, ps->tree.length, ps->owner, ps->end); @/
  void whole_runs(const struct pages *ps, struct run_ghost \ghost *g) {
      /@ assert chunk:  \forall integer q; 0 < q && q % CHUNK_PAGES != 0 ==>
              q / CHUNK_PAGES == (q - 1) / CHUNK_PAGES; @/
      /@ assert starts: \forall integer q; Page(ps->end, q) && g->home[q] == q &&
              OwnerOf(ps->owner, q) == 0 ==> q % CHUNK_PAGES == 0; @/
      /@ assert ends:   \forall integer r; Page(ps->end, r) && g->home[r] == r &&
              OwnerOf(ps->owner, r) == 0 ==> (r + ps->tree.length[r]) % CHUNK_PAGES == 0; @/
  }
*/

/* The pages that an alignment skips are whole chunks, and no more than the extent allows for. */
/*@ ghost
  /@ requires range: CHUNK_PAGES <= n && n % CHUNK_PAGES == 0 && a % CHUNK_PAGES == 0;
     assigns \nothing;
     ensures whole:   (a % n) % CHUNK_PAGES == 0 && a % n <= n - CHUNK_PAGES; @/
  void remainder(uint32_t a, uint32_t n) {
      uint32_t q = a / n, r = a % n, m = n / CHUNK_PAGES, t = a / CHUNK_PAGES;
      /@ assert parts: a == n * q + r && 0 <= r < n; @/
      /@ assert whole: n == CHUNK_PAGES * m && a == CHUNK_PAGES * t; @/
      /@ assert rest:  r == CHUNK_PAGES * (t - m * q); @/
  }

  /@ HUGE_ALIGN(align)
     requires run:    p < SLOTS && p % CHUNK_PAGES == 0;
     requires extent: align <= CHUNK_PAGES ? bias % align == 0 : bias % CHUNK_PAGES == 0;
     assigns \nothing;
     ensures whole:   RunSkip(bias, p, align) % CHUNK_PAGES == 0;
     ensures most:    RunSkip(bias, p, align) <= (align <= CHUNK_PAGES ? 0 : align - CHUNK_PAGES); @/
  void skip_is_whole(uint32_t bias, uint32_t p, uint32_t align) {
      if (align <= CHUNK_PAGES) {
          uint32_t n = CHUNK_PAGES / align, t = p / CHUNK_PAGES;
          /@ assert chunk: CHUNK_PAGES == align * n && p == CHUNK_PAGES * t; @/
          /@ assert page:  p == align * (n * t); @/
          multiple(p, n * t, align);
      } else {
          remainder(p, align);
          remainder(bias, align);
          remainder(p % align + bias % align, align);
      }
  }
*/

uint32_t whole_chunks(uint32_t n) {
    return (n + (CHUNK_PAGES - 1)) / CHUNK_PAGES * CHUNK_PAGES;
}

/* Run r, of chunks that nobody owns, is given back. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, r) HUGE_SETS(requires, r) RUN_DIRTY(requires, r)
    RUN_COALESCED(requires, r, r + ps->tree.length[r])
    requires run:    RunStart(g->home, ps->end, r) && g->tree.in[r] == 0 && OwnerOf(ps->owner, r) == 0;
    requires freed:  \forall integer p; r <= p < r + ps->tree.length[r] ==> g->used[p] == 0;
    assigns RUN_ARRAYS;
    PAGES_OK(ensures)
    ensures free:    ps->kind[g->home[r]] == RUN_FREE;
    RUN_LIVE_KEPT(r) */
static void give_chunks(struct pages *ps, pageno r) /*@ ghost (struct run_ghost \ghost *g) */ {
    run_give(ps, r) /*@ ghost (g) */;
    /*@ assert same: UsedKept(ps->kind, g->home, \at(g->home, Pre), ps->end, 0); */
}

/* The first page of the free chunks at the heap's end, which are one run: free runs that meet would be one. */
/*@ ghost
  /@ RUN_MEMORY PAGES_OK(requires)
     assigns \nothing;
     ensures page:     FIRST_PAGE <= \result <= ps->end && \result % CHUNK_PAGES == 0;
     ensures free:     FreeChunkPages(ps->kind, ps->owner, g->home, \result, ps->end);
     ensures apart:    \result == FIRST_PAGE ||
                       !FreeChunkPages(ps->kind, ps->owner, g->home, \result - 1, \result);
     ensures tail:     FreeTail(ps->kind, ps->tree.length, ps->owner, g->home, ps->end) == ps->end - \result; @/
  uint32_t tail_start(const struct pages *ps, struct run_ghost \ghost *g) {
      uint32_t r = ps->end == FIRST_PAGE ? FIRST_PAGE : g->home[ps->end - 1];
      whole_runs(ps, g);
      return r < ps->end && ps->kind[r] == RUN_FREE && ps->owner[r / CHUNK_PAGES] == 0 ? r : ps->end;
  }

  /@ RUN_MEMORY PAGES_OK(requires)
     requires tail:    FIRST_PAGE <= r < ps->end && r % CHUNK_PAGES == 0 &&
                       FreeChunkPages(ps->kind, ps->owner, g->home, r, ps->end);
     requires apart:   r == FIRST_PAGE || !FreeChunkPages(ps->kind, ps->owner, g->home, r - 1, r);
     assigns \nothing;
     ensures tail:     FreeTail(ps->kind, ps->tree.length, ps->owner, g->home, ps->end) == ps->end - r; @/
  void one_tail(const struct pages *ps, uint32_t r, struct run_ghost \ghost *g) {
      /@ assert first: g->home[r] == r; @/
      /@ loop invariant range: r < p <= ps->end;
         loop invariant one:   g->home[p - 1] == r;
         loop assigns p;
         loop variant ps->end - p; @/
      for (uint32_t p = r + 1; p < ps->end; p++) {
          /@ assert joins: RunJoins(ps->owner, p); @/
      }
  }
*/

void chunks_add(struct pages *ps, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */ {
    pageno p = ps->end;
    /*@ ghost uint32_t r = tail_start(ps, g); */
    ps->end = (pageno)(p + n);
    run_make(ps, p, n, RUN_FREE) /*@ ghost (g) */;
    /*@ ghost rehome(g, p, p, p + n); */
    give_chunks(ps, p) /*@ ghost (g) */;
    /*@ ghost one_tail(ps, r, g); */
}

uint32_t chunks_tail(const struct pages *ps) /*@ ghost (struct run_ghost \ghost *g) */ {
    if (ps->end == FIRST_PAGE) return 0;
    pageno r = ps->head[ps->end - 1];
    /*@ assert last: r == g->home[ps->end - 1]; */
    /*@ ghost whole_runs(ps, g); */
    return run_owner(ps, r) == 0 && ps->kind[r] == RUN_FREE ? ps->tree.length[r] : 0;
}

/* The first chunk of free run r becomes the owner's. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires owner:  1 <= owner <= ARENAS;
    requires run:    FreeChunks(ps->kind, ps->owner, ps->end, r) && CHUNK_PAGES <= ps->tree.length[r];
    requires whole:  r % CHUNK_PAGES == 0;
    assigns RUN_ARRAYS, ps->owner[r / CHUNK_PAGES];
    PAGES_OK(ensures)
    ensures chunk:   RunStart(g->home, ps->end, r) && ps->kind[r] == RUN_FREE &&
                     ps->tree.length[r] == CHUNK_PAGES && OwnerOf(ps->owner, r) == owner;
    RUN_LIVE_KEPT(0) */
static void chunk_cut(struct pages *ps, pageno r, uint32_t owner)
/*@ ghost (struct run_ghost \ghost *g) */ {
    run_cut(ps, r, CHUNK_PAGES) /*@ ghost (g) */;
    /*@ assert pages: \forall integer p; Page(ps->end, p) ==>
            (p / CHUNK_PAGES == r / CHUNK_PAGES <==> g->home[p] == r); */
    ps->owner[r / CHUNK_PAGES] = (uint16_t)owner;
    tree_insert(&ps->tree, run_pool(owner), r) /*@ ghost (&g->tree) */;
}

pageno chunk_take(struct pages *ps, uint32_t owner) /*@ ghost (struct run_ghost \ghost *g) */ {
    pageno r = tree_first_fit(&ps->tree, TREE_CHUNKS, CHUNK_PAGES) /*@ ghost (&g->tree) */;
    /*@ ghost whole_runs(ps, g); */
    if (r != 0) chunk_cut(ps, r, owner) /*@ ghost (g) */;
    return r;
}

void chunk_give(struct pages *ps, pageno p) /*@ ghost (struct run_ghost \ghost *g) */ {
    tree_remove(&ps->tree, p) /*@ ghost (&g->tree) */;
    ps->owner[p / CHUNK_PAGES] = 0;
    give_chunks(ps, p) /*@ ghost (g) */;
}

uint32_t huge_extent(const struct pages *ps, uint32_t n, uint32_t align) {
    if (align <= CHUNK_PAGES) return ps->bias % align == 0 ? whole_chunks(n) : 0;
    return ps->bias % CHUNK_PAGES == 0 ? whole_chunks(n) + (align - CHUNK_PAGES) : 0;
}

/* A huge block of n pages, whole chunks, from free run r on: behind the `align` that it needs. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires run:    FreeChunks(ps->kind, ps->owner, ps->end, r);
    requires align:  1 <= align <= SLOTS;
    requires n:      0 < n && RunSkip(ps->bias, r, align) + n <= ps->tree.length[r];
    requires whole:  n % CHUNK_PAGES == 0 && (r + RunSkip(ps->bias, r, align)) % CHUNK_PAGES == 0;
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1];
    PAGES_OK(ensures)
    ensures home:    \old(g->home)[\result] == r;
    ensures first:   RunFirst(ps->bias, r, align, \result);
    ensures aligned: (\result + ps->bias) % align == 0;
    ensures block:   HugeBlock(ps->kind, ps->end, \result) && ps->tree.length[\result] == n;
    RUN_LIVE_KEPT(\result) */
static pageno huge_take(struct pages *ps, pageno r, uint32_t n, uint32_t align)
/*@ ghost (struct run_ghost \ghost *g) */ {
    pageno p = run_take(ps, r, n, align, RUN_HUGE) /*@ ghost (g) */;
    /*@ assert chunks: Chunks(ps->tree.length, ps->owner, p); */
    run_use(ps, p) /*@ ghost (g) */;
    tree_insert(&ps->tree, TREE_HUGE, p) /*@ ghost (&g->tree) */;
    return p;
}

pageno huge_alloc(struct pages *ps, uint32_t n, uint32_t align) /*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t extent = huge_extent(ps, n, align);
    pageno r = extent == 0 ? 0 : tree_first_fit(&ps->tree, TREE_CHUNKS, extent) /*@ ghost (&g->tree) */;
    if (r == 0) return 0;
    /*@ ghost whole_runs(ps, g); */
    /*@ ghost skip_is_whole(ps->bias, r, align); */
    return huge_take(ps, r, whole_chunks(n), align) /*@ ghost (g) */;
}

/* Run r, a huge block before, becomes free chunks. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, 0) RUN_COALESCED(requires, 0, 0)
    HUGE_SETS(requires, r) RUN_DIRTY(requires, 0)
    requires run:    HugeBlock(ps->kind, ps->end, r) && g->tree.in[r] == 0;
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1], ps->state[r .. r + ps->tree.length[r] - 1];
    PAGES_OK(ensures)
    ensures freed:   !RunLive(ps->kind, g->home, ps->end, r);
    ensures soiled:  \forall integer i; r <= i < r + \old(ps->tree.length[r]) ==> ps->state[i] == PAGE_DIRTY;
    RUN_LIVE_KEPT(r) */
static void free_chunks(struct pages *ps, pageno r) /*@ ghost (struct run_ghost \ghost *g) */ {
    run_soil(ps, r) /*@ ghost (g) */;
    give_chunks(ps, r) /*@ ghost (g) */;
}

void huge_free(struct pages *ps, pageno p) /*@ ghost (struct run_ghost \ghost *g) */ {
    tree_remove(&ps->tree, p) /*@ ghost (&g->tree) */;
    free_chunks(ps, p) /*@ ghost (g) */;
}

pageno huge_find(const struct pages *ps, pageno p) /*@ ghost (struct run_ghost \ghost *g) */ {
    pageno b = tree_at_or_below(&ps->tree, TREE_HUGE, p) /*@ ghost (&g->tree) */;
    return b != 0 && run_holds(ps, b, p) ? b : 0;
}

/* [    p    ] => [ p ][ free ] */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires block:  HugeBlock(ps->kind, ps->end, p);
    requires n:      0 < n < ps->tree.length[p] && n % CHUNK_PAGES == 0;
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1], ps->state[p + n .. p + ps->tree.length[p] - 1];
    PAGES_OK(ensures)
    ensures block:   HugeBlock(ps->kind, ps->end, p) && ps->tree.length[p] == n;
    ensures soiled:  \forall integer i; p + n <= i < p + \old(ps->tree.length[p]) ==>
                     ps->state[i] == PAGE_DIRTY;
    RUN_LIVE_KEPT(p) */
static void shrink(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */ {
    tree_remove(&ps->tree, p) /*@ ghost (&g->tree) */;
    pageno q = run_split(ps, p, n) /*@ ghost (g) */;
    /*@ assert first: Chunks(ps->tree.length, ps->owner, p); */
    /*@ assert inside: \at(g->home, Pre)[q] == p; */
    /*@ assert second: Chunks(ps->tree.length, ps->owner, q); */
    /*@ assert huge: HugeRunsBut(ps->kind, ps->tree.length, ps->owner, ps->end, 0); */
    tree_insert(&ps->tree, TREE_HUGE, p) /*@ ghost (&g->tree) */;
    free_chunks(ps, q) /*@ ghost (g) */;
}

/* [ p ][ q ] => [ --- p --- ]; q, just taken for p, is in no tree. */
/*@ RUN_MEMORY RUN_TILES(requires) RUN_TREES(requires, q) HUGE_SETS(requires, q) RUN_DIRTY(requires, q)
    RUN_COALESCED(requires, q, q + ps->tree.length[q])
    requires block:  HugeBlock(ps->kind, ps->end, p) && RunNext(ps->tree.length, p, q);
    requires next:   FreeChunks(ps->kind, ps->owner, ps->end, q) && g->tree.in[q] == 0;
    requires whole:  ps->tree.length[q] % CHUNK_PAGES == 0;
    requires taken:  \forall integer i; q <= i < q + ps->tree.length[q] ==> g->used[i] == 1;
    assigns RUN_ARRAYS;
    PAGES_OK(ensures)
    ensures block:   HugeBlock(ps->kind, ps->end, p) &&
                     ps->tree.length[p] == \old(ps->tree.length[p] + ps->tree.length[q]);
    RUN_LIVE_KEPT(p) */
static void annex(struct pages *ps, pageno p, pageno q) /*@ ghost (struct run_ghost \ghost *g) */ {
    tree_remove(&ps->tree, p) /*@ ghost (&g->tree) */;
    run_join(ps, p, q) /*@ ghost (g) */;
    /*@ assert huge: HugeRunsBut(ps->kind, ps->tree.length, ps->owner, ps->end, p); */
    tree_insert(&ps->tree, TREE_HUGE, p) /*@ ghost (&g->tree) */;
}

/* [ p ][    q, free    ] => [    p    ][ free ] */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires block:  HugeBlock(ps->kind, ps->end, p);
    requires next:   p < q && g->home[q - 1] == p && FreeChunks(ps->kind, ps->owner, ps->end, q);
    requires more:   0 < more <= ps->tree.length[q] && more % CHUNK_PAGES == 0;
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1];
    PAGES_OK(ensures)
    ensures block:   HugeBlock(ps->kind, ps->end, p) && ps->tree.length[p] == \old(ps->tree.length[p]) + more;
    RUN_LIVE_KEPT(p) */
static void grow(struct pages *ps, pageno p, pageno q, uint32_t more)
/*@ ghost (struct run_ghost \ghost *g) */ {
    run_cut(ps, q, more) /*@ ghost (g) */;
    run_use(ps, q) /*@ ghost (g) */;
    annex(ps, p, q) /*@ ghost (g) */;
}

/* Gives the huge block at p the length of n pages, whole chunks and more than it has; false, and nothing
 * changes, if the chunks behind it are not free. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires block:  HugeBlock(ps->kind, ps->end, p);
    requires n:      ps->tree.length[p] < n <= SLOTS && n % CHUNK_PAGES == 0;
    assigns RUN_ARRAYS, ps->dirty, g->used[0 .. SLOTS - 1];
    PAGES_OK(ensures)
    ensures result:  \result <==> Room(\old(ps->kind), \old(ps->tree.length), ps->owner, ps->end, p, n);
    ensures same:    !\result ==> *ps == \old(*ps) && *g == \old(*g);
    ensures block:   HugeBlock(ps->kind, ps->end, p);
    ensures length:  \result ==> ps->tree.length[p] == n;
    RUN_LIVE_KEPT(p) */
static bool extend(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t more = n - ps->tree.length[p];
    pageno q = run_next(ps, p);
    /*@ assert last: g->home[q - 1] == p; */
    /*@ assert joins: q < ps->end ==> (RunJoins(ps->owner, q) <==> OwnerOf(ps->owner, q) == 0); */
    if (!run_may_join(ps, q) || ps->tree.length[q] < more) return false;
    grow(ps, p, q, more) /*@ ghost (g) */;
    return true;
}

bool huge_resize(struct pages *ps, pageno p, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t old = ps->tree.length[p], new = whole_chunks(n);
    if (new > old) return extend(ps, p, new) /*@ ghost (g) */;
    if (new < old) shrink(ps, p, new) /*@ ghost (g) */;
    return true;
}
