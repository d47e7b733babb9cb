/* bin: the small blocks of one size class in one arena.
 *
 * A run of a bin is split into equal regions. The bin's runs with a free region are
 * known: the lowest is runcur, the others are in the bin's tree. A full run is in
 * neither, and comes back when one of its regions is freed. Allocation takes the lowest
 * free region of runcur, so blocks gather at low addresses and runs at high ones empty.
 */
#ifndef QED_BIN_H
#define QED_BIN_H

#include "region.h"

#include "spec/bin.acsl"

/* The bin learns of run r, which has a free region. A bin is its runcur and its tree k. */
/*@ TREE_OK(requires)
    BIN_OK(requires)
    requires new:    TREES < r < SLOTS && BinOf(g->in, *runcur, k, r) == 0;
    assigns BIN_ARRAYS;
    TREE_OK(ensures)
    BIN_OK(ensures)
    ensures in:      BinOf(g->in, *runcur, k, r) == k;
    BIN_OTHERS(r) */
void bin_add(struct tree *t, pageno *runcur, pageno k, pageno r) /*@ ghost (struct tree_ghost \ghost *g) */;

/* Takes the lowest free region of runcur, which is not 0: its offset. */
/*@ requires mem:    \valid(rs) && \separated(rs, t, g, runcur, &classes);
    TREE_OK(requires)
    BIN_OK(requires)
    requires run:    *runcur != 0 && RegionsOk(rs->runs, rs->tags, *runcur);
    requires some:   rs->runs.nfree[*runcur] > 0;
    assigns rs->tags.tag[0 .. RunTag(SLOTS) - 1],
            rs->runs.low[*runcur], rs->runs.nfree[*runcur], BIN_ARRAYS;
    ensures ok:      RegionsOk(rs->runs, rs->tags, \old(*runcur));
    ensures kept:    RegionsKept(\old(rs->runs), \old(rs->tags), rs->runs, rs->tags, \old(*runcur),
                                 rs->runs.class[\old(*runcur)]);
    ensures region:  RegionAt(\old(*runcur), rs->runs.class[\old(*runcur)], \result);
    ensures taken:   TagChanged(\old(rs->tags), rs->tags, TagAt(\result), 0,
                                rs->runs.class[\old(*runcur)] + 1);
    ensures lowest:  RegionLowest(\old(rs->tags), \old(*runcur), rs->runs.class[\old(*runcur)], \result);
    ensures nfree:   rs->runs.nfree[\old(*runcur)] == \old(rs->runs.nfree[*runcur]) - 1;
    TREE_OK(ensures)
    BIN_OK(ensures)
    ensures in:      BinOf(g->in, *runcur, k, \old(*runcur)) == (rs->runs.nfree[\old(*runcur)] > 0 ? k : 0);
    BIN_OTHERS(\old(*runcur)) */
size_t bin_take(struct regions *rs, struct tree *t, pageno *runcur, pageno k)
    /*@ ghost (struct tree_ghost \ghost *g) */;

/* Puts the region at `off` of run r, live or cached, back. True if r is empty now: it has left the bin then. */
/*@ requires mem:    \valid(rs) && \separated(rs, t, g, runcur, &classes);
    TREE_OK(requires)
    BIN_OK(requires)
    requires run:    RegionsOk(rs->runs, rs->tags, r);
    requires off:    RegionsHold(r, rs->runs.class[r], off);
    requires taken:  rs->tags.tag[TagAt(off)] != 0;
    requires in:     BinOf(g->in, *runcur, k, r) == (rs->runs.nfree[r] > 0 ? k : 0);
    assigns rs->tags.tag[TagAt(off)], rs->runs.low[r], rs->runs.nfree[r], BIN_ARRAYS;
    ensures ok:      RegionsOk(rs->runs, rs->tags, r);
    ensures kept:    RegionsKept(\old(rs->runs), \old(rs->tags), rs->runs, rs->tags, r,
                                 rs->runs.class[r]);
    ensures free:    rs->tags.tag[TagAt(off)] == 0;
    ensures nfree:   rs->runs.nfree[r] == \old(rs->runs.nfree[r]) + 1;
    ensures empty:   \result <==> rs->runs.nfree[r] == ClassRegions(rs->runs.class[r]);
    ensures clean:   \result ==> RegionsEmpty(rs->tags, r, rs->runs.class[r]);
    TREE_OK(ensures)
    BIN_OK(ensures)
    ensures in:      BinOf(g->in, *runcur, k, r) == (\result ? 0 : k);
    BIN_OTHERS(r) */
bool bin_give(struct regions *rs, struct tree *t, pageno *runcur, pageno k, pageno r, size_t off)
    /*@ ghost (struct tree_ghost \ghost *g) */;

#endif
