/* The oracle (fuzz/oracle.h) must object to a heap that is wrong. Each row breaks one function in one
 * way, and names the check that has to see it; a check without a row would be worth nothing. */
#include <string.h>

#include "fuzz/life.h"
#include "fuzz/oracle.h"
#include "tests/test.h"

/* A life without fault that meets every check: two arenas, one chunk of two, at an odd place, and again. */
static const char script[] =
    "1112A1.\n"
    "a0b1=00\n" /* small, large, aligned, too much */
    "a1c5=00\n"
    "a2p3=00\n"
    "a3p5=00\n"
    "a4b1=40\n"
    "a5c3+81\n"
    "a9p===1\n"
    "a:p==?1\n"
    "a6mG=00\n"
    "r1c5-00\n" /* in place, and not */
    "r2p2=00\n"
    "r2p3=00\n"
    "r2p=+00\n"
    "f2b0=00\n"
    "a2p3=00\n"
    "h1q1=03\n" /* inside, foreign, unaligned */
    "h1b0=00\n"
    "h1b1=03\n"
    "f1b0=00\n"
    "h1b0=03\n" /* freed, purged */
    "s3b1=01\n"
    "s3b0=00\n"
    "h3b0=03\n"
    "p000000\n"
    "h3b0=03\n"
    "c000000\n"
    "b3c1=80\n" /* many */
    "d3b100.\n"
    "b3c1=80\n"
    "a7k4=00\n" /* a chunk more */
    "a8k8=00\n"
    "g0m0=00\n";

static unsigned calls;
static int wrong;

/* From the n-th call on. */
static bool after(unsigned n) {
    return ++calls > n;
}

static size_t alloc_outside(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    size_t off = heap_alloc(h, a, bytes, align);
    return after(3) && off != 0 ? off - (size_t)CHUNK : off;
}

static size_t alloc_over(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    static size_t last;
    if (!after(4)) last = heap_alloc(h, a, bytes, align);
    return last;
}

static size_t alloc_unaligned(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    return heap_alloc(h, a, align > PAGE ? heap_good_size(h, bytes, align) : bytes, align > PAGE ? 1 : align);
}

static size_t alloc_late(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    size_t first = heap_alloc(h, a, bytes, align), second = heap_alloc(h, a, bytes, align);
    if (second == 0) return first;
    heap_free(h, first);
    return second;
}

static size_t alloc_shy(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    return after(3) ? 0 : heap_alloc(h, a, bytes, align);
}

static size_t alloc_corrupting(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    h->pages.dirty++;
    return heap_alloc(h, a, bytes, align);
}

static size_t alloc_by_place(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    static const struct heap *first;
    if (first == NULL) first = h;
    return h == first ? heap_alloc(h, a, bytes, align) : 0;
}

static size_t alloc_peeking(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    bool fresh = h->pages.state[FIRST_PAGE] == PAGE_FRESH && h->pages.kind[FIRST_PAGE] == RUN_FREE;
    return fresh && life->memory[(size_t)FIRST_PAGE * PAGE] != 0 ? 0 : heap_alloc(h, a, bytes, align);
}

static enum verdict free_refusing(struct heap *h, size_t off) {
    enum verdict v = heap_verdict(h, off);
    return v == HEAP_OK ? HEAP_DOUBLE_FREE : v;
}

static enum verdict free_accepting(struct heap *h, size_t off) {
    heap_free(h, off);
    return HEAP_OK;
}

static enum verdict free_trusting(struct heap *h, size_t off, size_t bytes, size_t align) {
    (void)bytes, (void)align;
    return heap_free(h, off);
}

static enum verdict resize_never(struct heap *h, size_t off, size_t bytes) {
    (void)bytes;
    enum verdict v = heap_verdict(h, off);
    return v == HEAP_OK ? HEAP_NO_ROOM : v;
}

static enum verdict resize_noting(struct heap *h, size_t off, size_t bytes) {
    enum verdict v = heap_resize(h, off, bytes);
    if (v != HEAP_OK) h->sizes.class_of[0] ^= 1;
    return v;
}

static enum verdict verdict_vague(const struct heap *h, size_t off) {
    enum verdict v = heap_verdict(h, off);
    return v == HEAP_INTERIOR ? HEAP_UNALLOCATED : v;
}

static size_t usable_half(const struct heap *h, size_t off) {
    size_t usable = heap_usable(h, off);
    return usable < PAGE ? usable : usable / 2;
}

static size_t usable_more(const struct heap *h, size_t off) {
    size_t usable = heap_usable(h, off);
    return usable == 0 ? 0 : usable + QUANTUM;
}

static size_t good_size_more(const struct heap *h, size_t bytes, size_t align) {
    return heap_good_size(h, bytes, align) + QUANTUM;
}

static bool zero_always(const struct heap *h, size_t off) {
    return after(7) || heap_is_zero(h, off);
}

static bool zero_never(const struct heap *h, size_t off) {
    (void)h, (void)off;
    return false;
}

static uint32_t needs_more(const struct heap *h, size_t bytes, size_t align) {
    return heap_needs(h, bytes, align) + 1;
}

static bool grow_refusing(struct heap *h, uint32_t chunks) {
    return !after(1) && heap_grow(h, chunks);
}

static bool grow_lying(struct heap *h, uint32_t chunks) {
    return after(1) || heap_grow(h, chunks);
}

static uint32_t dirty_never(const struct heap *h, uint32_t from, uint32_t *page) {
    (void)h, (void)from, (void)page;
    return 0;
}

static uint32_t dirty_live(const struct heap *h, uint32_t from, uint32_t *page) {
    uint32_t n = heap_dirty(h, from, page);
    *page = FIRST_PAGE;
    return n;
}

static void stats_more(const struct heap *h, struct heap_stats *s) {
    heap_stats(h, s);
    s->bin[1].regions++;
}

static const char *check_failing(const struct heap *h) {
    return heap_check(h) || after(2) ? "Canary" : NULL;
}

static const char *judge(const struct subject *s) {
    size_t line;
    calls = 0;
    const char *broken = oracle_run(s, (const uint8_t *)script, sizeof script - 1, &line);
    if (s == &the_heap && broken != NULL) ops_print(broken, (const uint8_t *)script, sizeof script - 1, line);
    return broken;
}

static void expect(const char *check, const char *how, const struct subject *s) {
    const char *broken = judge(s);
    if (broken != NULL && strcmp(broken, check) == 0) return;
    fprintf(stderr, "%s: expected %s, the oracle says %s\n", how, check, broken ? broken : "nothing");
    wrong++;
}

/* The oracle's check objects to a heap of which functions are replaced. */
#define EXPECT(check, ...)                \
    do {                                  \
        struct subject s = the_heap;      \
        __VA_ARGS__;                      \
        expect(#check, #__VA_ARGS__, &s); \
    } while (0)

int main(void) {
    CHECK(judge(&the_heap) == NULL);
    EXPECT(InHeap, s.alloc = alloc_outside);
    EXPECT(NoOverlap, s.alloc = alloc_over);
    EXPECT(Aligned, s.alloc = alloc_unaligned);
    EXPECT(Place, s.alloc = alloc_late);
    EXPECT(Room, s.alloc = alloc_shy);
    EXPECT(Check, s.alloc = alloc_corrupting);
    EXPECT(Free, s.free = free_refusing);
    EXPECT(Refused, s.free = free_accepting);
    EXPECT(Sized, s.free_sized = free_trusting);
    EXPECT(Resize, s.resize = resize_never);
    EXPECT(Unchanged, s.resize = resize_noting);
    EXPECT(Verdict, s.verdict = verdict_vague);
    EXPECT(Enough, s.usable = usable_half);
    EXPECT(Usable, s.usable = usable_more, s.good_size = good_size_more);
    EXPECT(GoodSize, s.good_size = good_size_more);
    EXPECT(Zero, s.is_zero = zero_always);
    EXPECT(KnownZero, s.is_zero = zero_never);
    EXPECT(Needs, s.needs = needs_more);
    EXPECT(Grow, s.grow = grow_refusing);
    EXPECT(Grown, s.grow = grow_lying);
    EXPECT(Dirty, s.dirty = dirty_never);
    EXPECT(Contents, s.dirty = dirty_live);
    EXPECT(Stats, s.stats = stats_more);
    EXPECT(Check, s.check = check_failing);
    EXPECT(Deterministic, s.alloc = alloc_by_place);
    EXPECT(Indifferent, s.alloc = alloc_peeking);
    return wrong != 0;
}
