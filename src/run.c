#include "run.h"

bool run_holds(const struct pages *ps, pageno r, pageno p) {
    return ps->kind[r] != RUN_INSIDE && r <= p && p - r < ps->tree.length[r];
}

void run_make(struct pages *ps, pageno r, uint32_t n, enum kind kind) {
    ps->kind[r] = (uint8_t)kind;
    ps->tree.length[r] = (pageno)n;
    ps->head[r] = r;
    ps->head[r + n - 1] = r;
}

pageno run_split(struct pages *ps, pageno r, uint32_t n) {
    pageno q = (pageno)(r + n);
    uint32_t rest = ps->tree.length[r] - n;
    run_make(ps, r, n, ps->kind[r]);
    run_make(ps, q, rest, ps->kind[r]);
    return q;
}

void run_join(struct pages *ps, pageno r, pageno q) {
    ps->kind[q] = RUN_INSIDE;
    run_make(ps, r, (uint32_t)ps->tree.length[r] + ps->tree.length[q], ps->kind[r]);
}

uint32_t run_dirty(const struct pages *ps, pageno r) {
    uint32_t n = ps->tree.length[r], dirty = 0;
    for (uint32_t i = 0; i < n; i++) dirty += ps->state[r + i] == PAGE_DIRTY;
    return dirty;
}

void run_cut(struct pages *ps, pageno k, pageno r, uint32_t n) {
    tree_remove(&ps->tree, r);
    if (n < ps->tree.length[r]) tree_insert(&ps->tree, k, run_split(ps, r, n));
}

uint32_t run_misalignment(const struct pages *ps, pageno p, uint32_t align) {
    return (p % align + ps->bias % align) % align;
}

/* [        free        ] => [ skipped ][ n pages ][  free  ] */
pageno run_take(struct pages *ps, pageno k, pageno r, uint32_t n, uint32_t align, enum kind kind) {
    uint32_t past = run_misalignment(ps, r, align);
    if (past != 0) {
        pageno skipped = r;
        tree_remove(&ps->tree, skipped);
        r = run_split(ps, skipped, align - past);
        tree_insert(&ps->tree, k, skipped);
        tree_insert(&ps->tree, k, r);
    }
    run_cut(ps, k, r, n);
    ps->kind[r] = (uint8_t)kind;
    return r;
}

/* Whether two free runs of this kind that meet at page q are one: a pool of pages keeps to its chunks. */
static bool joins_at(pageno q, enum kind free) {
    return free == RUN_CHUNKS || q % CHUNK_PAGES != 0;
}

pageno run_next(const struct pages *ps, pageno r) {
    return (pageno)(r + ps->tree.length[r]);
}

bool run_may_join(const struct pages *ps, pageno q, enum kind free) {
    return q < ps->end && ps->kind[q] == free && joins_at(q, free);
}

/* [ r ][ free ] => [ --- r --- ] */
static void join_next(struct pages *ps, pageno r, enum kind free) {
    pageno q = run_next(ps, r);
    if (run_may_join(ps, q, free)) {
        tree_remove(&ps->tree, q);
        run_join(ps, r, q);
    }
}

/* [ free ][ r ] => [ --- free --- ], a node of its tree; 0 if the run before r is not free. */
static pageno join_prev(struct pages *ps, pageno r, enum kind free) {
    if (r == FIRST_PAGE || !joins_at(r, free)) return 0;
    pageno o = ps->head[r - 1];
    if (ps->kind[o] != free) return 0;
    uint32_t n = (uint32_t)ps->tree.length[o] + ps->tree.length[r];
    ps->kind[r] = RUN_INSIDE;
    ps->head[o + n - 1] = o;
    tree_resize(&ps->tree, o, (pageno)n);
    return o;
}

pageno run_give(struct pages *ps, pageno k, pageno r, enum kind free) {
    ps->kind[r] = (uint8_t)free;
    join_next(ps, r, free);
    pageno o = join_prev(ps, r, free);
    if (o != 0) return o;
    tree_insert(&ps->tree, k, r);
    return r;
}

void run_own(struct pages *ps, pageno r) {
    uint32_t n = ps->tree.length[r];
    for (uint32_t i = 0; i < n; i++) ps->head[r + i] = r;
}

void run_use(struct pages *ps, pageno r) {
    ps->dirty = (pageno)(ps->dirty - run_dirty(ps, r));
}

void run_soil(struct pages *ps, pageno r) {
    uint32_t n = ps->tree.length[r];
    for (uint32_t i = 0; i < n; i++) ps->state[r + i] = PAGE_DIRTY;
    ps->dirty = (pageno)(ps->dirty + n);
}
