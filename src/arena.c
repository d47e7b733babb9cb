#include "arena.h"

pageno arena_pool(uint32_t a) {
    return (pageno)(TREE_HUGE + 1 + a * (1 + BINS));
}

pageno arena_bin(uint32_t a, uint32_t c) {
    return (pageno)(arena_pool(a) + 1 + c);
}

uint32_t arena_of(const struct heap *h, pageno p) {
    return h->owner[p / CHUNK_PAGES];
}

/* The lowest free run of at least n pages, n <= CHUNK_PAGES, in arena a's pool; a whole new chunk
 * if there was none; or 0. */
static pageno find_run(struct heap *h, uint32_t a, uint32_t n) {
    pageno r = tree_first_fit(&h->pages.tree, arena_pool(a), n);
    if (r != 0) return r;
    r = chunk_take(&h->pages);
    if (r == 0) return 0;
    h->owner[r / CHUNK_PAGES] = (uint16_t)(a + 1);
    tree_insert(&h->pages.tree, arena_pool(a), r);
    return r;
}

/* A run of n pages for the client. */
static pageno new_run(struct heap *h, uint32_t a, uint32_t n, uint32_t align, enum kind kind) {
    pageno r = find_run(h, a, n + (align - 1));
    if (r == 0) return 0;
    r = run_take(&h->pages, arena_pool(a), r, n, align, kind);
    run_use(&h->pages, r);
    run_own(&h->pages, r);
    return r;
}

/* Run r is free again, and so perhaps is its chunk. */
static void free_run(struct heap *h, uint32_t a, pageno r) {
    run_soil(&h->pages, r);
    r = run_give(&h->pages, arena_pool(a), r, RUN_FREE);
    if (h->pages.tree.length[r] == CHUNK_PAGES) {
        tree_remove(&h->pages.tree, r);
        h->owner[r / CHUNK_PAGES] = 0;
        chunk_give(&h->pages, r);
    }
}

size_t arena_take(struct heap *h, uint32_t a, uint32_t c) {
    pageno *runcur = &h->arena[a].runcur[c];
    if (*runcur == 0) {
        pageno r = new_run(h, a, class_pages(c), 1, RUN_BIN);
        if (r == 0) return 0;
        bin_run_init(&h->regions.runs, r, c);
        bin_add(&h->pages.tree, runcur, arena_bin(a, c), r);
    }
    return bin_take(&h->regions, &h->pages.tree, runcur, arena_bin(a, c));
}

void arena_give(struct heap *h, size_t off) {
    pageno r = h->pages.head[off / PAGE];
    uint32_t a = arena_of(h, r) - 1, c = h->regions.runs.class[r];
    if (bin_give(&h->regions, &h->pages.tree, &h->arena[a].runcur[c], arena_bin(a, c), r, off)) {
        free_run(h, a, r);
    }
}

pageno arena_large(struct heap *h, uint32_t a, uint32_t n, uint32_t align) {
    return new_run(h, a, n, align, RUN_LARGE);
}

void arena_free_large(struct heap *h, pageno p) {
    free_run(h, arena_of(h, p) - 1, p);
}

bool arena_resize_large(struct heap *h, pageno p, uint32_t n) {
    uint32_t a = arena_of(h, p) - 1, old = h->pages.tree.length[p];
    if (n < old) free_run(h, a, run_split(&h->pages, p, n));
    if (n <= old) return true;
    pageno q = run_next(&h->pages, p);
    if (!run_may_join(&h->pages, q, RUN_FREE) || h->pages.tree.length[q] < n - old) return false;
    run_cut(&h->pages, arena_pool(a), q, n - old);
    run_use(&h->pages, q);
    run_join(&h->pages, p, q);
    run_own(&h->pages, p);
    return true;
}
