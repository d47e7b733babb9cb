/* run: the tiling after each step of scripts in a heap of three chunks. */
#include "tests/metadata.h"
#include "run.h"

enum {
    P = FIRST_PAGE,
    C = CHUNK_PAGES,
    OWNER = 1,
};

static struct pages *ps;

/* A free run of n pages at the end of the heap. */
static void add(uint32_t n, uint32_t owner) {
    pageno p = ps->end;
    ps->end = (pageno)(p + n);
    for (uint32_t i = 0; i < n; i += C) ps->owner[(p + i) / C] = (uint16_t)owner;
    run_make(ps, p, n, RUN_FREE);
    run_give(ps, p);
}

/* A heap of three chunks, each of the owner. */
static void start(uint32_t owner) {
    ps = zeroed(sizeof *ps);
    ps->end = FIRST_PAGE;
    for (int i = 0; i < 3; i++) add(C, owner);
}

/* A large block in the lowest free run that is long enough. */
static pageno take(uint32_t n, uint32_t align) {
    pageno r = tree_first_fit(&ps->tree, run_pool(OWNER), n + align - 1);
    r = run_take(ps, r, n, align, RUN_LARGE);
    run_use(ps, r);
    run_own(ps, r);
    return r;
}

static pageno give(pageno r) {
    run_soil(ps, r);
    return run_give(ps, r);
}

/* Whether the pool has the n free runs that start at the pages, and no other. */
static bool pool_is(uint32_t owner, const uint32_t *page, unsigned n) {
    pageno r = tree_first(&ps->tree, run_pool(owner));
    for (unsigned i = 0; i < n; i++) {
        if (r != page[i] || ps->tree.longest[r] < ps->tree.length[r]) return false;
        r = tree_next(&ps->tree, r);
    }
    return r == 0;
}
#define POOL(owner, ...)                            \
    pool_is(owner, (const uint32_t[]){__VA_ARGS__}, \
            sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void test_owners(void) {
    start(OWNER);
    CHECK(run_owner(ps, P - 1) == 0 && run_owner(ps, P) == OWNER && run_owner(ps, P + 3 * C - 1) == OWNER);
    CHECK(run_pool(0) == TREE_CHUNKS && run_pool(1) == 3 && run_pool(2) == 4 + BINS);
}

/* Chunk borders separate the free runs of an owner, not those of nobody. */
static void test_borders(void) {
    start(OWNER);
    CHECK(TILED(ps, {RUN_FREE, C}, {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(POOL(OWNER, P, P + C, P + 2 * C));
    CHECK(!run_may_join(ps, P + C));
    start(0);
    CHECK(TILED(ps, {RUN_FREE, 3 * C}));
    CHECK(POOL(0, P));
    ps->kind[P + 3 * C] = RUN_FREE; /* behind the end, where nobody looks */
    CHECK(!run_may_join(ps, P + 3 * C));

    ps = zeroed(sizeof *ps);
    ps->end = FIRST_PAGE;
    add(C, 0);
    add(C, OWNER);
    add(C, 0);
    CHECK(TILED(ps, {RUN_FREE, C}, {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(POOL(0, P, P + 2 * C));
    CHECK(POOL(OWNER, P + C));

    start(0);
    run_cut(ps, P, C);
    CHECK(POOL(0, P + C));
    CHECK(run_may_join(ps, P + C));
    ps->kind[P] = RUN_HUGE;
    CHECK(TILED(ps, {RUN_HUGE, C}, {RUN_FREE, 2 * C}));
    CHECK(run_give(ps, P) == P && TILED(ps, {RUN_FREE, 3 * C}));
}

static void test_coalesce(void) {
    start(OWNER);
    pageno a = take(3, 1), b = take(4, 1), c = take(5, 1), d = take(6, 1);
    CHECK(a == P && b == P + 3 && c == P + 7 && d == P + 12);
    CHECK(TILED(ps, {RUN_LARGE, 3}, {RUN_LARGE, 4}, {RUN_LARGE, 5}, {RUN_LARGE, 6}, {RUN_FREE, C - 18},
                {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(give(b) == b); /* no free neighbour */
    CHECK(TILED(ps, {RUN_LARGE, 3}, {RUN_FREE, 4}, {RUN_LARGE, 5}, {RUN_LARGE, 6}, {RUN_FREE, C - 18},
                {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(POOL(OWNER, b, P + 18, P + C, P + 2 * C));
    CHECK(give(a) == a); /* behind it */
    CHECK(TILED(ps, {RUN_FREE, 7}, {RUN_LARGE, 5}, {RUN_LARGE, 6}, {RUN_FREE, C - 18}, {RUN_FREE, C},
                {RUN_FREE, C}));
    CHECK(POOL(OWNER, a, P + 18, P + C, P + 2 * C));
    CHECK(give(c) == a); /* before it */
    CHECK(TILED(ps, {RUN_FREE, 12}, {RUN_LARGE, 6}, {RUN_FREE, C - 18}, {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(ps->tree.longest[a] == 12 && tree_first_fit(&ps->tree, run_pool(OWNER), 12) == a);
    CHECK(give(d) == a); /* on both sides */
    CHECK(TILED(ps, {RUN_FREE, C}, {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(POOL(OWNER, P, P + C, P + 2 * C));

    a = take(C, 1), b = take(C, 1);
    CHECK(TILED(ps, {RUN_LARGE, C}, {RUN_LARGE, C}, {RUN_FREE, C}));
    CHECK(give(b) == b && TILED(ps, {RUN_LARGE, C}, {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(give(a) == a && TILED(ps, {RUN_FREE, C}, {RUN_FREE, C}, {RUN_FREE, C}));
}

/* The lowest run that is long enough, not the best. */
static void test_first_fit(void) {
    start(OWNER);
    pageno a = take(9, 1), b = take(1, 1), c = take(4, 1);
    take(1, 1);
    give(a);
    give(c);
    CHECK(TILED(ps, {RUN_FREE, 9}, {RUN_LARGE, 1}, {RUN_FREE, 4}, {RUN_LARGE, 1}, {RUN_FREE, C - 15},
                {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(take(4, 1) == P && take(6, 1) == P + 15 && take(5, 1) == P + 4 && take(4, 1) == b + 1);
    CHECK(take(C, 1) == P + C);
}

static void test_align(void) {
    start(OWNER);
    ps->bias = 0xfffffffd; /* page P + 3 lies at a multiple of 2^32 pages, if P is one of 8 */
    CHECK(P % 8 == 0);
    CHECK(run_misalignment(ps, P, 1) == 0 && run_misalignment(ps, P, 2) == 1);
    CHECK(run_misalignment(ps, P + 1, 8) == 6 && run_misalignment(ps, P + 3, 8) == 0);
    ps->tree.links.parent[P + 3] = P + C; /* remains */
    CHECK(take(4, 8) == P + 3);           /* pages are skipped */
    CHECK(TILED(ps, {RUN_FREE, 3}, {RUN_LARGE, 4}, {RUN_FREE, C - 7}, {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(POOL(OWNER, P, P + 7, P + C, P + 2 * C));
    CHECK(take(4, 2) == P + 7); /* aligned as it is */
    CHECK(TILED(ps, {RUN_FREE, 3}, {RUN_LARGE, 4}, {RUN_LARGE, 4}, {RUN_FREE, C - 11}, {RUN_FREE, C},
                {RUN_FREE, C}));
    CHECK(take(C - 11, 1) == P + 11);
    CHECK(take(C - 7, 8) == P + C + 3); /* no more than what an aligned block may need */
    CHECK(TILED(ps, {RUN_FREE, 3}, {RUN_LARGE, 4}, {RUN_LARGE, 4}, {RUN_LARGE, C - 11}, {RUN_FREE, 3},
                {RUN_LARGE, C - 7}, {RUN_FREE, 4}, {RUN_FREE, C}));
}

static void test_split(void) {
    start(OWNER);
    pageno r = take(10, 1);
    CHECK(run_next(ps, r) == P + 10);
    CHECK(run_split(ps, r, 4) == P + 4);
    CHECK(ps->kind[P + 4] == RUN_LARGE && ps->tree.length[P + 4] == 6 && ps->head[P + 3] == P);
    ps->head[P + 4] = 0;
    run_own(ps, P + 4);
    CHECK(TILED(ps, {RUN_LARGE, 4}, {RUN_LARGE, 6}, {RUN_FREE, C - 10}, {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(run_holds(ps, P, P) && run_holds(ps, P, P + 3) && !run_holds(ps, P, P + 4));
    CHECK(!run_holds(ps, P + 4, P + 3) && !run_holds(ps, P + 5, P + 5));
    run_join(ps, P, P + 4);
    run_own(ps, P);
    CHECK(TILED(ps, {RUN_LARGE, 10}, {RUN_FREE, C - 10}, {RUN_FREE, C}, {RUN_FREE, C}));

    CHECK(!run_may_join(ps, P) && run_may_join(ps, P + 10) && !run_may_join(ps, P + 11));
    run_cut(ps, P + 10, C - 10);
    CHECK(POOL(OWNER, P + C, P + 2 * C));
    CHECK(ps->kind[P + 10] == RUN_FREE && ps->tree.length[P + 10] == C - 10);
}

/* Pages are dirty once freed, until somebody says that they are zero. */
static void test_dirty(void) {
    start(OWNER);
    pageno a = take(5, 1);
    CHECK(ps->dirty == 0 && run_dirty(ps, a) == 0);
    give(a);
    CHECK(ps->dirty == 5 && run_dirty(ps, P) == 5);
    for (pageno p = P; p < P + C; p++) CHECK(ps->state[p] == (p < P + 5 ? PAGE_DIRTY : PAGE_FRESH));
    a = take(2, 1);
    CHECK(ps->dirty == 3 && run_dirty(ps, a) == 2 && ps->state[a] == PAGE_DIRTY);
    ps->state[P + 2] = PAGE_PURGED;
    ps->dirty = 2;
    pageno b = take(4, 1);
    CHECK(ps->dirty == 0 && run_dirty(ps, b) == 2);
    give(a);
    CHECK(ps->dirty == 2 && run_dirty(ps, P) == 2);
    give(b);
    CHECK(ps->dirty == 6 && run_dirty(ps, P) == 6);
    for (pageno p = P; p < P + C; p++) CHECK(ps->state[p] == (p < P + 6 ? PAGE_DIRTY : PAGE_FRESH));
}

int main(void) {
    test_owners();
    test_borders();
    test_coalesce();
    test_first_fit();
    test_align();
    test_split();
    test_dirty();
}
