/* huge: the tiling after each step of scripts in a heap of a few chunks. */
#include "tests/metadata.h"
#include "huge.h"

enum {
    P = FIRST_PAGE,
    C = CHUNK_PAGES,
    OTHER = ARENAS < 2 ? 1 : 2, /* owner */
};

static struct pages *ps;

static void start(uint32_t chunks) {
    ps = zeroed(sizeof *ps);
    ps->end = FIRST_PAGE;
    chunks_add(ps, chunks * C);
}

/* Each page of the heap is part of the huge block whose run holds it, or of none. */
static void check_find(void) {
    pageno r = P;
    while (r != ps->end) {
        pageno next = run_next(ps, r);
        bool huge = ps->kind[r] == RUN_HUGE;
        CHECK(tree_contains(&ps->tree, TREE_HUGE, r) == huge);
        CHECK(tree_contains(&ps->tree, TREE_CHUNKS, r) == (ps->kind[r] == RUN_FREE && !run_owner(ps, r)));
        for (pageno p = r; p < next; p++) CHECK(huge_find(ps, p) == (huge ? r : 0));
        r = next;
    }
    CHECK(nil_is_clean(&ps->tree) && run_owner(ps, 0) == 0);
}

#define HOLDS(...) (check_find(), TILED(ps, __VA_ARGS__))

static void test_add(void) {
    start(1);
    CHECK(HOLDS({RUN_FREE, C}));
    chunks_add(ps, 2 * C);
    CHECK(HOLDS({RUN_FREE, 3 * C}));
    CHECK(huge_alloc(ps, 3 * C, 1) == P);
    chunks_add(ps, C);
    CHECK(HOLDS({RUN_HUGE, 3 * C}, {RUN_FREE, C}));
}

static void test_sizes(void) {
    CHECK(whole_chunks(1) == C && whole_chunks(C) == C && whole_chunks(C + 1) == 2 * C);
    start(4);
    CHECK(huge_extent(ps, C + 1, 1) == 2 * C && huge_extent(ps, C, C) == C);
    CHECK(huge_extent(ps, C + 1, 2 * C) == 3 * C && huge_extent(ps, 2 * C, 4 * C) == 5 * C);
    ps->bias = C;
    CHECK(huge_extent(ps, C, C) == C && huge_extent(ps, C, 2 * C) == 2 * C);
    ps->bias = C / 2;
    CHECK(huge_extent(ps, C, C / 2) == C && huge_extent(ps, C, C) == 0 && huge_extent(ps, C, 2 * C) == 0);
    CHECK(huge_alloc(ps, C, C) == 0 && huge_alloc(ps, C, 4 * C) == 0);
    CHECK(HOLDS({RUN_FREE, 4 * C}));
}

/* The lowest free chunks that are enough; the rest stays free; neighbours become one. */
static void test_alloc(void) {
    start(8);
    CHECK(huge_alloc(ps, C + 1, 1) == P);
    CHECK(huge_alloc(ps, C, 1) == P + 2 * C);
    CHECK(huge_alloc(ps, 2 * C, 1) == P + 3 * C);
    CHECK(huge_alloc(ps, C - 1, 1) == P + 5 * C);
    CHECK(HOLDS({RUN_HUGE, 2 * C}, {RUN_HUGE, C}, {RUN_HUGE, 2 * C}, {RUN_HUGE, C}, {RUN_FREE, 2 * C}));
    CHECK(huge_alloc(ps, 2 * C + 1, 1) == 0);
    huge_free(ps, P + 2 * C);
    CHECK(ps->dirty == C);
    CHECK(HOLDS({RUN_HUGE, 2 * C}, {RUN_FREE, C}, {RUN_HUGE, 2 * C}, {RUN_HUGE, C}, {RUN_FREE, 2 * C}));
    CHECK(huge_alloc(ps, C + 1, 1) == P + 6 * C);
    CHECK(huge_alloc(ps, C, 1) == P + 2 * C);
    CHECK(ps->dirty == 0 && huge_alloc(ps, 1, 1) == 0 && chunk_take(ps, 1) == 0);
    huge_free(ps, P);
    huge_free(ps, P + 3 * C);
    CHECK(HOLDS({RUN_FREE, 2 * C}, {RUN_HUGE, C}, {RUN_FREE, 2 * C}, {RUN_HUGE, C}, {RUN_HUGE, 2 * C}));
    huge_free(ps, P + 2 * C);
    CHECK(HOLDS({RUN_FREE, 5 * C}, {RUN_HUGE, C}, {RUN_HUGE, 2 * C}));
    CHECK(ps->dirty == 5 * C && run_dirty(ps, P) == 5 * C);
}

static void test_align(void) {
    start(12);
    ps->bias = (uint32_t)(3 * C - P); /* the address of page P is the one of chunk 3 */
    CHECK(huge_alloc(ps, 1, 4 * C) == P + C);
    CHECK(huge_alloc(ps, 2 * C, 2 * C) == P + 3 * C);
    CHECK(huge_alloc(ps, 1, C) == P);
    CHECK(HOLDS({RUN_HUGE, C}, {RUN_HUGE, C}, {RUN_FREE, C}, {RUN_HUGE, 2 * C}, {RUN_FREE, 7 * C}));
    CHECK(huge_alloc(ps, C, 8 * C) == 0); /* although P + 5 * C is aligned: it need not be */
    CHECK(huge_alloc(ps, C, 4 * C) == P + 5 * C);
    CHECK(huge_alloc(ps, C, 4 * C) == P + 9 * C);
    CHECK(HOLDS({RUN_HUGE, C}, {RUN_HUGE, C}, {RUN_FREE, C}, {RUN_HUGE, 2 * C}, {RUN_HUGE, C},
                {RUN_FREE, 3 * C}, {RUN_HUGE, C}, {RUN_FREE, 2 * C}));
}

/* The capacity is one block at most. */
static void test_full(void) {
    start(8);
    CHECK(huge_alloc(ps, 8 * C, 1) == P && HOLDS({RUN_HUGE, 8 * C}));
    CHECK(huge_alloc(ps, 1, 1) == 0 && chunk_take(ps, 1) == 0);
    CHECK(HOLDS({RUN_HUGE, 8 * C}));
    huge_free(ps, P);
    CHECK(huge_alloc(ps, 8 * C + 1, 1) == 0 && huge_alloc(ps, SLOTS, 1) == 0);
    CHECK(HOLDS({RUN_FREE, 8 * C}) && ps->dirty == 8 * C);
}

static void test_resize(void) {
    start(8);
    pageno a = huge_alloc(ps, 2 * C, 1), b = huge_alloc(ps, C, 1);
    CHECK(!huge_resize(ps, a, 2 * C + 1)); /* a live block is behind it */
    CHECK(huge_resize(ps, a, 2 * C) && huge_resize(ps, a, C + 1));
    CHECK(HOLDS({RUN_HUGE, 2 * C}, {RUN_HUGE, C}, {RUN_FREE, 5 * C}) && ps->dirty == 0);
    CHECK(huge_resize(ps, b, 3 * C - 1)); /* a part of the free chunks */
    CHECK(HOLDS({RUN_HUGE, 2 * C}, {RUN_HUGE, 3 * C}, {RUN_FREE, 3 * C}));
    CHECK(!huge_resize(ps, b, 6 * C + 1));
    CHECK(HOLDS({RUN_HUGE, 2 * C}, {RUN_HUGE, 3 * C}, {RUN_FREE, 3 * C}));
    CHECK(huge_resize(ps, b, 6 * C)); /* all of them */
    CHECK(HOLDS({RUN_HUGE, 2 * C}, {RUN_HUGE, 6 * C}));
    CHECK(!huge_resize(ps, b, 6 * C + 1)); /* the heap's end */
    CHECK(huge_resize(ps, b, 4 * C) && ps->dirty == 2 * C);
    CHECK(HOLDS({RUN_HUGE, 2 * C}, {RUN_HUGE, 4 * C}, {RUN_FREE, 2 * C}));
    CHECK(huge_resize(ps, b, 1) && ps->dirty == 5 * C); /* the rest joins the free chunks behind */
    CHECK(HOLDS({RUN_HUGE, 2 * C}, {RUN_HUGE, C}, {RUN_FREE, 5 * C}));
    CHECK(huge_resize(ps, b, 2 * C) && ps->dirty == 4 * C);
    CHECK(huge_resize(ps, a, 1) && ps->dirty == 5 * C);
    CHECK(HOLDS({RUN_HUGE, C}, {RUN_FREE, C}, {RUN_HUGE, 2 * C}, {RUN_FREE, 4 * C}));
}

/* What is longer elsewhere in a tree does not count, though its root knows of it. */
static void test_roots(void) {
    start(8);
    CHECK(huge_alloc(ps, C, 1) == P && huge_alloc(ps, C, 1) == P + C &&
          huge_alloc(ps, 3 * C, 1) == P + 2 * C);
    CHECK(ps->tree.longest[P + C] == 3 * C && !huge_resize(ps, P + C, 3 * C));
    start(8);
    for (int i = 0; i < 4; i++) huge_alloc(ps, C, 1);
    huge_free(ps, P);
    huge_free(ps, P + 2 * C);
    CHECK(ps->tree.longest[P + 2 * C] == 4 * C && !huge_resize(ps, P + C, 3 * C));
    CHECK(HOLDS({RUN_FREE, C}, {RUN_HUGE, C}, {RUN_FREE, C}, {RUN_HUGE, C}, {RUN_FREE, 4 * C}));
}

/* Chunks that an arena owns, between huge blocks. */
static void test_chunks(void) {
    start(4);
    CHECK(huge_alloc(ps, C, 1) == P);
    CHECK(chunk_take(ps, 1) == P + C && chunk_take(ps, OTHER) == P + 2 * C);
    CHECK(HOLDS({RUN_HUGE, C}, {RUN_FREE, C}, {RUN_FREE, C}, {RUN_FREE, C}));
    CHECK(run_owner(ps, P) == 0 && run_owner(ps, P + C) == 1 && run_owner(ps, P + 2 * C) == OTHER);
    CHECK(tree_first(&ps->tree, run_pool(1)) == P + C &&
          tree_contains(&ps->tree, run_pool(OTHER), P + 2 * C));
    CHECK(!huge_resize(ps, P, C + 1)); /* free pages, but an arena's */
    huge_free(ps, P);
    CHECK(HOLDS({RUN_FREE, C}, {RUN_FREE, C}, {RUN_FREE, C}, {RUN_FREE, C}));
    chunk_give(ps, P + C);
    CHECK(HOLDS({RUN_FREE, 2 * C}, {RUN_FREE, C}, {RUN_FREE, C}) && run_owner(ps, P + C) == 0);
    CHECK(!tree_contains(&ps->tree, run_pool(1), P + C));
    chunk_give(ps, P + 2 * C);
    CHECK(HOLDS({RUN_FREE, 4 * C}) && tree_first(&ps->tree, run_pool(OTHER)) == 0);
}

/* Chunks that are further up than a chunk has pages. */
static void test_far(void) {
    enum { FAR = C + 16 };
    if ((int)HEAP_CHUNKS < FAR + FIRST_CHUNK + 4) return; /* the capacity is less */
    start(FAR + 3);
    pageno own = P + FAR * C, next = own + C;
    CHECK(huge_alloc(ps, FAR * C, 1) == P && chunk_take(ps, OTHER) == own && huge_alloc(ps, C, 1) == next);
    CHECK(run_owner(ps, own) == OTHER && run_owner(ps, own - C) == 0);
    huge_free(ps, next);
    CHECK(TILED(ps, {RUN_HUGE, FAR * C}, {RUN_FREE, C}, {RUN_FREE, 2 * C}));
    chunk_give(ps, own);
    CHECK(TILED(ps, {RUN_HUGE, FAR * C}, {RUN_FREE, 3 * C}) && run_owner(ps, own) == 0);
}

int main(void) {
    test_add();
    test_sizes();
    test_alloc();
    test_align();
    test_full();
    test_resize();
    test_roots();
    test_chunks();
    test_far();
}
