#include "misuse.h"

#include <stdatomic.h>

#include "os.h"
#include "qedmalloc.h"
#include "text.h"

static _Atomic(qed_misuse_hook *) hook;

qed_misuse_hook *qed_set_misuse_hook(qed_misuse_hook *new_hook) {
    return atomic_exchange(&hook, new_hook);
}

/* The program's run that page p of the heap belongs to; 0 if none does. */
static pageno run_at(const struct heap *h, pageno p) {
    if (run_owner(&h->pages, p) == 0) return huge_find(&h->pages, p);
    pageno r = h->pages.head[p];
    return h->pages.kind[r] != RUN_FREE && run_holds(&h->pages, r, p) ? r : 0;
}

static size_t class_at(const struct heap *h, pageno p) {
    pageno r = run_at(h, p);
    if (r == 0) return 0;
    if (h->pages.kind[r] == RUN_BIN) return class_bytes(h->regions.runs.class[r]);
    return (size_t)h->pages.tree.length[r] * PAGE;
}

/* By the verdict on freeing the quantum that the pointer points into. */
static const char *const state_name[HEAP_VERDICTS] = {
    [HEAP_OK] = "live",       [HEAP_INTERIOR] = "live",      [HEAP_DOUBLE_FREE] = "free",
    [HEAP_PURGED] = "purged", [HEAP_UNALLOCATED] = "unused", [HEAP_FOREIGN] = "none",
};

struct misuse misuse_note(const struct heap *h, size_t off, enum verdict verdict, const void *pointer,
                          const char *call) {
    enum verdict there = heap_verdict(h, off - off % QUANTUM);
    size_t class = there == HEAP_FOREIGN ? 0 : class_at(h, (pageno)(off / PAGE));
    bool cached = there == HEAP_DOUBLE_FREE && region_is_cached(&h->regions, off - off % QUANTUM);
    return (struct misuse){verdict, pointer, call, class, cached ? "cached" : state_name[there]};
}

void misuse_raise(const struct misuse *m) {
    qed_misuse_hook *told = atomic_load(&hook);
    if (told != NULL) {
        told(verdict_name(m->verdict), (void *)(uintptr_t)m->pointer);
        return;
    }
    char line[160];
    struct text t = {line, sizeof line, 0};
    text_put(&t, "qedmalloc: ");
    text_put(&t, verdict_name(m->verdict));
    text_put(&t, " ptr=");
    text_hex(&t, (uintptr_t)m->pointer);
    text_put(&t, " class=");
    text_number(&t, m->class, 0);
    text_put(&t, " state=");
    text_put(&t, m->state);
    text_put(&t, " call=");
    text_put(&t, m->call);
    text_put(&t, "\n");
    os_write(line, t.length);
    os_abort();
}
