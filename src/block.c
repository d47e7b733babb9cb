#include "block.h"

/*@ ghost
  /@ ARENA_MEMORY ARENA_OK(requires)
     requires heap:   b < SLOTS * PAGE;
     assigns \nothing;
     ensures span:    BlockAt(ps->kind, ps->end, rs->tags, b) ==> BlockSpan(ps->kind, ps->tree.length, g->home, rs->runs, rs->tags, ps->end, b); @/
  void block_span(const struct pages *ps, const struct regions *rs, const struct bins *bins, size_t b,
                  struct run_ghost \ghost *g) {
      pages_facts(ps, g);
      arena_facts(ps, rs, bins, g);
      if (b >= FIRST_PAGE * PAGE && b % QUANTUM == 0 && rs->tags.tag[b / QUANTUM - FIRST_PAGE * PAGE_QUANTA] != 0) {
          region_found(ps, rs, bins, b, g);
      }
      /@ assert small: Small(rs->tags, b) ==> BlockPages(ps->tree.length, g->home, rs->tags, ps->end, b); @/
      /@ assert heap:  Small(rs->tags, b) ==> InHeap(ps->end, b); @/
      /@ assert class: Small(rs->tags, b) ==>
              BlockBytes(ps->tree.length, rs->tags, b) == ClassBytes(rs->runs.class[g->home[b / PAGE]]); @/
      /@ assert region: Small(rs->tags, b) ==>
              BlockSpan(ps->kind, ps->tree.length, g->home, rs->runs, rs->tags, ps->end, b); @/
      /@ assert tag:   Whole(ps->kind, ps->end, b) ==> g->home[b / PAGE] == b / PAGE && rs->tags.tag[TagAt(b)] == 0; @/
      /@ assert whole: Whole(ps->kind, ps->end, b) ==>
              BlockPages(ps->tree.length, g->home, rs->tags, ps->end, b); @/
  }
*/

/*@ ghost
  /@ ARENA_MEMORY ARENA_OK(requires)
     assigns \nothing;
     ensures spans:   \forall integer b; BlockAt(ps->kind, ps->end, rs->tags, b) ==>
                      BlockSpan(ps->kind, ps->tree.length, g->home, rs->runs, rs->tags, ps->end, b); @/
  void block_spans(const struct pages *ps, const struct regions *rs, const struct bins *bins,
                   struct run_ghost \ghost *g) {
      /@ loop invariant range: 0 <= k <= SLOTS * PAGE;
         loop invariant spans: \forall integer b; 0 <= b < k && BlockAt(ps->kind, ps->end, rs->tags, b) ==>
             BlockSpan(ps->kind, ps->tree.length, g->home, rs->runs, rs->tags, ps->end, b);
         loop assigns k;
         loop variant SLOTS * PAGE - k; @/
      for (size_t k = 0; k < (size_t)SLOTS * PAGE; k++) block_span(ps, rs, bins, k, g);
  }
*/

/*@ ghost
  void block_apart(const struct pages *ps, const struct regions *rs, const struct bins *bins, size_t off,
                   struct run_ghost \ghost *g) {
      pages_facts(ps, g);
      block_spans(ps, rs, bins, g);
      if (rs->tags.tag[off / QUANTUM - FIRST_PAGE * PAGE_QUANTA] != 0) {
          region_found(ps, rs, bins, off, g);
          regions_listed(ps->head[off / PAGE], rs->runs.class[ps->head[off / PAGE]]);
          /@ assert same: \forall integer b; BlockAt(ps->kind, ps->end, rs->tags, b) &&
                  g->home[b / PAGE] == g->home[off / PAGE] ==>
                  RegionStart(ps->kind, g->home, rs->runs, b) &&
                  BlockBytes(ps->tree.length, rs->tags, b) == ClassBytes(rs->runs.class[g->home[off / PAGE]]); @/
          /@ assert apart: \forall integer b; BlockAt(ps->kind, ps->end, rs->tags, b) && b != off &&
                  g->home[b / PAGE] == g->home[off / PAGE] ==>
                  b + BlockBytes(ps->tree.length, rs->tags, b) <= off ||
                  off + BlockBytes(ps->tree.length, rs->tags, off) <= b; @/
      }
      /@ assert bytes: 0 < BlockBytes(ps->tree.length, rs->tags, off); @/
      /@ assert last: InHeap(ps->end, off + BlockBytes(ps->tree.length, rs->tags, off) - 1); @/
  }
*/

/* The verdict on off in a free run. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires off:    InHeap(ps->end, off) && off % QUANTUM == 0;
    requires free:   ps->kind[g->home[off / PAGE]] == RUN_FREE;
    assigns \nothing;
    BLOCK_VERDICT(off) */
static enum verdict free_verdict(const struct pages *ps, size_t off)
/*@ ghost (const struct regions *rs, const struct bins *bins, struct run_ghost \ghost *g) */ {
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost block_spans(ps, rs, bins, g); */
    uint8_t state = ps->state[off / PAGE];
    if (state == PAGE_FRESH) return HEAP_UNALLOCATED;
    return state == PAGE_DIRTY ? HEAP_DOUBLE_FREE : HEAP_PURGED;
}

/* The verdict on off, where no live region starts, in run r of a bin. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires off:    InHeap(ps->end, off) && off % QUANTUM == 0;
    requires run:    r == g->home[off / PAGE] && ps->kind[r] == RUN_BIN;
    requires dead:   !Small(rs->tags, off);
    assigns \nothing;
    BLOCK_VERDICT(off) */
static enum verdict bin_verdict(const struct regions *rs, pageno r, size_t off)
/*@ ghost (const struct pages *ps, const struct bins *bins, struct run_ghost \ghost *g) */ {
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost arena_facts(ps, rs, bins, g); */
    /*@ ghost block_spans(ps, rs, bins, g); */
    /*@ ghost uint32_t c = rs->runs.class[r]; */
    /*@ assert blocks: \forall integer b; RegionsHold(r, c, b) && TagLive(rs->tags.tag[TagAt(b)]) ==>
            Small(rs->tags, b) && BlockBytes(ps->tree.length, rs->tags, b) == ClassBytes(c); */
    /*@ assert here: \forall integer b; BlockAt(ps->kind, ps->end, rs->tags, b) && g->home[b / PAGE] == r ==>
            RegionsHold(r, c, b) && TagLive(rs->tags.tag[TagAt(b)]); */
    return region_verdict(rs, r, off);
}

/* The verdict on off in large or huge block r. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires off:    InHeap(ps->end, off) && off % QUANTUM == 0;
    requires run:    r == g->home[off / PAGE] && ps->kind[r] > RUN_BIN;
    assigns \nothing;
    BLOCK_VERDICT(off) */
static enum verdict whole_verdict(pageno r, size_t off)
/*@ ghost (const struct pages *ps, const struct regions *rs, const struct bins *bins,
           struct run_ghost \ghost *g) */
{
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost block_spans(ps, rs, bins, g); */
    /*@ assert block: Whole(ps->kind, ps->end, r * PAGE) &&
            off < r * PAGE + BlockBytes(ps->tree.length, rs->tags, r * PAGE); */
    return off == (size_t)r * PAGE ? HEAP_OK : HEAP_INTERIOR;
}

/* The run in use that page p is of, or 0. The head[] of a free page is stale. */
/*@ RUN_MEMORY PAGES_OK(requires)
    requires page:   Page(ps->end, p);
    assigns \nothing;
    ensures run:     \result == (ps->kind[g->home[p]] == RUN_FREE ? 0 : g->home[p]);
    ensures kind:    \result != 0 ==> ps->kind[\result] >= RUN_BIN; */
static pageno run_of(const struct pages *ps, pageno p) /*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost pages_facts(ps, g); */
    if (run_owner(ps, p) == 0) return huge_find(ps, p) /*@ ghost (g) */;
    pageno r = ps->head[p];
    return FIRST_PAGE <= r && r <= p && ps->kind[r] != RUN_FREE && run_holds(ps, r, p) ? r : 0;
}

/* The verdict on off, a multiple of QUANTUM in the heap. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires off:    InHeap(ps->end, off) && off % QUANTUM == 0;
    assigns \nothing;
    BLOCK_VERDICT(off) */
static enum verdict verdict_at(const struct pages *ps, const struct regions *rs, size_t off)
/*@ ghost (const struct bins *bins, struct run_ghost \ghost *g) */ {
    if (region_is_live(rs, off)) {
        /*@ ghost block_apart(ps, rs, bins, off, g); */
        return HEAP_OK;
    }
    /*@ ghost pages_facts(ps, g); */
    pageno r = run_of(ps, (pageno)(off / PAGE)) /*@ ghost (g) */;
    if (r == 0) return free_verdict(ps, off) /*@ ghost (rs, bins, g) */;
    if (ps->kind[r] == RUN_BIN) return bin_verdict(rs, r, off) /*@ ghost (ps, bins, g) */;
    return whole_verdict(r, off) /*@ ghost (ps, rs, bins, g) */;
}

enum verdict block_verdict(const struct pages *ps, const struct regions *rs, size_t off)
/*@ ghost (const struct bins *bins, struct run_ghost \ghost *g) */ {
    /*@ ghost block_spans(ps, rs, bins, g); */
    if (off < (size_t)FIRST_PAGE * PAGE || off >= (size_t)ps->end * PAGE) return HEAP_FOREIGN;
    if (off % QUANTUM != 0) return HEAP_UNALIGNED;
    return verdict_at(ps, rs, off) /*@ ghost (bins, g) */;
}

size_t block_bytes(const struct pages *ps, const struct regions *rs, size_t off)
/*@ ghost (const struct bins *bins, struct run_ghost \ghost *g) */ {
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost block_apart(ps, rs, bins, off, g); */
    if (region_is_live(rs, off)) {
        /*@ ghost region_found(ps, rs, bins, off, g); */
        /*@ ghost class_facts(rs->runs.class[ps->head[off / PAGE]]); */
        return class_bytes(region_class(rs, off));
    }
    return (size_t)ps->tree.length[off / PAGE] * PAGE;
}

/*@ ghost
  void blocks_kept(struct pages a, struct run_ghost b, struct tags t, const struct pages *ps,
                   const struct regions *rs, size_t off, pageno r, struct run_ghost \ghost *g) {
      pages_facts(ps, g);
      pages_facts_were(a, b);
      /@ assert small: \forall integer o; o != off && o % QUANTUM == 0 ==> TagAt(o) != TagAt(off); @/
      /@ assert whole: \forall integer o; o != off && Whole(a.kind, a.end, o) ==> o / PAGE != r; @/
      /@ assert still: \forall integer o; o != off && Whole(ps->kind, ps->end, o) ==> o / PAGE != r; @/
  }

  // The pages of run p, which was in use, are free now if it is not, and all other such runs are as they were.
  /@ RUN_MEMORY PAGES_OK(requires)
     requires before: PAGES_OK_OF(a, b);
     requires end:    FIRST_PAGE <= a.end == ps->end;
     requires run:    RunStart(b.home, a.end, p);
     requires span:   RunSpan(a.tree.length, b.home, a.end) && RunExact(a.tree.length, b.home, a.end);
     requires freed:  !RunLive(ps->kind, g->home, ps->end, p);
     requires live:   RunLiveKept(a.kind, a.tree.length, b.home, ps->kind, ps->tree.length, g->home, ps->end, p);
     assigns \nothing;
     ensures free:    RunFreePages(ps->kind, g->home, p, p + a.tree.length[p]); @/
  void pages_freed(struct pages a, struct run_ghost b, const struct pages *ps, pageno p, struct run_ghost \ghost *g) {
      pages_facts(ps, g);
      pages_facts_were(a, b);
      /@ assert its:   \forall integer i; p <= i < p + a.tree.length[p] ==> Page(ps->end, i) && b.home[i] == p; @/
      /@ assert run:   \forall integer i; p <= i < p + a.tree.length[p] ==> RunStart(g->home, ps->end, g->home[i]); @/
      /@ assert other: \forall integer i; p <= i < p + a.tree.length[p] && ps->kind[g->home[i]] != RUN_FREE ==>
             g->home[i] != p && RunLive(a.kind, b.home, a.end, g->home[i]) &&
             a.tree.length[g->home[i]] == ps->tree.length[g->home[i]]; @/
      /@ assert none:  \forall integer i; p <= i < p + a.tree.length[p] && ps->kind[g->home[i]] != RUN_FREE ==>
             b.home[i] == g->home[i]; @/
  }
*/

void block_free(struct pages *ps, struct regions *rs, struct bins *bins, size_t off)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost struct pages a = *ps; */
    /*@ ghost struct run_ghost b = *g; */
    /*@ ghost struct tags t = rs->tags; */
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost block_apart(ps, rs, bins, off, g); */
    pageno p = (pageno)(off / PAGE);
    if (region_is_live(rs, off)) {
        arena_give(ps, rs, bins, off) /*@ ghost (g) */;
        /*@ ghost pages_facts(ps, g); */
        /*@ ghost blocks_kept(a, b, t, ps, rs, off, 0, g); */
    } else if (ps->kind[p] == RUN_HUGE) {
        huge_free(ps, p) /*@ ghost (g) */;
        /*@ ghost pages_facts(ps, g); */
        /*@ assert dead: !BlockAt(ps->kind, ps->end, rs->tags, off); */
        /*@ ghost pages_freed(a, b, ps, p, g); */
        /*@ ghost arena_kept(a, b, ps, rs, bins, p, g); */
        /*@ ghost blocks_kept(a, b, t, ps, rs, off, p, g); */
    } else {
        large_give(ps, p) /*@ ghost (g) */;
        /*@ ghost pages_facts(ps, g); */
        /*@ assert dead: !BlockAt(ps->kind, ps->end, rs->tags, off); */
        /*@ ghost pages_freed(a, b, ps, p, g); */
        /*@ ghost arena_kept(a, b, ps, rs, bins, p, g); */
        /*@ ghost blocks_kept(a, b, t, ps, rs, off, p, g); */
    }
}

size_t block_small(struct pages *ps, struct regions *rs, struct bins *bins, uint32_t owner, uint32_t c)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost struct pages a = *ps; */
    /*@ ghost struct run_ghost b = *g; */
    /*@ ghost struct tags t = rs->tags; */
    /*@ ghost pages_facts(ps, g); */
    size_t off = arena_take(ps, rs, bins, owner, c) /*@ ghost (g) */;
    if (off == 0) return 0;
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost arena_facts(ps, rs, bins, g); */
    /*@ assert live: Small(rs->tags, off); */
    /*@ ghost block_apart(ps, rs, bins, off, g); */
    /*@ ghost blocks_kept(a, b, t, ps, rs, off, 0, g); */
    return off;
}

size_t block_large(struct pages *ps, uint32_t owner, uint32_t n, uint32_t align)
/*@ ghost (struct regions *rs, struct bins *bins, struct run_ghost \ghost *g) */ {
    /*@ ghost struct pages a = *ps; */
    /*@ ghost struct run_ghost b = *g; */
    /*@ ghost struct tags t = rs->tags; */
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost arena_facts(ps, rs, bins, g); */
    pageno p = large_take(ps, owner, n, align, RUN_LARGE) /*@ ghost (g) */;
    if (p == 0) return 0;
    size_t off = (size_t)p * PAGE;
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost arena_kept(a, b, ps, rs, bins, p, g); */
    /*@ ghost arena_facts(ps, rs, bins, g); */
    /*@ assert whole: Whole(ps->kind, ps->end, off); */
    /*@ ghost block_apart(ps, rs, bins, off, g); */
    /*@ ghost blocks_kept(a, b, t, ps, rs, off, p, g); */
    return off;
}

size_t block_huge(struct pages *ps, uint32_t n, uint32_t align)
/*@ ghost (struct regions *rs, struct bins *bins, struct run_ghost \ghost *g) */ {
    /*@ ghost struct pages a = *ps; */
    /*@ ghost struct run_ghost b = *g; */
    /*@ ghost struct tags t = rs->tags; */
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost arena_facts(ps, rs, bins, g); */
    pageno p = huge_alloc(ps, n, align) /*@ ghost (g) */;
    if (p == 0) return 0;
    size_t off = (size_t)p * PAGE;
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost arena_kept(a, b, ps, rs, bins, p, g); */
    /*@ ghost arena_facts(ps, rs, bins, g); */
    /*@ assert whole: Whole(ps->kind, ps->end, off); */
    /*@ ghost block_apart(ps, rs, bins, off, g); */
    /*@ ghost blocks_kept(a, b, t, ps, rs, off, p, g); */
    return off;
}

bool block_resize_large(struct pages *ps, size_t off, uint32_t n)
/*@ ghost (struct regions *rs, struct bins *bins, struct run_ghost \ghost *g) */ {
    /*@ ghost struct pages a = *ps; */
    /*@ ghost struct run_ghost b = *g; */
    /*@ ghost struct tags t = rs->tags; */
    /*@ ghost pages_facts(ps, g); */
    pageno p = (pageno)(off / PAGE);
    if (!large_resize(ps, p, n) /*@ ghost (g) */) return false;
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost arena_kept(a, b, ps, rs, bins, p, g); */
    /*@ ghost arena_facts(ps, rs, bins, g); */
    /*@ assert whole: Whole(ps->kind, ps->end, off); */
    /*@ ghost block_apart(ps, rs, bins, off, g); */
    /*@ ghost blocks_kept(a, b, t, ps, rs, off, p, g); */
    return true;
}

bool block_resize_huge(struct pages *ps, size_t off, uint32_t n)
/*@ ghost (struct regions *rs, struct bins *bins, struct run_ghost \ghost *g) */ {
    /*@ ghost struct pages a = *ps; */
    /*@ ghost struct run_ghost b = *g; */
    /*@ ghost struct tags t = rs->tags; */
    /*@ ghost pages_facts(ps, g); */
    pageno p = (pageno)(off / PAGE);
    if (!huge_resize(ps, p, n) /*@ ghost (g) */) return false;
    /*@ ghost pages_facts(ps, g); */
    /*@ ghost arena_kept(a, b, ps, rs, bins, p, g); */
    /*@ ghost arena_facts(ps, rs, bins, g); */
    /*@ assert whole: Whole(ps->kind, ps->end, off); */
    /*@ ghost block_apart(ps, rs, bins, off, g); */
    /*@ ghost blocks_kept(a, b, t, ps, rs, off, p, g); */
    return true;
}
