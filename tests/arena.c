/* arena: chunks come and go, large blocks change in place, and arenas leave each other alone. */
#include "tests/metadata.h"

enum {
    P = FIRST_PAGE,
    C = CHUNK_PAGES,
    CLASS = 2,
    N = ARENAS < 3 ? ARENAS : 3, /* arenas */
    BLOCKS = 12,
};

static struct heap *h, *before;
static struct pages *ps;

static void start(uint32_t chunks) {
    h = zeroed(sizeof *h);
    ps = &h->pages;
    sizes_init(&h->sizes);
    h->arenas = N;
    ps->end = FIRST_PAGE;
    chunks_add(ps, chunks * C);
}

static size_t take(uint32_t a, uint32_t c) {
    return arena_take(ps, &h->regions, &h->bins, a + 1, c);
}

static void give(size_t off) {
    arena_give(ps, &h->regions, &h->bins, off);
}

static pageno large(uint32_t a, uint32_t n, uint32_t align) {
    return large_take(ps, a + 1, n, align, RUN_LARGE);
}

static void test_trees(void) {
    for (uint32_t a = 0; a < ARENAS; a++) {
        CHECK(run_pool(a + 1) == TREE_ARENAS + a * (1 + BINS));
        for (uint32_t c = 0; c < BINS; c++)
            CHECK(arena_bin(a + 1, c) == TREE_ARENAS + a * (1 + BINS) + 1 + c);
    }
    CHECK(arena_bin(ARENAS, BINS - 1) == TREES);
}

/* A chunk is taken when no free run fits, and goes back as soon as it is one free run. */
static void test_chunks(void) {
    start(2);
    CHECK(run_owner(ps, P) == 0);
    CHECK(large(0, C - 2, 1) == P && run_owner(ps, P) == 1 && run_owner(ps, P + C) == 0);
    CHECK(large(0, 1, 1) == P + C - 2);
    CHECK(large(0, 2, 1) == P + C && run_owner(ps, P + C) == 1);
    CHECK(TILED(ps, {RUN_LARGE, C - 2}, {RUN_LARGE, 1}, {RUN_FREE, 1}, {RUN_LARGE, 2}, {RUN_FREE, C - 2}));
    heap_copy(before, h);
    CHECK(large(0, C - 1, 1) == 0 && large(N - 1, N == 1 ? C : 1, 1) == 0);
    CHECK(heap_same(before, h));
    large_give(ps, P);
    CHECK(TILED(ps, {RUN_FREE, C - 2}, {RUN_LARGE, 1}, {RUN_FREE, 1}, {RUN_LARGE, 2}, {RUN_FREE, C - 2}));
    large_give(ps, P + C);
    CHECK(run_owner(ps, P + C) == 0 && run_owner(ps, P) == 1);
    large_give(ps, P + C - 2);
    CHECK(TILED(ps, {RUN_FREE, 2 * C}) && run_owner(ps, P) == 0 && ps->dirty == C + 1);
    CHECK(large(N - 1, C, 1) == P && run_owner(ps, P) == N && ps->dirty == 2);
    CHECK(TILED(ps, {RUN_LARGE, C}, {RUN_FREE, C}));
    large_give(ps, P);
    CHECK(TILED(ps, {RUN_FREE, 2 * C}) && run_owner(ps, P) == 0);
}

static void test_align(void) {
    start(2);
    ps->bias = 1;
    CHECK(P % 4 == 0 && large(0, 2, 4) == P + 3);
    CHECK(large(0, 3, 1) == P);
    CHECK(large(0, C - 3, 4) == P + C + 3);
    CHECK(TILED(ps, {RUN_LARGE, 3}, {RUN_LARGE, 2}, {RUN_FREE, C - 5}, {RUN_FREE, 3}, {RUN_LARGE, C - 3}));
}

/* A bin gets a run when it has none with a free region, and an empty run goes back. */
static void test_bins(void) {
    start(1);
    uint32_t pages = class_pages(CLASS), n = class_regions(CLASS), runs = C / pages;
    CHECK(class_pages(0) == 1 && h->bins.runcur[arena_bin(1, CLASS)] == 0);
    for (uint32_t i = 0; i < runs; i++) {
        for (uint32_t j = 0; j < n; j++) {
            size_t off = (size_t)(P + i * pages) * PAGE + j * class_bytes(CLASS);
            CHECK(take(0, CLASS) == off && region_class(&h->regions, off) == CLASS);
        }
        CHECK(h->bins.runcur[arena_bin(1, CLASS)] == 0 && ps->kind[P + i * pages] == RUN_BIN);
    }
    CHECK(take(0, CLASS) == 0 && take(0, 0) == (runs * pages < C ? (P + C - 1) * PAGE : 0));
    start(1);
    size_t a = take(0, CLASS), b = take(0, 0);
    CHECK(a == (size_t)P * PAGE && b == (size_t)(P + pages) * PAGE);
    CHECK(TILED(ps, {RUN_BIN, pages}, {RUN_BIN, 1}, {RUN_FREE, C - pages - 1}));
    CHECK(h->bins.runcur[arena_bin(1, CLASS)] == P && h->bins.runcur[arena_bin(1, 0)] == P + pages);
    give(a);
    CHECK(TILED(ps, {RUN_FREE, pages}, {RUN_BIN, 1}, {RUN_FREE, C - pages - 1}));
    CHECK(h->bins.runcur[arena_bin(1, CLASS)] == 0 && ps->dirty == pages);
    give(b);
    CHECK(TILED(ps, {RUN_FREE, C}) && run_owner(ps, P) == 0 && ps->dirty == pages + 1);
}

static void test_resize(void) {
    start(2);
    CHECK(large(0, 4, 1) == P && large(0, 4, 1) == P + 4);
    CHECK(!large_resize(ps, P, 5)); /* the run behind is live */
    CHECK(large_resize(ps, P, 4) && ps->dirty == 0);
    CHECK(large_resize(ps, P, 1) && ps->dirty == 3);
    CHECK(TILED(ps, {RUN_LARGE, 1}, {RUN_FREE, 3}, {RUN_LARGE, 4}, {RUN_FREE, C - 8}, {RUN_FREE, C}));
    CHECK(!large_resize(ps, P, 5) && large_resize(ps, P, 3) && ps->dirty == 1);
    CHECK(TILED(ps, {RUN_LARGE, 3}, {RUN_FREE, 1}, {RUN_LARGE, 4}, {RUN_FREE, C - 8}, {RUN_FREE, C}));
    CHECK(large_resize(ps, P, 4) && ps->dirty == 0); /* exactly what is free */
    CHECK(!large_resize(ps, P + 4, C - 3));          /* beyond the chunk, which is free */
    CHECK(large_resize(ps, P + 4, C - 4));
    CHECK(TILED(ps, {RUN_LARGE, 4}, {RUN_LARGE, C - 4}, {RUN_FREE, C}));
    CHECK(!large_resize(ps, P + 4, C - 3) && run_owner(ps, P + C) == 0);
    CHECK(large(0, 2, 1) == P + C && large(0, 3, 1) == P + C + 2);
    large_give(ps, P + C);
    CHECK(!large_resize(ps, P + 4, C - 3)); /* beyond the chunk, where the arena has free pages */
    large_give(ps, P + C + 2);
    CHECK(large_resize(ps, P + 4, 2) && ps->dirty == C - 1);
    CHECK(TILED(ps, {RUN_LARGE, 4}, {RUN_LARGE, 2}, {RUN_FREE, C - 6}, {RUN_FREE, C}));
}

/* A longer free run elsewhere in the pool does not count, though its root knows of it. */
static void test_roots(void) {
    start(1);
    for (int i = 0; i < 4; i++) large(0, 1, 1);
    large_give(ps, P);
    large_give(ps, P + 2);
    CHECK(ps->tree.longest[P + 2] == C - 4 && !large_resize(ps, P + 1, 3));
    CHECK(TILED(ps, {RUN_FREE, 1}, {RUN_LARGE, 1}, {RUN_FREE, 1}, {RUN_LARGE, 1}, {RUN_FREE, C - 4}));
}

/* Whether all that belongs to arena b is in h what it is in `before`. */
static bool arena_same(uint32_t b) {
    const struct links *x = &before->pages.tree.links, *y = &ps->tree.links;
    size_t header = run_pool(b + 1), headers = (1 + BINS) * sizeof(pageno);
    for (pageno p = P; p < ps->end; p = (pageno)(p + C)) {
        bool owned = run_owner(ps, p) == b + 1;
        if (owned != (run_owner(&before->pages, p) == b + 1)) return false;
        if (owned && !chunks_same(before, h, p / C, p / C + 1u)) return false;
    }
    return memcmp(x->right + header, y->right + header, headers) == 0 &&
           memcmp(x->left + header, y->left + header, headers) == 0 &&
           memcmp(before->bins.runcur + header, h->bins.runcur + header, headers) == 0;
}

/* A block at random, large or small, of arena a; it may be freed or resized instead. */
static void random_step(uint32_t a, size_t *off) {
    pageno p = (pageno)(*off / PAGE);
    if (*off == 0) {
        *off = below(2) == 0 ? take(a, below(BINS)) : PAGE * (size_t)large(a, 1 + below(C), 1);
    } else if (region_is_live(&h->regions, *off)) {
        give(*off);
        *off = 0;
    } else if (below(2) == 0) {
        large_resize(ps, p, 1 + below(C));
    } else {
        large_give(ps, p);
        *off = 0;
    }
}

static void test_frame(void) {
    static size_t block[N][BLOCKS];
    start(6);
    for (int n = 0; n < 300; n++) {
        uint32_t a = below(N);
        heap_copy(before, h);
        random_step(a, &block[a][below(BLOCKS)]);
        for (uint32_t b = 0; b < N; b++) CHECK(b == a || arena_same(b));
    }
    for (uint32_t a = 0; a < N; a++) {
        for (int i = 0; i < BLOCKS; i++) {
            if (block[a][i] == 0) continue;
            if (region_is_live(&h->regions, block[a][i])) {
                give(block[a][i]);
            } else {
                large_give(ps, (pageno)(block[a][i] / PAGE));
            }
        }
    }
    CHECK(TILED(ps, {RUN_FREE, 6 * C}));
}

int main(void) {
    before = zeroed(sizeof *before);
    test_trees();
    test_chunks();
    test_align();
    test_bins();
    test_resize();
    test_roots();
    test_frame();
}
