#include "huge.h"

uint32_t whole_chunks(uint32_t n) {
    return (n + (CHUNK_PAGES - 1)) / CHUNK_PAGES * CHUNK_PAGES;
}

void chunks_add(struct pages *ps, uint32_t n) {
    pageno p = ps->end;
    ps->end = (pageno)(p + n);
    run_make(ps, p, n, RUN_FREE);
    run_give(ps, p);
}

pageno chunk_take(struct pages *ps, uint32_t owner) {
    pageno r = tree_first_fit(&ps->tree, TREE_CHUNKS, CHUNK_PAGES);
    if (r == 0) return 0;
    run_cut(ps, r, CHUNK_PAGES);
    ps->owner[r / CHUNK_PAGES] = (uint16_t)owner;
    tree_insert(&ps->tree, run_pool(owner), r);
    return r;
}

void chunk_give(struct pages *ps, pageno p) {
    tree_remove(&ps->tree, p);
    ps->owner[p / CHUNK_PAGES] = 0;
    run_give(ps, p);
}

uint32_t huge_extent(const struct pages *ps, uint32_t n, uint32_t align) {
    if (align <= CHUNK_PAGES) return ps->bias % align == 0 ? whole_chunks(n) : 0;
    return ps->bias % CHUNK_PAGES == 0 ? whole_chunks(n) + (align - CHUNK_PAGES) : 0;
}

pageno huge_alloc(struct pages *ps, uint32_t n, uint32_t align) {
    uint32_t extent = huge_extent(ps, n, align);
    pageno r = extent == 0 ? 0 : tree_first_fit(&ps->tree, TREE_CHUNKS, extent);
    if (r == 0) return 0;
    r = run_take(ps, r, whole_chunks(n), align, RUN_HUGE);
    run_use(ps, r);
    tree_insert(&ps->tree, TREE_HUGE, r);
    return r;
}

void huge_free(struct pages *ps, pageno p) {
    tree_remove(&ps->tree, p);
    run_soil(ps, p);
    run_give(ps, p);
}

pageno huge_find(const struct pages *ps, pageno p) {
    pageno b = tree_at_or_below(&ps->tree, TREE_HUGE, p);
    return b != 0 && run_holds(ps, b, p) ? b : 0;
}

/* [    p    ] => [ p ][ free ] */
static void shrink(struct pages *ps, pageno p, uint32_t n) {
    tree_remove(&ps->tree, p);
    pageno q = run_split(ps, p, n);
    tree_insert(&ps->tree, TREE_HUGE, p);
    run_soil(ps, q);
    run_give(ps, q);
}

/* [ p ][    q, free    ] => [    p    ][ free ] */
static void grow(struct pages *ps, pageno p, pageno q, uint32_t more) {
    run_cut(ps, q, more);
    run_use(ps, q);
    tree_remove(&ps->tree, p);
    run_join(ps, p, q);
    tree_insert(&ps->tree, TREE_HUGE, p);
}

bool huge_resize(struct pages *ps, pageno p, uint32_t n) {
    uint32_t old = ps->tree.length[p], new = whole_chunks(n);
    if (new < old) shrink(ps, p, new);
    if (new <= old) return true;
    pageno q = run_next(ps, p);
    if (!run_may_join(ps, q) || ps->tree.length[q] < new - old) return false;
    grow(ps, p, q, new - old);
    return true;
}
