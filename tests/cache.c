/* cache: what is in a magazine is cached, is had again, and goes back; a magazine has as much room as it needs. */
#include "tests/metadata.h"
#include "cache.h"
#include "check.h"

static struct heap *h, *before;
static struct regions *rs;
static struct cache the_cache, *const k = &the_cache;

static void start(void) {
    if (h != NULL) munmap(h, sizeof *h);
    h = zeroed(sizeof *h);
    memset(&the_cache, 0, sizeof the_cache);
    rs = &h->regions;
    heap_init(h, 1, 0);
    CHECK(heap_grow(h, 3));
    cache_init(k);
}

static uint32_t most(uint32_t c) {
    return CACHE_MOST(class_bytes(c));
}

static uint32_t most_near(uint32_t c) {
    uint32_t n = CACHE_BYTES / 2 / class_bytes(c);
    return n < CACHE_NEAR ? n : CACHE_NEAR;
}

static uint32_t room(uint32_t c) {
    return (uint32_t)k->magazine[c + 1].high - k->magazine[c + 1].low;
}

static size_t *place(uint32_t c, uint32_t i) {
    return &k->off[k->magazine[c + 1].low + i];
}

/* Where a magazine may lie: no two have a place in common. */
static bool is_in_place(uint32_t c) {
    const struct magazine *m = &k->magazine[c + 1];
    const uint32_t near = (c + 1) * CACHE_NEAR;
    if (m->low == near) return m->high <= near + CACHE_NEAR;
    for (uint32_t d = c + 1; d < BINS; d++)
        CHECK(k->magazine[d + 1].far == 0 || m->far + most(c) <= k->magazine[d + 1].far);
    return m->far > BINS * CACHE_NEAR && m->low == m->far && m->far + most(c) <= CACHE_OFFS;
}

/* All that is in magazines is cached, nothing else is, and the heap is sound. */
static void check_cache(void) {
    size_t in = 0, cached = 0;
    for (uint32_t c = 0; c < BINS; c++) {
        CHECK(0 < room(c) && room(c) <= most(c) && cache_count(k, c) <= room(c) && is_in_place(c));
        for (uint32_t i = 0; i < cache_count(k, c); i++) {
            CHECK(region_tag(rs, *place(c, i)) == c + 1 + TAG_CACHED);
            CHECK(heap_verdict(h, *place(c, i)) == HEAP_DOUBLE_FREE);
        }
        in += cache_count(k, c);
    }
    for (size_t q = 0; q < (size_t)(h->pages.end - FIRST_PAGE) * PAGE_QUANTA; q++) {
        cached += rs->tags.tag[q] > TAG_CACHED;
    }
    CHECK(in == cached && heap_check(h) == NULL);
    for (uint32_t tag = 0; tag < CACHE_TAGS; tag++) {
        CHECK((k->top[tag] < k->magazine[tag].high || k->magazine[tag].low > 0) == (0 < tag && tag <= BINS));
    }
}

static size_t alloc(uint32_t c) {
    size_t off;
    if (!cache_alloc(k, rs, c, &off)) {
        cache_fill(k, h, 0, c);
        CHECK(cache_count(k, c) == ((room(c) < CACHE_NEAR ? room(c) : CACHE_NEAR) + 1) / 2);
        CHECK(cache_alloc(k, rs, c, &off));
    }
    CHECK(region_is_live(rs, off) && region_class(rs, off) == c && cache_class(k, rs, off) == c);
    return off;
}

static void frees(size_t off) {
    if (!cache_free(k, rs, off)) {
        cache_make_room(k, h, off);
        CHECK(cache_free(k, rs, off));
    }
    CHECK(region_is_cached(rs, off) && cache_class(k, rs, off) == BINS);
}

/* What is freed last is had first; new regions come from the lowest on. */
static void test_order(void) {
    size_t off[40], none;
    start();
    CHECK(!cache_alloc(k, rs, 1, &none));
    for (uint32_t i = 0; i < 4; i++) off[i] = heap_alloc(h, 0, class_bytes(i / 2 * 2), 1);
    for (uint32_t i = 0; i < 4; i++) frees(off[i]);
    for (uint32_t i = 0; i < 40; i++) {
        off[i] = alloc(1);
        CHECK(off[i] == off[0] + i * class_bytes(1));
    }
    check_cache();
    CHECK(cache_allocations(k) == 40 && room(1) == CACHE_NEAR);
    for (uint32_t i = 0; i < 4; i++) frees(off[10 * i]);
    check_cache();
    for (uint32_t i = 4; i-- > 0;) CHECK(alloc(1) == off[10 * i]);
}

/* No block, or none that the cache may take, is refused, and nothing changes. */
static void test_refused(void) {
    start();
    size_t small = alloc(1), large = heap_alloc(h, 0, SMALL_MAX + 1, 1), other = alloc(1);
    frees(other);
    const size_t bad[] = {0,
                          small + 1,
                          small + QUANTUM,
                          other,
                          other + QUANTUM,
                          large,
                          (size_t)FIRST_PAGE * PAGE - QUANTUM,
                          (size_t)FIRST_PAGE * PAGE - class_bytes(1),
                          (size_t)h->pages.end * PAGE,
                          (size_t)0 - QUANTUM,
                          small + ((size_t)1 << (8 * sizeof small - 1))};
    struct cache was = *k;
    heap_copy(before, h);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(cache_class(k, rs, bad[i]) == BINS && !cache_free(k, rs, bad[i]));
        cache_make_room(k, h, bad[i]);
        CHECK(!cache_free(k, rs, bad[i]));
    }
    CHECK(memcmp(&was, k, sizeof was) == 0 && heap_same(before, h));
    CHECK(heap_verdict(h, other + QUANTUM) == HEAP_UNALLOCATED);
}

/* A block of a chunk that came later is not known until the heap is looked at. */
static void test_end(void) {
    start();
    alloc(0);
    while (heap_alloc(h, 0, CHUNK / 2, 1) != 0) continue;
    CHECK(heap_grow(h, 1));
    size_t off = heap_alloc(h, 0, SMALL_MAX, 1);
    while (off < (size_t)(h->pages.end - CHUNK_PAGES) * PAGE) off = heap_alloc(h, 0, SMALL_MAX, 1);
    CHECK(cache_class(k, rs, off) == BINS && !cache_free(k, rs, off));
    const uint32_t turn = k->turn;
    cache_make_room(k, h, off);
    CHECK(k->turn == turn && cache_free(k, rs, off));
    off = heap_alloc(h, 0, 1, 1);
    k->end = 0;
    CHECK(!cache_free(k, rs, off));
    cache_make_room(k, h, off);
    CHECK(k->turn == turn && cache_count(k, 0) < room(0) && cache_free(k, rs, off)); /* there was room */
    check_cache();
}

/* What the room was makes of it when the magazine is found full, or else empty, for the second time or more. */
static uint32_t wider(uint32_t c, uint32_t was, bool other_end) {
    uint32_t limit = other_end ? most(c) : most_near(c), twice = 2 * was < limit ? 2 * was : limit;
    return twice > was ? twice : was;
}

/* Room doubles when a magazine is found empty or full, to so many bytes; then the oldest half goes back. */
static void test_room(uint32_t c) {
    enum { MANY = 200 };
    size_t off[MANY];
    uint32_t n = 0;
    start();
    CHECK(room(c) == 1);
    while (n < MANY && (off[n] = heap_alloc(h, 0, class_bytes(c), 1)) != 0) n++;
    CHECK(n > most_near(c));
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t was = room(c), had = cache_count(k, c);
        k->turn = (c + 1) % BINS; /* others' */
        frees(off[i]);
        CHECK(had < was || k->turn == (c + 1 + CACHE_LOOKS) % BINS);
        CHECK(room(c) == (had < was ? was : wider(c, was, i == 1)));
        CHECK(cache_count(k, c) == (had == room(c) ? had / 2 : had) + 1);
        for (uint32_t j = 0; j < cache_count(k, c); j++)
            CHECK(*place(c, j) == off[i - (cache_count(k, c) - 1 - j)]);
    }
    check_cache();
}

/* One that is filled and drained in turn gets more, and keeps all of it in order. */
static void test_swing(uint32_t c) {
    static size_t off[2 * CACHE_ROOM];
    start();
    CHECK(heap_grow(h, 8));
    for (uint32_t turn = 0; turn < 12; turn++) {
        const uint32_t many = 2 * most(c), was = room(c);
        for (uint32_t i = 0; i < many; i++) off[i] = alloc(c);
        CHECK(room(c) == (turn == 0 ? most_near(c) : wider(c, was, true)));
        const uint32_t filled = room(c);
        for (uint32_t i = 0; i < many; i++) {
            k->turn = (c + 1) % BINS;
            frees(off[i]);
            CHECK(*place(c, cache_count(k, c) - 1) == off[i]);
        }
        CHECK(room(c) == wider(c, filled, true));
        for (uint32_t i = 0; i < cache_count(k, c); i++)
            CHECK(*place(c, i) == off[many - cache_count(k, c) + i]);
        if (turn % 4 == 0) check_cache();
    }
    CHECK(room(c) == most(c));
    CHECK((k->magazine[c + 1].low == k->magazine[c + 1].far) == (most(c) > CACHE_NEAR));
    cache_empty(k, h);
    cache_init(k);
    CHECK(room(c) == 1);
    check_cache();
}

/* A magazine that is not used gets smaller, and in the end empty, while another is. */
static void test_idle(void) {
    size_t off[20];
    start();
    for (uint32_t i = 0; i < 20; i++) off[i] = alloc(BINS - 1 - i % 2);
    for (uint32_t i = 0; i < 20; i++) frees(off[i]);
    check_cache();
    CHECK(cache_count(k, BINS - 1) > 0 && cache_count(k, BINS - 2) > 0);
    for (uint32_t i = 0; i < 8 * BINS; i++) {
        cache_fill(k, h, 0, 0);
        while (cache_count(k, 0) > 0) CHECK(heap_free(h, alloc(0)) == HEAP_OK);
    }
    check_cache();
    CHECK(cache_count(k, BINS - 1) == 0 && cache_count(k, BINS - 2) == 0 && room(BINS - 1) == 1);
}

enum { USED = 3 };

/* What the magazine of class USED has and may have, when it has been looked after once more. */
static void look(uint32_t n, uint32_t has_room) {
    k->turn = USED;
    cache_fill(k, h, 0, 0);
    CHECK(cache_count(k, USED) == n && room(USED) == has_room && k->turn == USED + CACHE_LOOKS);
}

/* One that is used, or empty, is left alone. */
static void test_used(void) {
    size_t off[5];
    start();
    for (uint32_t i = 0; i < 5; i++) off[i] = heap_alloc(h, 0, class_bytes(USED), 1);
    for (uint32_t i = 0; i < 5; i++) frees(off[i]);
    CHECK(room(USED) == 8);
    look(5, 8);
    alloc(USED);
    look(4, 8);
    look(2, 4);
    look(1, 2);
    look(0, 1);
    frees(off[4]);
    look(1, 1);
    alloc(USED);
    look(0, 1);
    k->magazine[USED + 1].high = (uint16_t)(k->magazine[USED + 1].low + 8);
    look(0, 8);
}

/* Two threads freed one block at the same instant. */
static void test_twice(void) {
    size_t off, other;
    start();
    off = alloc(1);
    other = alloc(1);
    frees(off);
    frees(other);
    k->off[(uint16_t)k->top[2]++] = off;
    CHECK(alloc(1) == off && region_is_live(rs, off));
    CHECK(alloc(1) == other && !cache_alloc(k, rs, 1, &other));
    CHECK(heap_check(h) == NULL);
    k->off[(uint16_t)k->top[2]++] = off; /* and whoever got it has freed it, past the cache */
    CHECK(heap_free(h, off) == HEAP_OK && !cache_alloc(k, rs, 1, &other) && region_tag(rs, off) == 0);
    off = alloc(1);
    frees(off);
    k->off[(uint16_t)k->top[2]++] = off;
    CHECK(cache_empty(k, h) && heap_check(h) == NULL && heap_verdict(h, off) == HEAP_DOUBLE_FREE);
}

/* The count of the blocks handed out goes round, and no region is lost by it. */
static void test_round(void) {
    start();
    const size_t off = alloc(1);
    frees(off);
    const uint32_t n = cache_count(k, 1);
    k->top[2] |= ~(uint64_t)(CACHE_HANDED - 1);
    CHECK(alloc(1) == off && cache_count(k, 1) == n - 1 && cache_allocations(k) == 0);
    CHECK(alloc(BINS - 1) != 0 && cache_allocations(k) == 1);
    frees(off);
    check_cache();
}

static void test_empty(void) {
    start();
    heap_copy(before, h);
    for (uint32_t c = 0; c < BINS; c++) frees(alloc(c));
    check_cache();
    CHECK(cache_empty(k, h) && !cache_empty(k, h));
    check_cache();
    struct heap_stats s;
    heap_stats(h, &s);
    frees(alloc(0));
    CHECK(cache_empty(k, h));
    CHECK(s.active == 0 && h->pages.tree.length[FIRST_PAGE] == 3 * CHUNK_PAGES);
}

/* A heap that is full gives what it has. */
static void test_full(void) {
    size_t off;
    uint32_t n = 0;
    start();
    while (heap_alloc(h, 0, SMALL_MAX, 1) != 0) continue;
    for (uint32_t page = 0; page < 3 * CHUNK_PAGES; page++) {
        cache_fill(k, h, 0, 0);
        while (cache_alloc(k, rs, 0, &off)) n++;
    }
    CHECK(heap_alloc(h, 0, 1, 1) == 0 && n == cache_allocations(k));
    check_cache();
}

int main(void) {
    before = zeroed(sizeof *before);
    test_order();
    test_refused();
    test_end();
    for (uint32_t c = 0; c < BINS; c++) test_room(c);
    for (uint32_t c = 0; c < BINS; c += 5) test_swing(c);
    test_idle();
    test_used();
    test_twice();
    test_round();
    test_empty();
    test_full();
}
