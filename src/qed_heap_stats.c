#include "check.h"
#include "edge.h"

const char *qed_heap_verdict_name(enum qed_heap_verdict verdict) {
    return (unsigned)verdict < HEAP_VERDICTS ? verdict_name((enum verdict)verdict) : "unknown";
}

const char *qed_heap_check(const struct qed_heap *heap) {
    if (!edge_enter(heap)) return "Initialized";
    const char *broken = heap_check(&heap->core);
    edge_unlock(heap);
    return broken;
}

/* Pages of the longest free run in pool k. */
static size_t longest(const struct tree *t, pageno k) {
    return t->longest[t->links.right[k]];
}

void qed_heap_stats(const struct qed_heap *heap, struct qed_heap_statistics *stats) {
    struct heap_stats s;
    edge_clear((char *)stats, sizeof *stats);
    if (!edge_enter(heap)) return;
    heap_stats(&heap->core, &s);
    size_t chunks = longest(&heap->core.pages.tree, run_pool(0));
    size_t pages = longest(&heap->core.pages.tree, run_pool(1));
    stats->heap = s.mapped;
    stats->live = heap->live;
    stats->peak = heap->peak;
    stats->active = s.active;
    stats->largest = (chunks > pages ? chunks : pages) * PAGE;
    edge_unlock(heap);
}
