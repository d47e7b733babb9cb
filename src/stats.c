#include "heap.h"

static void count_bin_run(const struct heap *h, pageno r, struct heap_stats *s) {
    uint32_t c = h->regions.runs.class[r], live = class_regions(c) - h->regions.runs.nfree[r];
    s->bin[c].runs++;
    s->bin[c].regions += live;
    s->small += (size_t)live * class_bytes(c);
}

void heap_stats(const struct heap *h, struct heap_stats *s) {
    *s = (struct heap_stats){0};
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
