#include "heap.h"

static void count_bin_run(const struct heap *h, pageno r, struct heap_stats *s) {
    uint32_t c = h->regions.runs.class[r], live = class_regions(c) - h->regions.runs.nfree[r];
    s->bin[c].runs++;
    s->bin[c].regions += live;
    s->small += (size_t)live * class_bytes(c);
}

/* Member by member: to assign a whole zero struct, compilers call memset. */
static void clear(struct heap_stats *s) {
    s->small = 0;
    s->large = 0;
    s->huge = 0;
    s->active = 0;
    for (uint32_t c = 0; c < BINS; c++) {
        s->bin[c].runs = 0;
        s->bin[c].regions = 0;
    }
}

void heap_stats(const struct heap *h, struct heap_stats *s) {
    clear(s);
    s->mapped = (size_t)(h->pages.end - FIRST_PAGE) * PAGE;
    s->dirty = (size_t)h->pages.dirty * PAGE;
    for (pageno r = FIRST_PAGE; r < h->pages.end; r = run_next(&h->pages, r)) {
        size_t bytes = (size_t)h->pages.tree.length[r] * PAGE;
        switch ((enum kind)h->pages.kind[r]) {
            case RUN_BIN:
                count_bin_run(h, r, s);
                break;
            case RUN_LARGE:
                s->large += bytes;
                break;
            case RUN_HUGE:
                s->huge += bytes;
                break;
            default:
                bytes = 0;
        }
        s->active += bytes;
    }
    s->live = s->small + s->large + s->huge;
}
