/* block: what starts at an offset, any number: a live block, or why not. */
#ifndef QED_BLOCK_H
#define QED_BLOCK_H

#include "arena.h"
#include "verdict.h"

#include "spec/block.acsl"

/* HEAP_OK if a live block starts at off; else what is wrong with it. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    assigns \nothing;
    ensures ok:      \result == HEAP_OK <==> BlockAt(ps->kind, ps->end, rs->tags, off);
    ensures foreign: \result == HEAP_FOREIGN <==> !InHeap(ps->end, off);
    ensures unaligned: \result == HEAP_UNALIGNED <==> InHeap(ps->end, off) && off % QUANTUM != 0;
    ensures inside:  \result == HEAP_INTERIOR <==> InHeap(ps->end, off) && off % QUANTUM == 0 &&
                     BlockInside(ps->kind, ps->tree.length, ps->end, rs->tags, off);
    ensures freed:   \result == HEAP_DOUBLE_FREE <==> InHeap(ps->end, off) && off % QUANTUM == 0 &&
                     (FreePage(ps->kind, ps->state, g->home, off, PAGE_DIRTY) ||
                      (RegionStart(ps->kind, g->home, rs->runs, off) && !Small(rs->tags, off))); */
enum verdict block_verdict(const struct pages *ps, const struct regions *rs, size_t off)
    /*@ ghost (const struct bins *bins, struct run_ghost \ghost *g) */;

/* The usable bytes of the live block at off. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires block:  BlockAt(ps->kind, ps->end, rs->tags, off);
    assigns \nothing;
    ensures bytes:   \result == BlockBytes(ps->tree.length, rs->tags, off) && 0 < \result <= SLOTS * PAGE - off; */
size_t block_bytes(const struct pages *ps, const struct regions *rs, size_t off)
    /*@ ghost (const struct bins *bins, struct run_ghost \ghost *g) */;

/* Frees the live block at off. */
/*@ ARENA_MEMORY ARENA_OK(requires)
    requires block:  BlockAt(ps->kind, ps->end, rs->tags, off);
    assigns RUN_ARRAYS, ps->owner[0 .. HEAP_CHUNKS - 1], ps->dirty, g->used[0 .. SLOTS - 1],
            ps->state[0 .. SLOTS - 1], rs->runs.nfree[0 .. SLOTS - 1], rs->runs.low[0 .. SLOTS - 1],
            rs->tags.tag[TagAt(off)], bins->runcur[0 .. TREES];
    ARENA_OK(ensures)
    ensures freed:   !BlockAt(ps->kind, ps->end, rs->tags, off);
    BLOCKS_KEPT(off) */
void block_free(struct pages *ps, struct regions *rs, struct bins *bins, size_t off)
    /*@ ghost (struct run_ghost \ghost *g) */;

#endif
