#include "bin.h"

_Static_assert(SMALL_QUANTA * 4 <= UINT16_MAX, "the quanta of a bin run fit low[]");

/* The index of off, a multiple of QUANTUM in the heap, in tag[]. */
static size_t quantum_of(size_t off) {
    return off / QUANTUM - (size_t)FIRST_PAGE * PAGE_QUANTA;
}

static size_t start_of(pageno r) {
    return (size_t)r * PAGE;
}

bool bin_is_live(const struct regions *rs, size_t off) {
    return rs->tags.tag[quantum_of(off)] != 0;
}

uint32_t bin_class(const struct regions *rs, size_t off) {
    return rs->tags.tag[quantum_of(off)] - 1u;
}

void bin_run_init(struct bin_runs *runs, pageno r, uint32_t c) {
    runs->class[r] = (uint8_t)c;
    runs->nfree[r] = (uint16_t)class_regions(c);
    runs->low[r] = 0;
}

void bin_add(struct tree *t, pageno *runcur, pageno k, pageno r) {
    pageno other = *runcur;
    if (other == 0 || r < other) {
        *runcur = r;
        r = other;
    }
    if (r != 0) tree_insert(t, k, r);
}

/* Run r leaves its bin: it is full, or empty. */
static void drop_run(struct tree *t, pageno *runcur, pageno k, pageno r) {
    if (r == *runcur) {
        r = tree_first(t, k);
        *runcur = r;
    }
    if (r != 0) tree_remove(t, r);
}

size_t bin_take(struct regions *rs, struct tree *t, pageno *runcur, pageno k) {
    pageno r = *runcur;
    uint32_t c = rs->runs.class[r];
    uint32_t q = rs->runs.low[r];
    size_t start = quantum_of(start_of(r));
    while (rs->tags.tag[start + q] != 0) q += class_quanta(c);
    rs->tags.tag[start + q] = (uint8_t)(c + 1);
    rs->runs.low[r] = (uint16_t)(q + class_quanta(c));
    rs->runs.nfree[r]--;
    if (rs->runs.nfree[r] == 0) drop_run(t, runcur, k, r);
    return start_of(r) + (size_t)q * QUANTUM;
}

bool bin_give(struct regions *rs, struct tree *t, pageno *runcur, pageno k, pageno r, size_t off) {
    uint32_t q = (uint32_t)((off - start_of(r)) / QUANTUM);
    rs->tags.tag[quantum_of(off)] = 0;
    if (q < rs->runs.low[r]) rs->runs.low[r] = (uint16_t)q;
    rs->runs.nfree[r]++;
    if (rs->runs.nfree[r] == 1) bin_add(t, runcur, k, r);
    if (rs->runs.nfree[r] < class_regions(rs->runs.class[r])) return false;
    drop_run(t, runcur, k, r);
    return true;
}

enum verdict bin_verdict(const struct regions *rs, pageno r, size_t off) {
    uint32_t c = rs->runs.class[r];
    size_t in_run = off - start_of(r);
    size_t i = in_run / class_bytes(c);
    size_t in_region = in_run % class_bytes(c);
    if (i >= class_regions(c)) return HEAP_UNALLOCATED;
    if (bin_is_live(rs, off - in_region)) return HEAP_INTERIOR;
    return in_region == 0 ? HEAP_DOUBLE_FREE : HEAP_UNALLOCATED;
}
