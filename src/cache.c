#include "cache.h"

/* What a magazine of class c holds at most; if it is only filled, or only drained. */
static uint32_t most_of(uint32_t c) {
    return CACHE_MOST(class_bytes(c));
}

static uint32_t most_near(uint32_t c) {
    uint32_t most = CACHE_BYTES / 2 / class_bytes(c);
    return most < CACHE_NEAR ? most : CACHE_NEAR;
}

static uint32_t top_of(const struct cache *k, uint32_t c) {
    return (uint16_t)LOAD(k->top[c + 1]);
}

static void set_top(struct cache *k, uint32_t c, uint32_t place) {
    STORE(k->top[c + 1], k->top[c + 1] / CACHE_HANDED * CACHE_HANDED + place);
}

void cache_init(struct cache *k) {
    uint32_t far = (BINS + 1) * CACHE_NEAR;
    for (uint32_t c = 0; c < BINS; c++) {
        struct magazine *m = &k->magazine[c + 1];
        m->low = (uint16_t)((c + 1) * CACHE_NEAR);
        m->high = (uint16_t)(m->low + 1);
        set_top(k, c, m->low);
        m->far = most_of(c) > CACHE_NEAR ? (uint16_t)far : 0;
        if (m->far != 0) far += most_of(c);
    }
}

inline bool cache_alloc(struct cache *k, struct regions *rs, uint32_t c, size_t *off) {
    const uint32_t tag = c + 1;
    const uint64_t top = k->top[tag];
    const size_t place = (uint16_t)top;
    if (place == k->magazine[tag].low) return false;
    *off = k->off[place - 1];
    STORE(k->top[tag], top + (CACHE_HANDED - 1));
    return region_uncache(rs, *off, tag);
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
    const uint64_t top = k->top[tag];
    if ((uint16_t)top >= k->magazine[tag].high) return false;
    region_cache(rs, off, tag);
    k->off[(uint16_t)top] = off;
    STORE(k->top[tag], top + 1);
    return true;
}

uint32_t cache_count(const struct cache *k, uint32_t c) {
    return top_of(k, c) - k->magazine[c + 1].low;
}

uint64_t cache_allocations(const struct cache *k) {
    uint64_t n = 0;
    for (uint32_t c = 0; c < BINS; c++) n += LOAD(k->top[c + 1]) / CACHE_HANDED;
    return n;
}

static uint32_t room_of(const struct cache *k, uint32_t c) {
    return (uint32_t)k->magazine[c + 1].high - k->magazine[c + 1].low;
}

static void set_room(struct cache *k, uint32_t c, uint32_t room) {
    k->magazine[c + 1].high = (uint16_t)(k->magazine[c + 1].low + room);
}

/* The regions of class c behind the oldest `many` are at `to` now, and those are not in the magazine any more. */
static void move(struct cache *k, uint32_t c, uint32_t many, uint32_t to) {
    struct magazine *m = &k->magazine[c + 1];
    const uint32_t n = cache_count(k, c) - many;
    size_t *new = &k->off[to], *old = &k->off[m->low + many];
    for (uint32_t i = 0; i < n; i++) new[i] = old[i];
    m->high = (uint16_t)(to + room_of(k, c));
    m->low = (uint16_t)to;
    set_top(k, c, to + n);
}

/* Gives the oldest `many` of class c back. What another thread has, see above, is left to it. */
static void give_oldest(struct cache *k, struct heap *h, uint32_t c, uint32_t many) {
    const size_t *off = &k->off[k->magazine[c + 1].low];
    for (uint32_t i = 0; i < many; i++) {
        if (region_is_cached(&h->regions, off[i])) arena_give(&h->pages, &h->regions, &h->bins, off[i]);
    }
    move(k, c, many, k->magazine[c + 1].low);
}

/* One that has as many regions as when it was last looked at seems not to be used, gives half of them back, and
 * half of its room. */
static void look_after(struct cache *k, struct heap *h, uint32_t c) {
    uint32_t n = cache_count(k, c);
    if (n > 0 && n == k->magazine[c + 1].was) {
        give_oldest(k, h, c, n - n / 2);
        if (room_of(k, c) > 1) set_room(k, c, room_of(k, c) / 2);
    }
    k->magazine[c + 1].was = (uint16_t)cache_count(k, c);
}

/* Each magazine in its turn. */
static void look_after_some(struct cache *k, struct heap *h) {
    for (uint32_t i = 0; i < CACHE_LOOKS; i++) {
        look_after(k, h, k->turn);
        k->turn = (k->turn + 1) % BINS;
    }
}

/* A magazine that was found full, or else empty, gets twice the room. More than what is near does not help if it has not
 * been found the other since. */
static void widen(struct cache *k, uint32_t c, bool full) {
    const uint32_t room = room_of(k, c), twice = 2 * room,
                   most = k->full[c] != full ? most_of(c) : most_near(c);
    const uint32_t wide = twice < most ? twice : most;
    k->full[c] = full;
    if (wide <= room) return;
    if (wide > CACHE_NEAR && room <= CACHE_NEAR) move(k, c, 0, k->magazine[c + 1].far);
    set_room(k, c, wide);
}

static void learn_end(struct cache *k, const struct heap *h) {
    k->end = (size_t)h->pages.end * PAGE;
}

/* Puts the live region of class c in, for which there is room. */
static void put(struct cache *k, struct regions *rs, uint32_t c, size_t off) {
    const uint32_t top = top_of(k, c);
    region_cache(rs, off, c + 1);
    k->off[top] = off;
    set_top(k, c, top + 1);
}

/* The regions from the place on are turned round. */
static void turn_round(struct cache *k, uint32_t c, uint32_t place) {
    for (uint32_t i = place, j = top_of(k, c); i + 1 < j; i++, j--) {
        size_t other = k->off[i];
        k->off[i] = k->off[j - 1];
        k->off[j - 1] = other;
    }
}

/* Half of its room, at least one, and no more than near. The arena gives the lowest region first, so that one is
 * to be the next out. */
void cache_fill(struct cache *k, struct heap *h, uint32_t a, uint32_t c) {
    size_t off;
    learn_end(k, h);
    look_after_some(k, h);
    widen(k, c, false);
    const uint32_t first = top_of(k, c), room = room_of(k, c);
    const uint32_t half = ((room < CACHE_NEAR ? room : CACHE_NEAR) + 1) / 2;
    while (cache_count(k, c) < half && (off = arena_take(&h->pages, &h->regions, &h->bins, a + 1, c)) != 0)
        put(k, &h->regions, c, off);
    turn_round(k, c, first);
}

void cache_make_room(struct cache *k, struct heap *h, size_t off) {
    learn_end(k, h);
    uint32_t c = cache_class(k, &h->regions, off);
    if (c >= BINS || cache_count(k, c) < room_of(k, c)) return;
    look_after_some(k, h);
    widen(k, c, true);
    if (cache_count(k, c) >= room_of(k, c)) give_oldest(k, h, c, (room_of(k, c) + 1) / 2);
}

bool cache_empty(struct cache *k, struct heap *h) {
    bool any = false;
    for (uint32_t c = 0; c < BINS; c++) {
        any |= cache_count(k, c) > 0;
        give_oldest(k, h, c, cache_count(k, c));
    }
    return any;
}
