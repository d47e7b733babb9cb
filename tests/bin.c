/* bin: one bin, against the rules: the lowest free region of the lowest run that has one. */
#include "tests/metadata.h"
#include "bin.h"

enum {
    CLASS = 2, /* its runs have a rest behind the last region */
    BIN = 5,
    RUNS = 6,
    REGIONS_MAX = PAGE,
};

static struct regions *rs;
static struct tree *t;
static pageno runcur;

/* The model: which regions of run i, at page run(i), are live; whether it is a run of the bin at all. */
static bool live[RUNS][REGIONS_MAX], exists[RUNS];

static pageno run(unsigned i) {
    return (pageno)(FIRST_PAGE + 3 + i * class_pages(CLASS));
}

static size_t region(unsigned i, uint32_t j) {
    return (size_t)run(i) * PAGE + j * class_bytes(CLASS);
}

static uint32_t nfree(unsigned i) {
    uint32_t n = 0;
    for (uint32_t j = 0; j < class_regions(CLASS); j++) n += !live[i][j];
    return n;
}

static void start(void) {
    rs = zeroed(sizeof *rs);
    t = zeroed(sizeof *t);
    runcur = 0;
    memset(live, 0, sizeof live);
    memset(exists, 0, sizeof exists);
}

/* The bin knows exactly the runs that have a free region, and each knows how many. */
static void check_bin(void) {
    pageno next = runcur;
    for (unsigned i = 0; i < RUNS; i++) {
        if (!exists[i]) continue;
        CHECK(rs->runs.nfree[run(i)] == nfree(i) && rs->runs.class[run(i)] == CLASS);
        for (uint32_t j = 0; j < class_regions(CLASS); j++) {
            CHECK(region_is_live(rs, region(i, j)) == live[i][j]);
            CHECK(!live[i][j] || region_class(rs, region(i, j)) == CLASS);
            CHECK(rs->tags.tag[region(i, j) / QUANTUM - FIRST_PAGE * PAGE_QUANTA] ==
                  (live[i][j] ? CLASS + 1 : 0));
        }
        if (nfree(i) == 0) continue;
        CHECK(next == run(i));
        next = next == runcur ? tree_first(t, BIN) : tree_next(t, next);
    }
    CHECK(next == 0 && nil_is_clean(t));
}

static void add(unsigned i) {
    t->length[run(i)] = (pageno)class_pages(CLASS);
    rs->runs.low[run(i)] = 7; /* remains */
    regions_init(rs, run(i), CLASS);
    bin_add(t, &runcur, BIN, run(i));
    exists[i] = true;
    check_bin();
}

static void take(void) {
    unsigned i = 0;
    uint32_t j = 0;
    while (!exists[i] || nfree(i) == 0) i++;
    while (live[i][j]) j++;
    CHECK(bin_take(rs, t, &runcur, BIN) == region(i, j));
    live[i][j] = true;
    check_bin();
}

static void give(unsigned i, uint32_t j) {
    live[i][j] = false;
    exists[i] = nfree(i) < class_regions(CLASS);
    CHECK(bin_give(rs, t, &runcur, BIN, run(i), region(i, j)) == !exists[i]);
    check_bin();
}

/* The runs come in this order: one above runcur, one between, one below. */
static void test_add(void) {
    CHECK(runcur == 0);
    add(2);
    CHECK(runcur == run(2) && tree_first(t, BIN) == 0);
    add(4);
    CHECK(runcur == run(2) && tree_first(t, BIN) == run(4));
    add(3);
    CHECK(runcur == run(2) && tree_first(t, BIN) == run(3));
    add(1);
    CHECK(runcur == run(1) && tree_first(t, BIN) == run(2) && tree_last(t, BIN) == run(4));
}

/* A full run leaves, and is back with one free region; below runcur it takes its place. */
static void test_full(void) {
    uint32_t n = class_regions(CLASS);
    for (uint32_t j = 0; j < n; j++) {
        CHECK(runcur == run(1) && rs->runs.low[run(1)] == j * class_quanta(CLASS));
        take();
    }
    CHECK(runcur == run(2) && tree_first(t, BIN) == run(3));
    CHECK(!tree_contains(t, BIN, run(1)) && rs->runs.nfree[run(1)] == 0);
    for (uint32_t j = 0; j < n; j++) take();
    CHECK(runcur == run(3));
    give(2, 7);
    CHECK(runcur == run(2) && tree_first(t, BIN) == run(3) && rs->runs.nfree[run(2)] == 1);
    give(1, 9);
    give(1, 4);
    CHECK(runcur == run(1) && tree_first(t, BIN) == run(2));
    take();
    CHECK(region_is_live(rs, region(1, 4)) && runcur == run(1)); /* the lowest, not the last freed */
    take();
    CHECK(runcur == run(2));
}

/* An empty run leaves, be it runcur, in the tree, or the last one. */
static void test_empty(void) {
    for (uint32_t j = class_regions(CLASS); j-- > 0;) give(1, j);
    CHECK(runcur == run(2) && !exists[1]);
    take();
    CHECK(runcur == run(3));
    take();
    give(2, 0);
    give(3, 0);
    CHECK(!exists[3] && runcur == run(2) && tree_first(t, BIN) == run(4) && tree_last(t, BIN) == run(4));
    for (uint32_t j = 1; j < class_regions(CLASS); j++) give(2, j);
    CHECK(runcur == run(4) && tree_first(t, BIN) == 0);
    take();
    give(4, 0);
    CHECK(runcur == 0 && tree_first(t, BIN) == 0);
}

static void test_random(void) {
    for (unsigned n = 0, fill = 0; n < 6000; n++) {
        if (n % 700 == 0) fill = 2 + below(7);
        unsigned i = below(RUNS);
        uint32_t j = below(class_regions(CLASS));
        if (live[i][j] && below(10) >= fill) {
            give(i, j);
        } else if (runcur != 0) {
            take();
        } else if (!exists[i]) {
            add(i);
            take();
        }
    }
}

static void test_verdict(void) {
    add(0);
    for (int n = 0; n < 3; n++) take();
    give(0, 1);
    CHECK(region_is_live(rs, region(0, 0)) && !region_is_live(rs, region(0, 1)));
    CHECK(region_verdict(rs, run(0), region(0, 0) + QUANTUM) == HEAP_INTERIOR);
    CHECK(region_verdict(rs, run(0), region(0, 1) - QUANTUM) == HEAP_INTERIOR);
    CHECK(region_verdict(rs, run(0), region(0, 1)) == HEAP_DOUBLE_FREE);
    CHECK(region_verdict(rs, run(0), region(0, 1) + QUANTUM) == HEAP_UNALLOCATED);
    CHECK(region_verdict(rs, run(0), region(0, 3)) == HEAP_DOUBLE_FREE); /* a region that never was live */
    size_t last = region(0, class_regions(CLASS) - 1), rest = region(0, class_regions(CLASS));
    CHECK(region_verdict(rs, run(0), last) == HEAP_DOUBLE_FREE);
    CHECK(region_verdict(rs, run(0), rest) == HEAP_UNALLOCATED);
    while (nfree(0) > 0) take();
    CHECK(region_verdict(rs, run(0), rest - QUANTUM) == HEAP_INTERIOR);
    CHECK(region_verdict(rs, run(0), rest) == HEAP_UNALLOCATED);
}

int main(void) {
    CHECK(class_regions(CLASS) * class_bytes(CLASS) < class_pages(CLASS) * PAGE);
    start();
    test_add();
    test_full();
    test_empty();
    start();
    test_random();
    start();
    test_verdict();
}
