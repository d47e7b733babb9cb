/* heap: scripts with exact offsets, every verdict, every border between the kinds of blocks. */
#include "tests/metadata.h"
#include "heap.h"

enum {
    P = FIRST_PAGE,
    C = CHUNK_PAGES,
    Q = QUANTUM,
    ROOM = HEAP_CHUNKS - FIRST_CHUNK, /* chunks */
    SMALL = 3 * Q,                    /* a class with a rest behind its last region */
};

static const size_t base = (size_t)P * PAGE, heap_max = (size_t)SLOTS * PAGE;
static struct heap *h, *before;

static void start(uint32_t chunks, uint32_t base_page) {
    if (h != NULL) CHECK(munmap(h, sizeof *h) == 0);
    h = zeroed(sizeof *h);
    heap_init(h, ARENAS, base_page);
    CHECK(h->arenas == ARENAS && h->pages.end == P && h->pages.bias == base_page);
    CHECK(heap_grow(h, chunks) == (chunks > 0));
}

/* Checks the condition, and that nothing has changed. */
#define REFUSED(condition)           \
    do {                             \
        heap_copy(before, h);        \
        CHECK(condition);            \
        CHECK(heap_same(before, h)); \
    } while (0)

/* Whether every operation on off answers v and changes nothing. */
static bool refuses(size_t off, enum verdict v) {
    heap_copy(before, h);
    return heap_verdict(h, off) == v && heap_usable(h, off) == 0 && heap_free(h, off) == v &&
           heap_free_sized(h, off, 1, 1) == v && heap_resize(h, off, 1) == v && heap_same(before, h);
}

/* A new block of arena 0 at this offset from the lowest page. */
static bool gets(size_t bytes, size_t align, size_t off) {
    return heap_alloc(h, 0, bytes, align) == base + off && heap_verdict(h, base + off) == HEAP_OK &&
           heap_usable(h, base + off) == heap_good_size(h, bytes, align);
}

static bool frees(size_t off) {
    return heap_free(h, base + off) == HEAP_OK;
}

static void test_dispatch(void) {
    start(6, -(uint32_t)P); /* the heap lies at address 0 */
    CHECK(gets(SMALL_MAX, 1, 0) && h->pages.kind[P] == RUN_BIN && heap_usable(h, base) == SMALL_MAX);
    size_t run = class_pages(BINS - 1) * PAGE, large = SMALL_MAX / PAGE * PAGE + PAGE;
    CHECK(gets(SMALL_MAX + 1, 1, run) && heap_usable(h, base + run) == large);
    CHECK(gets(CHUNK, 1, CHUNK) && heap_usable(h, base + CHUNK) == CHUNK);
    CHECK(gets(CHUNK + 1, 1, 2 * CHUNK) && heap_usable(h, base + 2 * CHUNK) == 2 * CHUNK);
    CHECK(gets(SMALL_MAX, PAGE * 2, run + large + PAGE)); /* large, for its alignment */
    CHECK(gets(1, CHUNK * 2, 4 * CHUNK) && heap_usable(h, base + 4 * CHUNK) == CHUNK);
    CHECK(TILED(&h->pages, {RUN_BIN, (uint32_t)run / PAGE}, {RUN_LARGE, (uint32_t)large / PAGE},
                {RUN_FREE, 1}, {RUN_LARGE, SMALL_MAX / PAGE},
                {RUN_FREE, C - (uint32_t)(run + large + SMALL_MAX) / PAGE - 1}, {RUN_LARGE, C},
                {RUN_HUGE, 2 * C}, {RUN_HUGE, C}, {RUN_FREE, C}));
}

/* An alignment is served by a class that is a multiple of it, up to a page. */
static void test_small_align(void) {
    start(1, 0);
    CHECK(gets(1, PAGE / 2, 0) && heap_usable(h, base) == PAGE / 2);
    start(1, 0);
    CHECK(gets(1, PAGE, 0) && heap_usable(h, base) == PAGE && h->pages.kind[P] == RUN_BIN);
}

static void test_script(void) {
    const size_t large = SMALL_MAX / PAGE * PAGE + PAGE;
    start(4, 0);
    CHECK(gets(0, 1, 0) && gets(1, 1, Q) && gets(Q, 1, 2 * Q));
    CHECK(gets(Q + 1, 1, PAGE));
    CHECK(gets(SMALL_MAX + 1, 1, 2 * PAGE));
    CHECK(frees(Q) && frees(0) && gets(Q, 1, 0) && gets(Q, 1, Q) && gets(Q, 1, 3 * Q));
    CHECK(frees(PAGE) && gets(SMALL_MAX + 1, 1, 2 * PAGE + large)); /* one free page is not enough */
    CHECK(gets(2 * Q, 1, PAGE) && gets(2 * Q, 1, PAGE + 2 * Q));
    CHECK(frees(2 * PAGE) && gets(2 * Q, 2 * Q, PAGE + 4 * Q) && gets(SMALL_MAX + 1, 1, 2 * PAGE));
    CHECK(gets(2 * CHUNK, 1, CHUNK) && gets(CHUNK - PAGE, 1, 3 * CHUNK));
    REFUSED(heap_alloc(h, 0, CHUNK, 1) == 0 && heap_alloc(h, 0, CHUNK + 1, 1) == 0);
    CHECK(frees(CHUNK) && gets(CHUNK + 1, 1, CHUNK) && frees(CHUNK) && gets(CHUNK, 1, CHUNK));
    CHECK(frees(CHUNK) && frees(3 * CHUNK) && frees(2 * PAGE) && frees(2 * PAGE + large));
    CHECK(frees(PAGE) && frees(PAGE + 2 * Q) && frees(PAGE + 4 * Q));
    CHECK(frees(0) && frees(Q) && frees(2 * Q) && frees(3 * Q));
    CHECK(TILED(&h->pages, {RUN_FREE, 4 * C}));
    heap_alloc(h, ARENAS - 1, 1, 1);
    CHECK(run_owner(&h->pages, P) == ARENAS);
}

/* All free pages that are dirty are given back: `n` pages, in this many runs. */
static void purge(unsigned runs, uint32_t n) {
    uint32_t page, length, from = 0;
    CHECK(h->pages.dirty == n);
    for (unsigned i = 0; i < runs; i++) {
        length = heap_dirty(h, from, &page);
        CHECK(length > 0 && run_dirty(&h->pages, (pageno)page) > 0);
        from = page + length;
        heap_purged(h, page, length);
    }
    CHECK(heap_dirty(h, from, &page) == 0 && heap_dirty(h, 0, &page) == 0 && h->pages.dirty == 0);
}

static void test_verdicts(void) {
    start(6, 0);
    const size_t run = class_pages(2) * PAGE, rest = class_regions(2) * SMALL, end = 6 * CHUNK;
    CHECK(gets(SMALL, 1, 0) && gets(SMALL, 1, SMALL) && gets(SMALL, 1, 2 * SMALL) && frees(SMALL));
    CHECK(gets(20 * PAGE, 1, run) && frees(run) && gets(10 * PAGE, 1, run));
    CHECK(gets(2 * CHUNK, 1, CHUNK) && gets(2 * CHUNK, 1, 3 * CHUNK) && frees(3 * CHUNK));
    const struct {
        size_t off;
        enum verdict verdict, purged;
    } bad[] = {
        {0 - base, HEAP_FOREIGN, HEAP_FOREIGN},
        {1 - base, HEAP_FOREIGN, HEAP_FOREIGN},
        {(size_t)0 - Q, HEAP_FOREIGN, HEAP_FOREIGN},
        {end, HEAP_FOREIGN, HEAP_FOREIGN},
        {SIZE_MAX - base, HEAP_FOREIGN, HEAP_FOREIGN},
        {1, HEAP_UNALIGNED, HEAP_UNALIGNED},
        {Q - 1, HEAP_UNALIGNED, HEAP_UNALIGNED},
        {run + Q / 2, HEAP_UNALIGNED, HEAP_UNALIGNED},
        {end - 1, HEAP_UNALIGNED, HEAP_UNALIGNED},
        {Q, HEAP_INTERIOR, HEAP_INTERIOR},
        {SMALL - Q, HEAP_INTERIOR, HEAP_INTERIOR},
        {run + Q, HEAP_INTERIOR, HEAP_INTERIOR},
        {run + PAGE, HEAP_INTERIOR, HEAP_INTERIOR},
        {run + 10 * PAGE - Q, HEAP_INTERIOR, HEAP_INTERIOR},
        {CHUNK + PAGE, HEAP_INTERIOR, HEAP_INTERIOR},
        {2 * CHUNK, HEAP_INTERIOR, HEAP_INTERIOR},
        {3 * CHUNK - Q, HEAP_INTERIOR, HEAP_INTERIOR},
        {SMALL, HEAP_DOUBLE_FREE, HEAP_DOUBLE_FREE},
        {SMALL + Q, HEAP_UNALLOCATED, HEAP_UNALLOCATED},
        {rest, HEAP_UNALLOCATED, HEAP_UNALLOCATED},
        {run + 10 * PAGE, HEAP_DOUBLE_FREE, HEAP_PURGED},
        {run + 15 * PAGE + Q, HEAP_DOUBLE_FREE, HEAP_PURGED},
        {run + 20 * PAGE, HEAP_UNALLOCATED, HEAP_UNALLOCATED},
        {CHUNK - Q, HEAP_UNALLOCATED, HEAP_UNALLOCATED},
        {3 * CHUNK, HEAP_DOUBLE_FREE, HEAP_PURGED},
        {5 * CHUNK - Q, HEAP_DOUBLE_FREE, HEAP_PURGED},
        {5 * CHUNK, HEAP_UNALLOCATED, HEAP_UNALLOCATED},
        {end - Q, HEAP_UNALLOCATED, HEAP_UNALLOCATED},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) CHECK(refuses(base + bad[i].off, bad[i].verdict));
    purge(2, 10 + 2 * C);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) CHECK(refuses(base + bad[i].off, bad[i].purged));
    CHECK(heap_verdict(h, base) == HEAP_OK && heap_verdict(h, base + 2 * SMALL) == HEAP_OK);
    CHECK(heap_verdict(h, base + run) == HEAP_OK && heap_verdict(h, base + CHUNK) == HEAP_OK);
}

/* A block reads as zero if its pages were never used, or purged since. */
static void test_zero(void) {
    uint32_t page = 0;
    start(4, 0);
    CHECK(heap_dirty(h, 0, &page) == 0);
    CHECK(gets(20 * PAGE, 1, 0) && heap_is_zero(h, base) && frees(0));
    CHECK(gets(21 * PAGE, 1, 0) && !heap_is_zero(h, base) && frees(0));
    CHECK(gets(11 * PAGE, 1, 0) && !heap_is_zero(h, base));
    CHECK(gets(1, 1, 11 * PAGE) && !heap_is_zero(h, base + 11 * PAGE));
    CHECK(frees(0) && h->pages.dirty == 20);
    CHECK(heap_dirty(h, 0, &page) == 11 && page == P);
    CHECK(heap_dirty(h, P - 1, &page) == 11 && heap_dirty(h, P + 1, &page) == 0);
    CHECK(heap_dirty(h, P + 11, &page) == C - 12 && page == P + 12);
    h->pages.kind[P + 4 * C] = RUN_FREE; /* behind the end, where nobody looks */
    CHECK(heap_dirty(h, P + C, &page) == 0);
    h->pages.kind[P + 4 * C] = RUN_INSIDE;
    heap_purged(h, P, 11);
    CHECK(h->pages.dirty == 9 && h->pages.state[P] == PAGE_PURGED && heap_dirty(h, 0, &page) == C - 12);
    CHECK(h->pages.state[P + 10] == PAGE_PURGED && h->pages.state[P + 11] == PAGE_DIRTY);
    CHECK(gets(11 * PAGE, 1, 0) && heap_is_zero(h, base));
    purge(1, 9);
    CHECK(h->pages.state[P + 20] == PAGE_PURGED && h->pages.state[P + 21] == PAGE_FRESH);
    CHECK(gets(CHUNK + 1, 1, CHUNK) && heap_is_zero(h, base + CHUNK) && frees(CHUNK));
    CHECK(gets(CHUNK + 1, 1, CHUNK) && !heap_is_zero(h, base + CHUNK) && frees(CHUNK));
    CHECK(heap_dirty(h, 0, &page) == 3 * C && page == P + C);
    purge(1, 2 * C);
    CHECK(gets(CHUNK + 1, 1, CHUNK) && heap_is_zero(h, base + CHUNK));
}

/* The promises of size.h and of heap_good_size: for every small size, and around borders of pages. */
static void check_size(size_t bytes, size_t align) {
    size_t good = heap_good_size(h, bytes, align), off = heap_alloc(h, 0, bytes, align), waste = good - bytes;
    CHECK(off != 0 && good >= bytes && heap_usable(h, off) == good);
    CHECK(((off / PAGE + h->pages.bias) * PAGE + off % PAGE) % align == 0);
    if (request_is_small(bytes, align)) CHECK(class_bytes(heap_class(h, bytes, align)) == good);
    if (align == 1 && 0 < bytes && bytes <= SMALL_MAX) CHECK(waste < Q || waste * CLASS_STEPS < bytes);
    if (align == 1 && bytes > SMALL_MAX) CHECK(waste < (bytes <= CHUNK ? (size_t)PAGE : (size_t)CHUNK));
    CHECK(heap_free_sized(h, off, bytes, align) == HEAP_OK);
}

static void test_sizes(void) {
    start(5, 3 * C - P % C);
    for (size_t bytes = 0; bytes <= SMALL_MAX + 1; bytes++) check_size(bytes, 1);
    for (size_t align = 2; align <= 2 * PAGE; align *= 2) {
        for (size_t bytes = 0; bytes <= SMALL_MAX + 1; bytes += 7) check_size(bytes, align);
    }
    for (size_t align = 1; align <= 2 * CHUNK; align *= 2) {
        for (size_t bytes = PAGE; bytes <= 2 * CHUNK; bytes += 5 * PAGE) {
            check_size(bytes - 1, align);
            check_size(bytes, align);
            check_size(bytes + 1, align);
        }
    }
    CHECK(TILED(&h->pages, {RUN_FREE, 5 * C}));
    CHECK(heap_good_size(h, heap_max, 1) == (size_t)SLOTS * PAGE && heap_good_size(h, heap_max + 1, 1) == 0);
    CHECK(heap_good_size(h, SIZE_MAX, 1) == 0 && heap_good_size(h, 1, SIZE_MAX / 2 + 1) == 0);
}

/* The greatest alignment that is no more than heap_max. */
static size_t most_aligned(void) {
    size_t align = SIZE_MAX / 2 + 1;
    while (align > heap_max) align /= 2;
    return align;
}

/* Requests that no heap can serve, and a heap that has no chunk. */
static void test_limits(void) {
    const size_t top = SIZE_MAX / 2 + 1;
    start(0, 0);
    REFUSED(heap_alloc(h, 0, 1, 1) == 0 && heap_alloc(h, 0, CHUNK, 1) == 0 &&
            heap_alloc(h, 0, CHUNK + 1, 1) == 0);
    CHECK(refuses(0, HEAP_FOREIGN) && refuses(base, HEAP_FOREIGN));
    size_t align = most_aligned();
    CHECK(heap_needs(h, heap_max, 1) == HEAP_CHUNKS && heap_good_size(h, heap_max, 1) == heap_max);
    CHECK(heap_needs(h, 1, align) == align / CHUNK && heap_good_size(h, 1, align) == CHUNK);
    REFUSED(!heap_grow(h, 0) && !heap_grow(h, ROOM + 1) && !heap_grow(h, UINT32_MAX));
    CHECK(heap_grow(h, ROOM - 1) && h->pages.tree.length[P] == (ROOM - 1) * C);
    REFUSED(!heap_grow(h, 2));
    CHECK(heap_grow(h, 1) && h->pages.tree.length[P] == ROOM * C && h->pages.end == SLOTS);
    REFUSED(!heap_grow(h, 1));
    const size_t too_much[] = {(size_t)ROOM * CHUNK + 1, heap_max, heap_max + 1, top,
                               SIZE_MAX - PAGE,          SIZE_MAX};
    for (size_t i = 0; i < sizeof too_much / sizeof too_much[0]; i++) {
        REFUSED(heap_alloc(h, 0, too_much[i], 1) == 0 && heap_alloc(h, 0, too_much[i], top) == 0);
        if (too_much[i] > heap_max) CHECK(heap_needs(h, too_much[i], 1) == 0 && heap_needs(h, 1, top) == 0);
    }
    CHECK(gets(SMALL_MAX + 1, 1, 0));
    REFUSED(heap_resize(h, base, SIZE_MAX) == HEAP_NO_ROOM && heap_resize(h, base, heap_max) == HEAP_NO_ROOM);
    REFUSED(heap_free_sized(h, base, SIZE_MAX, 1) == HEAP_WRONG_SIZE);
    REFUSED(heap_free_sized(h, base, SMALL_MAX + 1, top) == HEAP_WRONG_ALIGN);
}

/* Every alignment up to the capacity, at a base that is a multiple of a chunk, or of less. */
static void test_alignments(void) {
    for (size_t align = 1; align <= heap_max; align *= 2) {
        for (uint32_t bias = 0; bias <= 3 * C; bias += C / 2) {
            start(ROOM, bias - P);
            size_t off = heap_alloc(h, 0, 1, align), address = off - base + (size_t)bias * PAGE;
            bool served = bias % C == 0 ? align <= (size_t)ROOM * CHUNK : align <= CHUNK;
            CHECK((off != 0) == served);
            if (served) CHECK(address % align == 0 && address < (size_t)bias * PAGE + align);
        }
    }
}

/* With what heap_needs says the request is served, with one chunk less it is not. */
static void check_needs(uint32_t bias, uint32_t live, uint32_t tail, size_t bytes, size_t align) {
    start(live + tail, bias);
    if (live > 0) CHECK(gets((size_t)live * CHUNK, 1, 0));
    if (live > 1) CHECK(heap_resize(h, base, CHUNK + 1) == HEAP_OK);
    if (heap_alloc(h, 0, bytes, align) != 0) return;
    uint32_t n = heap_needs(h, bytes, align);
    if (n == 0) {
        CHECK(heap_grow(h, ROOM - live - tail) && heap_alloc(h, 0, bytes, align) == 0);
        return;
    }
    if (n > 1) CHECK(heap_grow(h, n - 1));
    CHECK(heap_alloc(h, 0, bytes, align) == 0 && heap_grow(h, 1) && heap_alloc(h, 0, bytes, align) != 0);
}

static void test_needs(void) {
    static const size_t sizes[] = {1,         SMALL_MAX + 1, CHUNK - PAGE, CHUNK,
                                   CHUNK + 1, 3 * CHUNK,     5 * CHUNK - 1};
    start(0, 0);
    CHECK(heap_needs(h, (size_t)ROOM * CHUNK, 1) == ROOM && heap_needs(h, CHUNK + 1, 1) == 2);
    CHECK(heap_grow(h, 2));
    CHECK(gets(CHUNK, 1, 0) && heap_needs(h, 1, 1) == 1 && heap_needs(h, CHUNK, 1) == 1);
    CHECK(heap_needs(h, CHUNK + 1, 1) == 1 && heap_needs(h, 4 * CHUNK, 1) == 3);
    CHECK(heap_needs(h, CHUNK, 4 * CHUNK) == 3 && heap_needs(h, CHUNK, PAGE) == 1);
    start(5, 0);
    CHECK(gets(2 * CHUNK, 1, 0) && heap_alloc(h, 0, 2 * CHUNK, 1) != 0 && heap_free(h, base) == HEAP_OK);
    CHECK(heap_needs(h, 3 * CHUNK, 1) == 2); /* not the free chunks that are no neighbours */
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t align = 1; align <= 4 * CHUNK;
             align *= align == 1 || align >= CHUNK / 2 ? 2 : CHUNK / 4) {
            for (uint32_t live = 0; live < 4; live++) {
                for (uint32_t tail = 0; tail < 3; tail++) {
                    check_needs(0, live, tail, sizes[i], align);
                    check_needs(C / 2, live, tail, sizes[i], align);
                }
            }
        }
    }
}

static void test_resize(void) {
    start(6, 0);
    const size_t run = class_pages(BINS - 1) * PAGE, least = SMALL_MAX + 1;
    CHECK(gets(SMALL_MAX, 1, 0) && gets(20 * PAGE, 1, run) && gets(10 * PAGE, 1, run + 20 * PAGE));
    CHECK(gets(3 * CHUNK, 1, CHUNK) && frees(run + 20 * PAGE));
    REFUSED(heap_resize(h, base, SMALL_MAX) == HEAP_OK && heap_resize(h, base, SMALL_MAX - 1) == HEAP_OK);
    REFUSED(heap_resize(h, base, SMALL_MAX / 2) == HEAP_NO_ROOM && heap_resize(h, base, 0) == HEAP_NO_ROOM);
    REFUSED(heap_resize(h, base, least) == HEAP_NO_ROOM && heap_resize(h, base, CHUNK + 1) == HEAP_NO_ROOM);
    CHECK(heap_resize(h, base + run, least) == HEAP_OK &&
          heap_usable(h, base + run) == heap_good_size(h, least, 1));
    CHECK(heap_resize(h, base + run, CHUNK - run) == HEAP_OK && heap_usable(h, base + run) == CHUNK - run);
    REFUSED(heap_resize(h, base + run, CHUNK - run + 1) == HEAP_NO_ROOM);
    REFUSED(heap_resize(h, base + run, SMALL_MAX) == HEAP_NO_ROOM &&
            heap_resize(h, base + run, 0) == HEAP_NO_ROOM);
    REFUSED(heap_resize(h, base + run, CHUNK + 1) == HEAP_NO_ROOM);
    CHECK(heap_resize(h, base + CHUNK, 5 * CHUNK) == HEAP_OK && heap_usable(h, base + CHUNK) == 5 * CHUNK);
    REFUSED(heap_resize(h, base + CHUNK, 5 * CHUNK + 1) == HEAP_NO_ROOM);
    CHECK(heap_resize(h, base + CHUNK, CHUNK + 1) == HEAP_OK && heap_usable(h, base + CHUNK) == 2 * CHUNK);
    REFUSED(heap_resize(h, base + CHUNK, CHUNK) == HEAP_NO_ROOM &&
            heap_resize(h, base + CHUNK, 1) == HEAP_NO_ROOM);
    size_t tiny = heap_alloc(h, 0, 1, 1);
    REFUSED(heap_resize(h, tiny, 0) == HEAP_OK && heap_resize(h, tiny, Q) == HEAP_OK);
    REFUSED(heap_resize(h, tiny, Q + 1) == HEAP_NO_ROOM && heap_resize(h, tiny, least) == HEAP_NO_ROOM);
}

static void test_free_sized(void) {
    start(6, C / 2);
    const size_t run = class_pages(2) * PAGE;
    CHECK(gets(SMALL, 1, 0) && gets(10 * PAGE, 1, run) && gets(CHUNK + 1, 1, CHUNK) && gets(SMALL, Q, SMALL));
    REFUSED(heap_free_sized(h, base, SMALL - Q, 1) == HEAP_WRONG_SIZE &&
            heap_free_sized(h, base, SMALL + 1, 1) == HEAP_WRONG_SIZE);
    REFUSED(heap_free_sized(h, base, SMALL, 2 * Q) == HEAP_WRONG_SIZE);
    REFUSED(heap_free_sized(h, base + SMALL, SMALL, 2 * Q) == HEAP_WRONG_ALIGN);
    REFUSED(heap_free_sized(h, base + run, 9 * PAGE, 1) == HEAP_WRONG_SIZE);
    REFUSED(heap_free_sized(h, base + run, 10 * PAGE + 1, 1) == HEAP_WRONG_SIZE);
    REFUSED(heap_free_sized(h, base + run, 10 * PAGE, CHUNK) == HEAP_WRONG_ALIGN);
    REFUSED(heap_free_sized(h, base + CHUNK, CHUNK, 1) == HEAP_WRONG_SIZE);
    REFUSED(heap_free_sized(h, base + CHUNK, CHUNK + 1, CHUNK) == HEAP_WRONG_ALIGN);
    REFUSED(heap_free_sized(h, base + SMALL, SMALL, 2 * PAGE) == HEAP_WRONG_ALIGN); /* its page is aligned */
    CHECK(heap_free_sized(h, base, SMALL - Q + 1, Q) == HEAP_OK);
    CHECK(heap_free_sized(h, base + run, 10 * PAGE - 1, 1) == HEAP_OK);
    CHECK(heap_free_sized(h, base + CHUNK, 2 * CHUNK, CHUNK / 2) == HEAP_OK);
    CHECK(heap_free_sized(h, base + SMALL, SMALL, 1) == HEAP_OK && TILED(&h->pages, {RUN_FREE, 6 * C}));
    start(ROOM, -(uint32_t)P);
    CHECK(gets(CHUNK, 1, 0)); /* at address 0 */
    REFUSED(heap_free_sized(h, base, CHUNK + 1, most_aligned()) == HEAP_WRONG_SIZE);
    CHECK(frees(0) && gets(1, (size_t)PAGE * PAGE, 0) &&
          heap_free_sized(h, base, 1, (size_t)PAGE * PAGE) == HEAP_OK);
}

int main(void) {
    before = zeroed(sizeof *before);
    test_dispatch();
    test_small_align();
    test_script();
    test_verdicts();
    test_zero();
    test_sizes();
    test_limits();
    test_alignments();
    test_needs();
    test_resize();
    test_free_sized();
}
