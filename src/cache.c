#include "cache.h"

/* What a magazine of class c holds at most. */
static uint32_t most_of(uint32_t c) {
    uint32_t most = CACHE_BYTES / class_bytes(c);
    return most < CACHE_ROOM ? most : CACHE_ROOM;
}

void cache_init(struct cache *k) {
    for (uint32_t c = 0; c < BINS; c++) k->room[c + 1] = 1;
}

inline bool cache_alloc(struct cache *k, struct regions *rs, uint32_t c, size_t *off) {
    const uint32_t tag = c + 1;
    size_t n = k->n[tag];
    if (n == 0) return false;
    n--;
    *off = k->off[tag][n];
    STORE(k->n[tag], (uint8_t)n);
    if (!region_uncache(rs, *off, tag)) return false;
    STORE(k->allocations, k->allocations + 1);
    return true;
}

inline bool cache_knows(const struct cache *k, size_t off) {
    return off % QUANTUM == 0 && (size_t)FIRST_PAGE * PAGE <= off && off < k->end;
}

inline uint32_t cache_class(const struct cache *k, const struct regions *rs, size_t off) {
    return cache_knows(k, off) && region_is_live(rs, off) ? region_class(rs, off) : BINS;
}

inline bool cache_free(struct cache *k, struct regions *rs, size_t off) {
    if (!cache_knows(k, off)) return false;
    uint32_t tag = region_tag(rs, off);
    size_t n = k->n[tag];
    if (n >= k->room[tag]) return false;
    region_cache(rs, off, tag);
    k->off[tag][n] = off;
    STORE(k->n[tag], (uint8_t)(n + 1));
    return true;
}

/* Gives the oldest `many` of class c back. What another thread has, see above, is left to it. */
static void give_oldest(struct cache *k, struct heap *h, uint32_t c, uint32_t many) {
    uint32_t n = k->n[c + 1];
    size_t *off = k->off[c + 1];
    for (uint32_t i = 0; i < many; i++) {
        if (region_is_cached(&h->regions, off[i])) arena_give(&h->pages, &h->regions, &h->bins, off[i]);
    }
    for (uint32_t i = many; i < n; i++) off[i - many] = off[i];
    STORE(k->n[c + 1], (uint8_t)(n - many));
}

/* Each magazine in its turn: one that has as many regions as when it was last looked at seems not to be used,
 * gives half of them back, and half of its room. */
static void look_after_next(struct cache *k, struct heap *h) {
    uint32_t c = k->turn, n = k->n[c + 1];
    k->turn = (c + 1) % BINS;
    if (n > 0 && n == k->was[c]) {
        give_oldest(k, h, c, n - n / 2);
        if (k->room[c + 1] > 1) k->room[c + 1] /= 2;
    }
    k->was[c] = k->n[c + 1];
}

/* A magazine that was found empty or full gets twice the room. */
static void widen(struct cache *k, uint32_t c) {
    uint32_t most = most_of(c), twice = 2u * k->room[c + 1];
    k->room[c + 1] = (uint8_t)(twice < most ? twice : most);
}

static void learn_end(struct cache *k, const struct heap *h) {
    k->end = (size_t)h->pages.end * PAGE;
}

/* Puts the live region of class c in, for which there is room. */
static void put(struct cache *k, struct regions *rs, uint32_t c, size_t off) {
    region_cache(rs, off, c + 1);
    k->off[c + 1][k->n[c + 1]] = off;
    STORE(k->n[c + 1], (uint8_t)(k->n[c + 1] + 1));
}

/* The regions from number i on are turned round. */
static void turn_round(struct cache *k, uint32_t c, uint32_t i) {
    size_t *off = k->off[c + 1];
    for (uint32_t j = k->n[c + 1]; i + 1 < j; i++, j--) {
        size_t other = off[i];
        off[i] = off[j - 1];
        off[j - 1] = other;
    }
}

/* Half of its room, at least one. The arena gives the lowest region first, so that one is to be the next out. */
void cache_fill(struct cache *k, struct heap *h, uint32_t a, uint32_t c) {
    size_t off;
    learn_end(k, h);
    look_after_next(k, h);
    widen(k, c);
    uint32_t first = k->n[c + 1];
    while (k->n[c + 1] < (k->room[c + 1] + 1) / 2 &&
           (off = arena_take(&h->pages, &h->regions, &h->bins, a + 1, c)) != 0)
        put(k, &h->regions, c, off);
    turn_round(k, c, first);
}

void cache_make_room(struct cache *k, struct heap *h, size_t off) {
    learn_end(k, h);
    uint32_t c = cache_class(k, &h->regions, off);
    if (c >= BINS || k->n[c + 1] < k->room[c + 1]) return;
    look_after_next(k, h);
    widen(k, c);
    if (k->n[c + 1] >= k->room[c + 1]) give_oldest(k, h, c, (k->room[c + 1] + 1u) / 2);
}

bool cache_empty(struct cache *k, struct heap *h) {
    bool any = false;
    for (uint32_t c = 0; c < BINS; c++) {
        any |= k->n[c + 1] > 0;
        give_oldest(k, h, c, k->n[c + 1]);
    }
    return any;
}
