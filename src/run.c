#include "run.h"

uint32_t run_owner(const struct pages *ps, pageno p) {
    return ps->owner[p / CHUNK_PAGES];
}

pageno run_pool(uint32_t owner) {
    return (pageno)(owner == 0 ? TREE_CHUNKS : TREE_ARENAS + (owner - 1) * (1 + BINS));
}

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

/* Free run r becomes known to its pool. */
static void pool_insert(struct pages *ps, pageno r) {
    tree_insert(&ps->tree, run_pool(run_owner(ps, r)), r);
}

void run_cut(struct pages *ps, pageno r, uint32_t n) {
    tree_remove(&ps->tree, r);
    if (n < ps->tree.length[r]) pool_insert(ps, run_split(ps, r, n));
}

uint32_t run_misalignment(const struct pages *ps, pageno p, uint32_t align) {
    return (p % align + ps->bias % align) % align;
}

/* [        free        ] => [ skipped ][ n pages ][  free  ] */
pageno run_take(struct pages *ps, pageno r, uint32_t n, uint32_t align, enum kind kind) {
    uint32_t past = run_misalignment(ps, r, align);
    if (past != 0) {
        pageno skipped = r;
        tree_remove(&ps->tree, skipped);
        r = run_split(ps, skipped, align - past);
        pool_insert(ps, skipped);
        pool_insert(ps, r);
    }
    run_cut(ps, r, n);
    ps->kind[r] = (uint8_t)kind;
    return r;
}

/* Whether the runs that meet at page q, not the heap's end, may be one. */
static bool joins_at(const struct pages *ps, pageno q) {
    return q % CHUNK_PAGES != 0 || (run_owner(ps, q) == 0 && run_owner(ps, (pageno)(q - 1)) == 0);
}

pageno run_next(const struct pages *ps, pageno r) {
    return (pageno)(r + ps->tree.length[r]);
}

bool run_may_join(const struct pages *ps, pageno q) {
    return q < ps->end && ps->kind[q] == RUN_FREE && joins_at(ps, q);
}

/* [ r ][ free ] => [ --- r --- ] */
static void join_next(struct pages *ps, pageno r) {
    pageno q = run_next(ps, r);
    if (run_may_join(ps, q)) {
        tree_remove(&ps->tree, q);
        run_join(ps, r, q);
    }
}

/* [ free ][ r ] => [ --- free --- ], a node of its pool; 0 if r cannot be joined to the run before it. */
static pageno join_prev(struct pages *ps, pageno r) {
    if (r == FIRST_PAGE || !joins_at(ps, r)) return 0;
    pageno o = ps->head[r - 1];
    if (ps->kind[o] != RUN_FREE) return 0;
    uint32_t n = (uint32_t)ps->tree.length[o] + ps->tree.length[r];
    ps->kind[r] = RUN_INSIDE;
    ps->head[o + n - 1] = o;
    tree_resize(&ps->tree, o, (pageno)n);
    return o;
}

pageno run_give(struct pages *ps, pageno r) {
    ps->kind[r] = RUN_FREE;
    join_next(ps, r);
    pageno o = join_prev(ps, r);
    if (o != 0) return o;
    pool_insert(ps, r);
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
