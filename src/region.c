#include "region.h"

_Static_assert(SMALL_QUANTA * 4 <= UINT16_MAX, "the quanta of a bin run fit low[]");

/*@ ghost
  // The numbers of regions are in the order of their tags.
  /@ requires sizes:  1 <= w && 0 <= n;
     assigns \nothing;
     ensures apart:  TagsApart(b, w, n); @/
  void regions_apart(long long b, long long w, long long n) {
      /@ loop invariant index: 0 <= k <= n;
         loop invariant apart: TagsApart(b, w, k);
         loop assigns k;
         loop variant n - k; @/
      for (long long k = 0; k < n; k++) {
      }
  }

  /@ assigns \nothing;
     ensures tag:    \result == RunTag(r); @/
  long long first_tag(pageno r) {
      return ((long long)r - FIRST_PAGE) * PAGE_QUANTA;
  }

  // A run holds its regions.
  /@ requires place:  RegionsPlace(r, c);
     assigns \nothing;
     ensures class:  ClassOk(c);
     ensures apart:  TagsApart(RunTag(r), ClassQuanta(c), ClassRegions(c));
     ensures fit:    RegionTag(RunTag(r), ClassQuanta(c), ClassRegions(c)) <= RunTag(r + ClassPages(c));
     ensures offset: \forall integer i;
         RegionOff(r, c, i) == (RegionTag(RunTag(r), ClassQuanta(c), i) + FIRST_PAGE * PAGE_QUANTA) * QUANTUM;
     ensures low:    ClassPages(c) * PAGE_QUANTA <= UINT16_MAX; @/
  void run_facts(pageno r, uint32_t c) {
      class_facts(c);
      regions_apart(first_tag(r), classes.bytes[c] / QUANTUM, classes.regions[c]);
  }

  // The number of the region that starts at tag q.
  /@ requires border: TagsBorder(b, w, n, q);
     requires sizes:  0 <= b && 1 <= w && 0 <= n && RegionTag(b, w, n) <= RunTag(SLOTS) && TagsApart(b, w, n);
     assigns \nothing;
     ensures region:  0 <= \result <= n && q == RegionTag(b, w, \result); @/
  long long region_of(long long q, long long b, long long w, long long n) {
      long long i = 0, p = b;
      /@ loop invariant index: 0 <= i <= n && p == RegionTag(b, w, i);
         loop invariant below: \forall integer j; 0 <= j < i ==> q != RegionTag(b, w, j);
         loop assigns i, p;
         loop variant n - i; @/
      while (q != p) {
          p += w;
          i++;
      }
      return i;
  }

  // Free regions are counted from 0 to all.
  /@ requires mem:   \valid_read(s) && \separated(s, &classes);
     requires count: 0 <= n;
     assigns \nothing;
     ensures range:  0 <= TagsFree(*s, b, w, n) <= n;
     ensures all:    TagsFree(*s, b, w, n) == n <==>
         \forall integer i; 0 <= i < n ==> s->tag[RegionTag(b, w, i)] == 0; @/
  void count_range(const struct tags *s, long long b, long long w, long long n) {
      /@ loop invariant index: 0 <= k <= n;
         loop invariant range: 0 <= TagsFree(*s, b, w, k) <= k;
         loop invariant all:   TagsFree(*s, b, w, k) == k <==>
             \forall integer i; 0 <= i < k ==> s->tag[RegionTag(b, w, i)] == 0;
         loop assigns k;
         loop variant n - k; @/
      for (long long k = 0; k < n; k++);
  }

  // A run is sound as long as nothing that is said of it changes.
  /@ requires page: r < SLOTS;
     assigns \nothing;
     ensures kept:  RegionsOk(x, a, r) && RegionsSame(x, a, y, s, r) ==> RegionsOk(y, s, r); @/
  void run_kept(struct bin_runs x, struct tags a, struct bin_runs y, struct tags s, pageno r) {
      uint32_t c = x.class[r];
      if (FIRST_PAGE <= r && c < BINS && r + classes.pages[c] <= SLOTS) {
          long long b = first_tag(r), w = classes.bytes[c] / QUANTUM, n = classes.regions[c];
          run_facts(r, c);
          /@ loop invariant index: 0 <= k <= n;
             loop invariant count: RegionsSame(x, a, y, s, r) ==> TagsFree(s, b, w, k) == TagsFree(a, b, w, k);
             loop assigns k;
             loop variant n - k; @/
          for (long long k = 0; k < n; k++);
      }
  }

  /@ requires rest: \forall integer q; RegionsOk(x, a, q) && RegionsApart(q, x.class[q], r, d) ==>
         RegionsSame(x, a, y, s, q);
     assigns \nothing;
     ensures kept:  RegionsKept(x, a, y, s, r, d); @/
  void others_kept(struct bin_runs x, struct tags a, struct bin_runs y, struct tags s, pageno r, uint32_t d) {
      /@ loop invariant index: FIRST_PAGE <= k <= SLOTS;
         loop invariant kept:  \forall integer q; FIRST_PAGE <= q < k && RegionsOk(x, a, q) &&
             RegionsApart(q, x.class[q], r, d) ==> RegionsOk(y, s, q);
         loop assigns k;
         loop variant SLOTS - k; @/
      for (long long k = FIRST_PAGE; k < SLOTS; k++) run_kept(x, a, y, s, k);
  }

  /@ requires rest: \forall integer q; RunTag(FIRST_PAGE) <= q < RunTag(SLOTS) ==> TagStays(a.tag[q], s.tag[q]);
     assigns \nothing;
     ensures kept:  RegionsStay(x, a, s); @/
  void all_kept(struct bin_runs x, struct tags a, struct tags s) {
      /@ loop invariant index: FIRST_PAGE <= k <= SLOTS;
         loop invariant kept:  \forall integer q; FIRST_PAGE <= q < k && RegionsOk(x, a, q) ==> RegionsOk(x, s, q);
         loop assigns k;
         loop variant SLOTS - k; @/
      for (long long k = FIRST_PAGE; k < SLOTS; k++) run_kept(x, a, x, s, k);
  }

  // The lowest free region, if one is counted.
  /@ requires mem:   \valid_read(s);
     requires sizes: 0 <= b && 1 <= w && 0 <= n && RegionTag(b, w, n) <= RunTag(SLOTS) && TagsApart(b, w, n);
     requires some:  0 < TagsFree(*s, b, w, n);
     assigns \nothing;
     ensures free:   0 <= \result < n && s->tag[RegionTag(b, w, \result)] == 0;
     ensures lowest: \forall integer i; 0 <= i < \result ==> s->tag[RegionTag(b, w, i)] != 0; @/
  long long lowest_free(const struct tags *s, long long b, long long w, long long n) {
      long long i = 0, p = b;
      /@ loop invariant index: 0 <= i <= n && p == RegionTag(b, w, i);
         loop invariant none:  TagsFree(*s, b, w, i) == 0;
         loop invariant taken: \forall integer j; 0 <= j < i ==> s->tag[RegionTag(b, w, j)] != 0;
         loop assigns i, p;
         loop variant n - i; @/
      while (s->tag[p] != 0) {
          p += w;
          i++;
      }
      return i;
  }
*/

/*@ ghost
  void region_held(pageno r, uint32_t c, size_t off) {
      run_facts(r, c);
      /@ assert inside: \forall integer i; 0 <= i < ClassRegions(c) ==>
              RegionTag(RunTag(r), ClassQuanta(c), i) + ClassQuanta(c) <= RunTag(r + ClassPages(c)); @/
      /@ assert bytes:  ClassBytes(c) == ClassQuanta(c) * QUANTUM; @/
  }

  // steer: the provers do not divide by sizes that they do not know, so all is counted up, in multiples of a
  void region_aligned(pageno r, uint32_t c, size_t off, uint32_t a) {
      uint32_t i = 0, in_page = PAGE / a, in_region = classes.bytes[c] / a;
      size_t at = (size_t)r * PAGE, times = (size_t)r * in_page;
      /@ assert page:   PAGE == in_page * a; @/
      run_facts(r, c);
      /@ assert bytes:  ClassBytes(c) == in_region * a; @/
      /@ loop invariant region: 0 <= i && at == RegionOff(r, c, i);
         loop invariant times:  at == times * a;
         loop invariant off:    \exists integer j; i <= j < ClassRegions(c) && off == RegionOff(r, c, j);
         loop assigns i, at, times;
         loop variant ClassRegions(c) - i; @/
      while (at != off) {
          i++;
          at += classes.bytes[c];
          times += in_region;
      }
      multiple((long long)off, (long long)times, a);
  }

  void regions_listed(pageno r, uint32_t c) {
      run_facts(r, c);
      /@ assert bytes: ClassBytes(c) == ClassQuanta(c) * QUANTUM; @/
  }

  void region_tagged(const struct regions *rs, pageno r, size_t off) {
      run_facts(r, rs->runs.class[r]);
      /@ assert tag: RunTag(r) <= TagAt(off) < RunTag(r + ClassPages(rs->runs.class[r])); @/
  }
*/

/* The index of off, a multiple of QUANTUM in the heap, in tag[]. */
/*@ requires heap:  FIRST_PAGE * PAGE <= off < SLOTS * PAGE;
    assigns \nothing;
    ensures tag:    \result == TagAt(off) && 0 <= \result < RunTag(SLOTS); */
static size_t quantum_of(size_t off) {
    return off / QUANTUM - (size_t)FIRST_PAGE * PAGE_QUANTA;
}

/*@ requires run:   r < SLOTS;
    assigns \nothing;
    ensures start:  \result == r * PAGE; */
static size_t start_of(pageno r) {
    return (size_t)r * PAGE;
}

uint32_t region_tag(const struct regions *rs, size_t off) {
    return LOAD(rs->tags.tag[quantum_of(off)]);
}

bool region_is_live(const struct regions *rs, size_t off) {
    uint32_t tag = region_tag(rs, off);
    return 0 < tag && tag <= BINS;
}

bool region_is_cached(const struct regions *rs, size_t off) {
    return region_tag(rs, off) > TAG_CACHED;
}

uint32_t region_class(const struct regions *rs, size_t off) {
    return region_tag(rs, off) - 1;
}

void region_cache(struct regions *rs, size_t off, uint32_t tag) {
    /*@ ghost struct tags tags = rs->tags; */
    STORE(rs->tags.tag[quantum_of(off)], (uint8_t)(tag + TAG_CACHED));
    /*@ ghost all_kept(rs->runs, tags, rs->tags); */
}

bool region_uncache(struct regions *rs, size_t off, uint32_t tag) {
    /*@ ghost struct tags tags = rs->tags; */
    size_t q = quantum_of(off);
    bool cached = region_tag(rs, off) == tag + TAG_CACHED;
    if (cached) STORE(rs->tags.tag[q], (uint8_t)tag);
    /*@ ghost all_kept(rs->runs, tags, rs->tags); */
    return cached;
}

void regions_init(struct regions *rs, pageno r, uint32_t c) {
    /*@ ghost struct bin_runs runs = rs->runs; */
    /*@ ghost struct tags tags = rs->tags; */
    /*@ ghost run_facts(r, c); */
    /*@ ghost count_range(&rs->tags, first_tag(r), classes.bytes[c] / QUANTUM, classes.regions[c]); */
    rs->runs.class[r] = (uint8_t)c;
    rs->runs.nfree[r] = (uint16_t)class_regions(c);
    rs->runs.low[r] = 0;
    /*@ assert counted: RegionsTags(rs->tags, r, c) && RegionsCount(rs->tags, r, c, rs->runs.nfree[r]); */
    /*@ ghost if (runs.class[r] < BINS) class_facts(runs.class[r]); */
    /*@ assert apart: \forall integer q; RegionsOk(runs, tags, q) && RegionsApart(q, runs.class[q], r, c) ==>
            q != r; */
    /*@ ghost others_kept(runs, tags, rs->runs, rs->tags, r, c); */
}

/* The tag at q, the first of region i, becomes v. */
/*@ requires mem:    \valid(s);
    requires sizes:  0 <= b && 1 <= w && RegionTag(b, w, n) <= RunTag(SLOTS) && TagsApart(b, w, n);
    requires region: 0 <= i < n && q == RegionTag(b, w, i);
    assigns s->tag[q];
    ensures tag:     s->tag[q] == v;
    ensures count:   TagsFree(*s, b, w, n) + (\old(s->tag[q]) == 0 ? 1 : 0) ==
        TagsFree(\old(*s), b, w, n) + (v == 0 ? 1 : 0); */
static void set_tag(struct tags *s, size_t q, uint8_t v)
/*@ ghost (long long b, long long w, long long n, long long i) */ {
    STORE(s->tag[q], v);
    /*@ ghost
      /@ loop invariant index: 0 <= k <= n;
         loop invariant below: k <= i ==> TagsFree(*s, b, w, k) == TagsFree(\at(*s, Pre), b, w, k);
         loop invariant above: i < k ==> TagsFree(*s, b, w, k) + (\at(s->tag[q], Pre) == 0 ? 1 : 0) ==
             TagsFree(\at(*s, Pre), b, w, k) + (v == 0 ? 1 : 0);
         loop assigns k;
         loop variant n - k; @/
      for (long long k = 0; k < n; k++);
    */
}

size_t region_take(struct regions *rs, pageno r) {
    /*@ ghost struct bin_runs runs = rs->runs; */
    /*@ ghost struct tags tags = rs->tags; */
    uint32_t c = rs->runs.class[r];
    uint32_t q = rs->runs.low[r];
    /*@ ghost run_facts(r, c); */
    size_t start = quantum_of(start_of(r));
    /*@ ghost long long w = classes.bytes[c] / QUANTUM, n = classes.regions[c]; */
    /*@ assert start: start == RunTag(r) && TagsBorder(start, w, n, start + q); */
    /*@ ghost long long i = region_of(start + q, start, w, n), f = lowest_free(&rs->tags, start, w, n); */
    /*@ loop invariant region: 0 <= i <= f && start + q == RegionTag(start, w, i);
        loop invariant inside: start + q + w <= RunTag(r + ClassPages(c));
        loop assigns q, i;
        loop variant f - i; */
    while (LOAD(rs->tags.tag[start + q]) != 0) {
        q += class_quanta(c);
        /*@ ghost i++; */
    }
    set_tag(&rs->tags, start + q, (uint8_t)(c + 1)) /*@ ghost (start, w, n, i) */;
    /*@ assert tags: RegionsTags(rs->tags, r, c) && RegionTag(start, w, i + 1) == start + q + w; */
    /*@ assert before: \forall integer j; 0 <= j < i ==> rs->tags.tag[RegionTag(start, w, j)] != 0; */
    /*@ assert behind: \forall integer j; i < j < n ==> start + q + w <= RegionTag(start, w, j); */
    rs->runs.low[r] = (uint16_t)(q + class_quanta(c));
    rs->runs.nfree[r]--;
    /*@ assert hint: RegionsLow(rs->tags, r, c, rs->runs.low[r]); */
    /*@ ghost others_kept(runs, tags, rs->runs, rs->tags, r, c); */
    return start_of(r) + (size_t)q * QUANTUM;
}

void region_give(struct regions *rs, pageno r, size_t off) {
    /*@ ghost struct bin_runs runs = rs->runs; */
    /*@ ghost struct tags tags = rs->tags; */
    /*@ ghost uint32_t c = rs->runs.class[r]; */
    /*@ ghost run_facts(r, c); */
    /*@ ghost long long b = first_tag(r), w = classes.bytes[c] / QUANTUM, n = classes.regions[c]; */
    size_t at = quantum_of(off);
    uint32_t q = (uint32_t)((off - start_of(r)) / QUANTUM);
    /*@ ghost long long i = region_of(at, b, w, n); */
    /*@ assert inside: i < n; */
    /*@ ghost count_range(&rs->tags, b, w, n); */
    set_tag(&rs->tags, at, 0) /*@ ghost (b, w, n, i) */;
    /*@ ghost count_range(&rs->tags, b, w, n); */
    /*@ assert tags: RegionsTags(rs->tags, r, c); */
    if (q < rs->runs.low[r]) rs->runs.low[r] = (uint16_t)q;
    rs->runs.nfree[r]++;
    /*@ assert ok: RegionsOk(rs->runs, rs->tags, r); */
    /*@ ghost others_kept(runs, tags, rs->runs, rs->tags, r, c); */
}

enum verdict region_verdict(const struct regions *rs, pageno r, size_t off) {
    uint32_t c = rs->runs.class[r];
    /*@ ghost run_facts(r, c); */
    size_t in_run = off - start_of(r);
    size_t i = in_run / class_bytes(c);
    size_t in_region = in_run % class_bytes(c);
    /*@ ghost regions_apart(first_tag(r), classes.bytes[c] / QUANTUM, i + 1); */
    /*@ assert rest: off - in_region == RegionOff(r, c, i) && in_region < ClassBytes(c); */
    /*@ assert region: TagAt(off - in_region) == RegionTag(RunTag(r), ClassQuanta(c), i); */
    /*@ assert start: \forall integer b; RegionsHold(r, c, b) && TagLive(rs->tags.tag[TagAt(b)]) ==>
            RegionAt(r, c, b); */
    /*@ assert tags: \forall integer j, k; 0 <= j < k && (k <= i || k < ClassRegions(c)) ==>
            RegionTag(RunTag(r), ClassQuanta(c), j) + ClassQuanta(c) <= RegionTag(RunTag(r), ClassQuanta(c), k); */
    /*@ assert order: \forall integer j, k; 0 <= j < k && (k <= i || k < ClassRegions(c)) ==>
            RegionOff(r, c, j) + ClassBytes(c) <= RegionOff(r, c, k); */
    /*@ assert where: \forall integer b; RegionAt(r, c, b) && b < off < b + ClassBytes(c) ==>
            b == off - in_region && i < ClassRegions(c); */
    if (i >= class_regions(c)) return HEAP_UNALLOCATED;
    if (region_is_live(rs, off - in_region)) return HEAP_INTERIOR;
    return in_region == 0 ? HEAP_DOUBLE_FREE : HEAP_UNALLOCATED;
}
