#include "arena.h"

pageno arena_bin(uint32_t a, uint32_t c) {
    return (pageno)(run_pool(a + 1) + 1 + c);
}

/* The lowest free run of at least n pages, n <= CHUNK_PAGES, in arena a's pool; a whole new chunk
 * if there was none; or 0. */
static pageno find_run(struct pages *ps, uint32_t a, uint32_t n) {
    pageno r = tree_first_fit(&ps->tree, run_pool(a + 1), n);
    return r != 0 ? r : chunk_take(ps, a + 1);
}

/* A run of n pages for the client. */
static pageno new_run(struct pages *ps, uint32_t a, uint32_t n, uint32_t align, enum kind kind) {
    pageno r = find_run(ps, a, n + (align - 1));
    if (r == 0) return 0;
    r = run_take(ps, r, n, align, kind);
    run_use(ps, r);
    run_own(ps, r);
    return r;
}

/* Run r is free again, and so perhaps is its chunk. */
static void free_run(struct pages *ps, pageno r) {
    run_soil(ps, r);
    r = run_give(ps, r);
    if (ps->tree.length[r] == CHUNK_PAGES) chunk_give(ps, r);
}

size_t arena_take(struct heap *h, uint32_t a, uint32_t c) {
    pageno *runcur = &h->arena[a].runcur[c];
    if (*runcur == 0) {
        pageno r = new_run(&h->pages, a, class_pages(c), 1, RUN_BIN);
        if (r == 0) return 0;
        regions_init(&h->regions, r, c);
        bin_add(&h->pages.tree, runcur, arena_bin(a, c), r);
    }
    return bin_take(&h->regions, &h->pages.tree, runcur, arena_bin(a, c));
}

void arena_give(struct heap *h, size_t off) {
    pageno r = h->pages.head[off / PAGE];
    uint32_t a = run_owner(&h->pages, r) - 1, c = h->regions.runs.class[r];
    if (bin_give(&h->regions, &h->pages.tree, &h->arena[a].runcur[c], arena_bin(a, c), r, off)) {
        free_run(&h->pages, r);
    }
}

pageno arena_large(struct heap *h, uint32_t a, uint32_t n, uint32_t align) {
    return new_run(&h->pages, a, n, align, RUN_LARGE);
}

void arena_free_large(struct heap *h, pageno p) {
    free_run(&h->pages, p);
}

bool arena_resize_large(struct heap *h, pageno p, uint32_t n) {
    struct pages *ps = &h->pages;
    uint32_t old = ps->tree.length[p];
    if (n < old) free_run(ps, run_split(ps, p, n));
    if (n <= old) return true;
    pageno q = run_next(ps, p);
    if (!run_may_join(ps, q) || ps->tree.length[q] < n - old) return false;
    run_cut(ps, q, n - old);
    run_use(ps, q);
    run_join(ps, p, q);
    run_own(ps, p);
    return true;
}
