/* region: the regions of a bin run, the blocks of one size class.
 *
 * tag[] is the map of small blocks: one byte per quantum, 0, or the class plus one of the
 * block that starts there. It answers at once whether a pointer may be freed, and of what
 * size it is. A region that is not free is live, the program's, or cached: taken from its
 * run, and not the program's. Whoever has a region may change it from one to the other
 * while another thread works on its run.
 *
 *   tag   0 none   class + 1 live   class + 1 + TAG_CACHED cached
 */
#ifndef QED_REGION_H
#define QED_REGION_H

#include "relaxed.h"
#include "tree.h"
#include "verdict.h"

enum { TAG_CACHED = 128 };

/* Indexed by the first page of a bin run; of other pages meaningless. */
struct bin_runs {
    uint8_t class[SLOTS];
    uint16_t nfree[SLOTS]; /* regions */
    uint16_t low[SLOTS];   /* quanta from the run's start: no region below is free */
};

struct tags {
    /* Indexed by offset / QUANTUM, counted from the lowest page. */
    uint8_t tag[(size_t)(SLOTS - FIRST_PAGE) * PAGE_QUANTA];
};

struct regions {
    struct bin_runs runs;
    struct tags tags;
};

#include "spec/region.acsl"

/* Run r becomes a bin run of class c: all its regions are free. */
/*@ requires mem:    \valid(rs) && \separated(rs, &classes);
    requires place:  RegionsPlace(r, c);
    requires empty:  RegionsEmpty(rs->tags, r, c);
    assigns rs->runs.class[r], rs->runs.nfree[r], rs->runs.low[r];
    ensures class:   rs->runs.class[r] == c;
    ensures nfree:   rs->runs.nfree[r] == ClassRegions(c);
    ensures ok:      RegionsOk(rs->runs, rs->tags, r);
    ensures kept:    RegionsKept(\old(rs->runs), \old(rs->tags), rs->runs, rs->tags, r, rs->runs.class[r]); */
void regions_init(struct regions *rs, pageno r, uint32_t c);

/* Takes the lowest free region of run r, which has one: its offset. */
/*@ requires mem:    \valid(rs) && \separated(rs, &classes);
    requires run:    RegionsOk(rs->runs, rs->tags, r);
    requires some:   rs->runs.nfree[r] > 0;
    assigns rs->tags.tag[0 .. RunTag(SLOTS) - 1], rs->runs.low[r], rs->runs.nfree[r];
    ensures ok:      RegionsOk(rs->runs, rs->tags, r);
    ensures kept:    RegionsKept(\old(rs->runs), \old(rs->tags), rs->runs, rs->tags, r, rs->runs.class[r]);
    ensures region:  RegionAt(r, rs->runs.class[r], \result);
    ensures taken:   TagChanged(\old(rs->tags), rs->tags, TagAt(\result), 0, rs->runs.class[r] + 1);
    ensures lowest:  RegionLowest(\old(rs->tags), r, rs->runs.class[r], \result);
    ensures nfree:   rs->runs.nfree[r] == \old(rs->runs.nfree[r]) - 1; */
size_t region_take(struct regions *rs, pageno r);

/* Puts the region at `off`, in run r, back, be it live or cached. */
/*@ requires mem:    \valid(rs) && \separated(rs, &classes);
    requires run:    RegionsOk(rs->runs, rs->tags, r);
    requires off:    RegionsHold(r, rs->runs.class[r], off);
    requires taken:  rs->tags.tag[TagAt(off)] != 0;
    assigns rs->tags.tag[TagAt(off)], rs->runs.low[r], rs->runs.nfree[r];
    ensures ok:      RegionsOk(rs->runs, rs->tags, r);
    ensures kept:    RegionsKept(\old(rs->runs), \old(rs->tags), rs->runs, rs->tags, r, rs->runs.class[r]);
    ensures free:    rs->tags.tag[TagAt(off)] == 0;
    ensures nfree:   rs->runs.nfree[r] == \old(rs->runs.nfree[r]) + 1 <= ClassRegions(rs->runs.class[r]);
    ensures empty:   rs->runs.nfree[r] == ClassRegions(rs->runs.class[r]) ==>
                     RegionsEmpty(rs->tags, r, rs->runs.class[r]); */
void region_give(struct regions *rs, pageno r, size_t off);

/* Whether a live region starts at off, a multiple of QUANTUM in the heap. */
/*@ requires mem:    \valid_read(rs);
    requires heap:   FIRST_PAGE * PAGE <= off < SLOTS * PAGE;
    assigns \nothing;
    ensures live:    \result <==> TagLive(rs->tags.tag[TagAt(off)]); */
bool region_is_live(const struct regions *rs, size_t off);

/* The same for a cached one. */
/*@ requires mem:    \valid_read(rs);
    requires heap:   FIRST_PAGE * PAGE <= off < SLOTS * PAGE;
    assigns \nothing;
    ensures cached:  \result <==> rs->tags.tag[TagAt(off)] > TAG_CACHED; */
bool region_is_cached(const struct regions *rs, size_t off);

/* The tag there. */
/*@ requires mem:    \valid_read(rs);
    requires heap:   FIRST_PAGE * PAGE <= off < SLOTS * PAGE;
    assigns \nothing;
    ensures tag:     \result == rs->tags.tag[TagAt(off)]; */
uint32_t region_tag(const struct regions *rs, size_t off);

/* The class of the live region that starts there. */
/*@ requires mem:    \valid_read(rs);
    requires heap:   FIRST_PAGE * PAGE <= off < SLOTS * PAGE;
    requires live:   TagLive(rs->tags.tag[TagAt(off)]);
    assigns \nothing;
    ensures class:   \result == rs->tags.tag[TagAt(off)] - 1; */
uint32_t region_class(const struct regions *rs, size_t off);

/* The live region at off, of that tag, becomes a cached one. */
/*@ requires mem:    \valid(rs) && \separated(rs, &classes);
    requires heap:   FIRST_PAGE * PAGE <= off < SLOTS * PAGE;
    requires live:   TagLive(tag) && rs->tags.tag[TagAt(off)] == tag;
    assigns rs->tags.tag[TagAt(off)];
    ensures cached:  rs->tags.tag[TagAt(off)] == tag + TAG_CACHED;
    ensures kept:    RegionsStay(rs->runs, \old(rs->tags), rs->tags); */
void region_cache(struct regions *rs, size_t off, uint32_t tag);

/* The cached region at off becomes a live one of that tag, as it was; false, and nothing changes, if there is
 * no such region. */
/*@ requires mem:    \valid(rs) && \separated(rs, &classes);
    requires heap:   FIRST_PAGE * PAGE <= off < SLOTS * PAGE;
    requires tag:    TagLive(tag);
    assigns rs->tags.tag[TagAt(off)];
    ensures cached:  \result <==> \old(rs->tags.tag[TagAt(off)]) == tag + TAG_CACHED;
    ensures live:    \result ==> rs->tags.tag[TagAt(off)] == tag;
    ensures same:    !\result ==> rs->tags.tag[TagAt(off)] == \old(rs->tags.tag[TagAt(off)]);
    ensures kept:    RegionsStay(rs->runs, \old(rs->tags), rs->tags); */
bool region_uncache(struct regions *rs, size_t off, uint32_t tag);

/* What is wrong with freeing off in bin run r, where no live region starts. */
/*@ requires mem:    \valid_read(rs);
    requires run:    RegionsOk(rs->runs, rs->tags, r);
    requires off:    RegionsHold(r, rs->runs.class[r], off);
    requires dead:   !TagLive(rs->tags.tag[TagAt(off)]);
    assigns \nothing;
    ensures inside:  \result == HEAP_INTERIOR <==> RegionInside(rs->tags, r, rs->runs.class[r], off);
    ensures freed:   \result == HEAP_DOUBLE_FREE <==> RegionAt(r, rs->runs.class[r], off);
    ensures else:    \result == HEAP_INTERIOR || \result == HEAP_DOUBLE_FREE ||
                     \result == HEAP_UNALLOCATED; */
enum verdict region_verdict(const struct regions *rs, pageno r, size_t off);

/* A region lies in its run. */
/*@ ghost
  /@ requires place:  RegionsPlace(r, c);
     requires region: RegionAt(r, c, off);
     assigns \nothing;
     ensures hold:    RegionsHold(r, c, off) && off + ClassBytes(c) <= (r + ClassPages(c)) * PAGE; @/
  void region_held(pageno r, uint32_t c, size_t off);

  // Where the regions of a run, and their tags, start.
  /@ requires place:  RegionsPlace(r, c);
     assigns \nothing;
     ensures class:   ClassOk(c);
     ensures held:    \forall integer i; 0 <= i < ClassRegions(c) ==>
                      RunTag(r) <= RegionTag(RunTag(r), ClassQuanta(c), i) < RunTag(r + ClassPages(c));
     ensures tags:    \forall integer i; TagAt(RegionOff(r, c, i)) == RegionTag(RunTag(r), ClassQuanta(c), i);
     ensures next:    \forall integer i; RegionOff(r, c, i + 1) == RegionOff(r, c, i) + ClassBytes(c);
     ensures whole:   \forall integer i; RegionOff(r, c, i) % QUANTUM == 0;
     ensures inside:  \forall integer i; 0 <= i < ClassRegions(c) ==> r * PAGE <= RegionOff(r, c, i) &&
                      RegionOff(r, c, i) + ClassBytes(c) <= (r + ClassPages(c)) * PAGE;
     ensures apart:   \forall integer i, j; 0 <= i < j < ClassRegions(c) ==>
                      RegionOff(r, c, i) + ClassBytes(c) <= RegionOff(r, c, j); @/
  void regions_listed(pageno r, uint32_t c);

  // If the size of its class is a multiple of a power of two, so is a region's offset.
  /@ requires place:  RegionsPlace(r, c);
     requires region: RegionAt(r, c, off);
     requires power:  Power(a) && a <= PAGE && ClassBytes(c) % a == 0;
     assigns \nothing;
     ensures aligned: off % a == 0; @/
  void region_aligned(pageno r, uint32_t c, size_t off, uint32_t a);

  // A tag is set at the start of a region only, and says its class.
  /@ requires mem:    \valid_read(rs);
     requires run:    RegionsOk(rs->runs, rs->tags, r);
     requires off:    RegionsHold(r, rs->runs.class[r], off);
     requires taken:  rs->tags.tag[TagAt(off)] != 0;
     assigns \nothing;
     ensures region:  RegionAt(r, rs->runs.class[r], off);
     ensures class:   rs->tags.tag[TagAt(off)] == rs->runs.class[r] + 1 ||
                      rs->tags.tag[TagAt(off)] == rs->runs.class[r] + 1 + TAG_CACHED; @/
  void region_tagged(const struct regions *rs, pageno r, size_t off);
*/

#endif
