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
    uint32_t n = CACHE_BYTES / class_bytes(c);
    return n < CACHE_ROOM ? n : CACHE_ROOM;
}

/* All that is in magazines is cached, nothing else is, and the heap is sound. */
static void check_cache(void) {
    size_t in = 0, cached = 0;
    for (uint32_t c = 0; c < BINS; c++) {
        CHECK(0 < k->room[c + 1] && k->room[c + 1] <= most(c) && k->n[c + 1] <= k->room[c + 1]);
        for (uint32_t i = 0; i < k->n[c + 1]; i++) {
            CHECK(region_tag(rs, k->off[c + 1][i]) == c + 1 + TAG_CACHED);
            CHECK(heap_verdict(h, k->off[c + 1][i]) == HEAP_DOUBLE_FREE);
        }
        in += k->n[c + 1];
    }
    for (size_t q = 0; q < (size_t)(h->pages.end - FIRST_PAGE) * PAGE_QUANTA; q++) {
        cached += rs->tags.tag[q] > TAG_CACHED;
    }
    CHECK(in == cached && heap_check(h) == NULL);
    for (uint32_t tag = 0; tag < CACHE_TAGS; tag++) {
        CHECK((k->room[tag] > 0) == (0 < tag && tag <= BINS));
    }
}

static size_t alloc(uint32_t c) {
    size_t off;
    if (!cache_alloc(k, rs, c, &off)) {
        cache_fill(k, h, 0, c);
        CHECK(k->n[c + 1] == (k->room[c + 1] + 1) / 2);
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
    CHECK(k->allocations == 40 && k->room[2] == CACHE_ROOM);
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
    CHECK(k->turn == turn && k->n[1] < k->room[1] && cache_free(k, rs, off)); /* there was room */
    check_cache();
}

/* Room doubles when a magazine is found empty or full, to so many bytes; then the oldest half goes back. */
static void test_room(uint32_t c) {
    enum { MANY = 200 };
    size_t off[MANY];
    uint32_t n = 0;
    start();
    CHECK(k->room[c + 1] == 1);
    while (n < MANY && (off[n] = heap_alloc(h, 0, class_bytes(c), 1)) != 0) n++;
    CHECK(n > most(c));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t room = k->room[c + 1], had = k->n[c + 1];
        k->turn = (c + 1) % BINS; /* another's */
        frees(off[i]);
        CHECK(had < room || k->turn == (c + 2) % BINS);
        CHECK(had < room || room == most(c) || k->room[c + 1] == (2 * room < most(c) ? 2 * room : most(c)));
        CHECK(k->n[c + 1] == (had == most(c) ? had / 2 : had) + 1);
        for (uint32_t j = 0; j < k->n[c + 1]; j++) CHECK(k->off[c + 1][j] == off[i - (k->n[c + 1] - 1 - j)]);
    }
    check_cache();
}

/* A magazine that is not used gets smaller, and in the end empty, while another is. */
static void test_idle(void) {
    size_t off[20];
    start();
    for (uint32_t i = 0; i < 20; i++) off[i] = alloc(BINS - 1 - i % 2);
    for (uint32_t i = 0; i < 20; i++) frees(off[i]);
    check_cache();
    CHECK(k->n[BINS] > 0 && k->n[BINS - 1] > 0);
    for (uint32_t i = 0; i < 8 * BINS; i++) {
        cache_fill(k, h, 0, 0);
        while (k->n[1] > 0) CHECK(heap_free(h, alloc(0)) == HEAP_OK);
    }
    check_cache();
    CHECK(k->n[BINS] == 0 && k->n[BINS - 1] == 0 && k->room[BINS] == 1);
}

enum { USED = 3 };

/* What the magazine of class USED has and may have, when it has been looked after once more. */
static void look(uint32_t n, uint32_t room) {
    k->turn = USED;
    cache_fill(k, h, 0, 0);
    CHECK(k->n[USED + 1] == n && k->room[USED + 1] == room && k->turn == USED + 1);
}

/* One that is used, or empty, is left alone. */
static void test_used(void) {
    size_t off[5];
    start();
    for (uint32_t i = 0; i < 5; i++) off[i] = heap_alloc(h, 0, class_bytes(USED), 1);
    for (uint32_t i = 0; i < 5; i++) frees(off[i]);
    CHECK(k->room[USED + 1] == 8);
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
    k->room[USED + 1] = 8;
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
    k->off[2][k->n[2]++] = off;
    CHECK(alloc(1) == off && region_is_live(rs, off));
    CHECK(alloc(1) == other && !cache_alloc(k, rs, 1, &other));
    CHECK(heap_check(h) == NULL);
    k->off[2][k->n[2]++] = off; /* and whoever got it has freed it, past the cache */
    CHECK(heap_free(h, off) == HEAP_OK && !cache_alloc(k, rs, 1, &other) && region_tag(rs, off) == 0);
    off = alloc(1);
    frees(off);
    k->off[2][k->n[2]++] = off;
    CHECK(cache_empty(k, h) && heap_check(h) == NULL && heap_verdict(h, off) == HEAP_DOUBLE_FREE);
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
    CHECK(heap_alloc(h, 0, 1, 1) == 0 && n == k->allocations);
    check_cache();
}

int main(void) {
    before = zeroed(sizeof *before);
    test_order();
    test_refused();
    test_end();
    for (uint32_t c = 0; c < BINS; c++) test_room(c);
    test_idle();
    test_used();
    test_twice();
    test_empty();
    test_full();
}
