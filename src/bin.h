/* bin: the small blocks of one size class in one arena.
 *
 * A run of a bin is split into equal regions. The bin's runs with a free region are
 * known: the lowest is runcur, the others are in the bin's tree. A full run is in
 * neither, and comes back when one of its regions is freed. Allocation takes the lowest
 * free region of runcur, so blocks gather at low addresses and runs at high ones empty.
 *
 * tag[] is the map of live small blocks: one byte per quantum, 0, or the class plus one
 * of the live block that starts there. It answers at once whether a pointer may be
 * freed, and of what size it is.
 */
#ifndef QED_BIN_H
#define QED_BIN_H

#include "run.h"
#include "verdict.h"

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

#include "spec/bin.acsl"

/* Run r, of class c, becomes a bin run: all regions free, in no bin. */
void bin_run_init(struct bin_runs *runs, pageno r, uint32_t c);

/* The bin learns of run r, which has a free region. A bin is its runcur and its tree k. */
void bin_add(struct tree *t, pageno *runcur, pageno k, pageno r);

/* Takes the lowest free region of runcur, which is not 0: its offset. */
size_t bin_take(struct regions *rs, struct tree *t, pageno *runcur, pageno k);

/* Puts the live region at `off` of run r back. True if r is empty now: it has left the bin then. */
bool bin_give(struct regions *rs, struct tree *t, pageno *runcur, pageno k, pageno r, size_t off);

/* Whether a live region starts at off, a multiple of QUANTUM in the heap; its class. */
bool bin_is_live(const struct regions *rs, size_t off);
uint32_t bin_class(const struct regions *rs, size_t off);

/* What is wrong with freeing off in bin run r, where no live region starts. */
enum verdict bin_verdict(const struct regions *rs, pageno r, size_t off);

#endif
