#include "run.h"

uint32_t run_dirty(const struct pages *ps, pageno r) {
    uint32_t end = r + ps->tree.length[r], dirty = 0;
    /*@ loop invariant range: r <= p <= end;
        loop invariant count: dirty == DirtyIn(ps->state, r, p) && dirty <= p - r;
        loop assigns p, dirty;
        loop variant end - p; */
    for (uint32_t p = r; p < end; p++) dirty += ps->state[p] == PAGE_DIRTY;
    return dirty;
}

/*@ ghost
  // Whether the client has them, of the pages [a, b).
  /@ requires mem:   \valid(g);
     requires range: a <= b <= SLOTS;
     assigns g->used[a .. b - 1];
     ensures set:    \forall integer p; a <= p < b ==> g->used[p] == used; @/
  void set_used(struct run_ghost \ghost *g, uint8_t used, uint32_t a, uint32_t b) {
      uint32_t p = a;
      /@ loop invariant range: a <= p <= b;
         loop invariant set:   \forall integer i; a <= i < p ==> g->used[i] == used;
         loop assigns p, g->used[a .. b - 1];
         loop variant b - p; @/
      while (p < b) { g->used[p] = used; p++; }
  }
*/

void run_use(struct pages *ps, pageno r)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ ghost
      uint32_t q = r + ps->tree.length[r];
      set_used(g, 1, r, q);
      /@ loop invariant page:   FIRST_PAGE <= p <= SLOTS;
         loop invariant least:  0 <= DirtyFree(ps->state, g->used, p);
         loop invariant before: p <= q ==> DirtyFree(ps->state, \at(g->used, Pre), p) ==
             DirtyFree(ps->state, g->used, p) + DirtyIn(ps->state, r, p);
         loop invariant behind: q <= p ==> DirtyFree(ps->state, \at(g->used, Pre), p) ==
             DirtyFree(ps->state, g->used, p) + DirtyIn(ps->state, r, q);
         loop assigns p;
         loop variant SLOTS - p; @/
      for (uint32_t p = FIRST_PAGE; p < SLOTS; p++);
    */
    ps->dirty = (pageno)(ps->dirty - run_dirty(ps, r));
}

void run_soil(struct pages *ps, pageno r)
/*@ ghost (struct run_ghost \ghost *g) */ {
    uint32_t n = ps->tree.length[r];
    uint32_t end = r + n;
    /*@ loop invariant range:  r <= i <= end;
        loop invariant soiled: \forall integer p; r <= p < i ==> ps->state[p] == PAGE_DIRTY;
        loop assigns i, ps->state[r .. end - 1];
        loop variant end - i; */
    for (uint32_t i = r; i < end; i++) ps->state[i] = PAGE_DIRTY;
    /*@ ghost
      set_used(g, 0, r, r + n);
      /@ loop invariant page:   FIRST_PAGE <= p <= SLOTS;
         loop invariant most:   DirtyFree(ps->state, g->used, p) <= p - FIRST_PAGE;
         loop invariant before: p <= r ==> DirtyFree(ps->state, g->used, p) ==
             DirtyFree(\at(ps->state, Pre), \at(g->used, Pre), p);
         loop invariant inside: r <= p <= r + n ==> DirtyFree(ps->state, g->used, p) ==
             DirtyFree(\at(ps->state, Pre), \at(g->used, Pre), p) + (p - r);
         loop invariant behind: r + n <= p ==> DirtyFree(ps->state, g->used, p) ==
             DirtyFree(\at(ps->state, Pre), \at(g->used, Pre), p) + n;
         loop assigns p;
         loop variant SLOTS - p; @/
      for (uint32_t p = FIRST_PAGE; p < SLOTS; p++);
    */
    ps->dirty = (pageno)(ps->dirty + n);
}

/* Page p, which is free, is dirty no more. */
/*@ RUN_MEMORY
    requires page:   FIRST_PAGE <= p < SLOTS && ps->state[p] == PAGE_DIRTY && g->used[p] == 0;
    requires dirty:  RunDirty(ps->dirty, ps->state, g->used);
    assigns ps->dirty, ps->state[p];
    ensures dirty:   RunDirty(ps->dirty, ps->state, g->used);
    ensures purged:  ps->state[p] == PAGE_PURGED; */
static void purge_page(struct pages *ps, pageno p) /*@ ghost (struct run_ghost \ghost *g) */ {
    ps->state[p] = PAGE_PURGED;
    /*@ ghost
      /@ loop invariant page:   FIRST_PAGE <= q <= SLOTS;
         loop invariant least:  0 <= DirtyFree(ps->state, g->used, q);
         loop invariant before: q <= p ==> DirtyFree(ps->state, g->used, q) ==
             DirtyFree(\at(ps->state, Pre), g->used, q);
         loop invariant behind: p < q ==> DirtyFree(ps->state, g->used, q) + 1 ==
             DirtyFree(\at(ps->state, Pre), g->used, q);
         loop assigns q;
         loop variant SLOTS - q; @/
      for (uint32_t q = FIRST_PAGE; q < SLOTS; q++);
    */
    ps->dirty--;
}

void run_purge(struct pages *ps, pageno r, uint32_t n)
/*@ ghost (struct run_ghost \ghost *g) */ {
    /*@ loop invariant range:  0 <= i <= n;
        loop invariant dirty:  RunDirty(ps->dirty, ps->state, g->used);
        loop invariant purged: RunPurged(\at(ps->state, Pre), ps->state, r, i);
        loop invariant rest:   \forall integer p; r + i <= p < SLOTS ==> ps->state[p] == \at(ps->state, Pre)[p];
        loop assigns i, ps->dirty, ps->state[r .. r + n - 1];
        loop variant n - i; */
    for (uint32_t i = 0; i < n; i++) {
        if (ps->state[r + i] == PAGE_DIRTY) purge_page(ps, (pageno)(r + i)) /*@ ghost (g) */;
    }
}

/*@ ghost
  void run_begin(const struct pages *ps, struct run_ghost \ghost *g) {
      set_used(g, 0, 0, SLOTS);
      /@ loop invariant page: FIRST_PAGE <= p <= SLOTS;
         loop invariant none: DirtyFree(ps->state, g->used, p) == 0;
         loop assigns p;
         loop variant SLOTS - p; @/
      for (uint32_t p = FIRST_PAGE; p < SLOTS; p++);
  }
*/
