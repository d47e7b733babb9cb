#include "extent.h"

void heap_init(struct heap *h, uint32_t arenas, uint32_t base_page)
/*@ ghost (struct run_ghost \ghost *g) */ {
    sizes_init(&h->sizes);
    h->arenas = arenas;
    h->pages.end = FIRST_PAGE;
    h->pages.bias = base_page;
    /*@ ghost pages_begin(&h->pages, g); */
    /*@ ghost arena_begin(&h->pages, &h->regions, &h->bins, g); */
}

/*@ ghost
  // The live blocks stay if the heap has new pages, which are free, and all runs in use stay.
  /@ RUN_MEMORY PAGES_OK(requires)
     requires before: PAGES_OK_OF(a, b);
     requires end:    FIRST_PAGE <= a.end <= ps->end;
     requires free:   RunFreePages(ps->kind, g->home, a.end, ps->end);
     requires live:   RunLiveKept(a.kind, a.tree.length, b.home, ps->kind, ps->tree.length, g->home, a.end, 0);
     assigns \nothing;
     ensures blocks:  BlocksStay(a.kind, a.tree.length, t, a.end, ps->kind, ps->tree.length, t, ps->end); @/
  void blocks_stay(struct pages a, struct run_ghost b, struct tags t, const struct pages *ps,
                   struct run_ghost \ghost *g) {
      pages_facts(ps, g);
      pages_facts_were(a, b);
      /@ assert live: \forall integer o; Whole(a.kind, a.end, o) <==> Whole(ps->kind, ps->end, o); @/
  }

  // The free chunks at the heap's end are one run.
  /@ RUN_MEMORY PAGES_OK(requires)
     requires some:   0 < FreeTail(ps->kind, ps->tree.length, ps->owner, g->home, ps->end);
     assigns \nothing;
     ensures fits:    !NoneFits(ps->kind, ps->tree.length, ps->owner, ps->end,
                                FreeTail(ps->kind, ps->tree.length, ps->owner, g->home, ps->end)); @/
  void tail_fits(const struct pages *ps, struct run_ghost \ghost *g) {
      pages_facts(ps, g);
      /@ assert run: FreeChunks(ps->kind, ps->owner, ps->end, g->home[ps->end - 1]); @/
  }
*/

bool heap_grow(struct heap *h, uint32_t chunks) /*@ ghost (struct run_ghost \ghost *g) */ {
    if (chunks == 0 || chunks > (SLOTS - (uint32_t)h->pages.end) / CHUNK_PAGES) return false;
    /*@ ghost struct pages a = h->pages; */
    /*@ ghost struct run_ghost b = *g; */
    /*@ ghost pages_facts(&h->pages, g); */
    chunks_add(&h->pages, chunks * CHUNK_PAGES) /*@ ghost (g) */;
    /*@ ghost arena_kept(a, b, &h->pages, &h->regions, &h->bins, 0, g); */
    /*@ ghost blocks_stay(a, b, h->regions.tags, &h->pages, g); */
    /*@ ghost tail_fits(&h->pages, g); */
    return true;
}

uint32_t heap_needs(const struct heap *h, size_t bytes, size_t align)
/*@ ghost (struct run_ghost \ghost *g) */ {
    if (request_exceeds(bytes, align)) return 0;
    struct request r = request_of(bytes, align);
    if (r.small != 0 || request_is_large(r)) return 1;
    uint32_t extent = huge_extent(&h->pages, r.pages, r.align);
    uint32_t tail = chunks_tail(&h->pages) /*@ ghost (g) */;
    return extent > tail ? (extent - tail) / CHUNK_PAGES : 0;
}

uint32_t heap_dirty(const struct heap *h, uint32_t from, uint32_t *page)
/*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t p = from < FIRST_PAGE ? FIRST_PAGE : from;
    /*@ ghost pages_facts(&h->pages, g); */
    /*@ loop invariant range: FIRST_PAGE <= p && from <= p;
        loop invariant start: p == from || (RunBetween(h->pages.kind, h->pages.end, from) &&
                                            RunBetween(h->pages.kind, h->pages.end, p));
        loop invariant none:  NoDirtyRun(h->pages.kind, h->pages.tree.length, h->pages.state, h->pages.end,
                                         from, p);
        loop assigns p, *page;
        loop variant h->pages.end - p; */
    while (p < h->pages.end && h->pages.kind[p] != RUN_INSIDE) {
        *page = p;
        if (h->pages.kind[p] == RUN_FREE && run_dirty(&h->pages, (pageno)p) != 0)
            return h->pages.tree.length[p];
        /*@ assert inside: \forall integer q; p < q < p + h->pages.tree.length[p] ==>
                h->pages.kind[q] == RUN_INSIDE; */
        p = run_next(&h->pages, (pageno)p);
    }
    return 0;
}

void heap_purged(struct heap *h, uint32_t page, uint32_t n) /*@ ghost (struct run_ghost \ghost *g) */ {
    pages_purge(&h->pages, (pageno)page, n) /*@ ghost (g) */;
}
