#include "check.h"
#include "hand.h"
#include "shell.h"

void shell_share(uint32_t arenas) {
    struct visit visit;
    if (!home_enter(&visit, homes.home, GRANT_FREE)) return;
    homes.most = arenas;
    home_leave(&visit);
}

void shell_be_patient(uint64_t milliseconds) {
    struct visit visit;
    for (uint32_t i = 0; i == 0 || i < homes_started(); i++) {
        if (!home_enter(&visit, &homes.home[i], GRANT_FREE)) continue;
        homes.home[i].keep.patience = milliseconds;
        home_leave(&visit);
    }
}

const char *shell_check(void) {
    struct visit visit;
    const char *broken = NULL;
    for (uint32_t i = 0; i < homes_started() && broken == NULL; i++) {
        if (!home_enter(&visit, &homes.home[i], GRANT_FREE)) continue;
        broken = heap_check(homes.home[i].space.heap);
        home_leave(&visit);
    }
    return broken;
}

static void add(struct heap_stats *sum, const struct heap_stats *s) {
    sum->live += s->live;
    sum->small += s->small;
    sum->large += s->large;
    sum->huge += s->huge;
    sum->mapped += s->mapped;
    sum->active += s->active;
    sum->dirty += s->dirty;
    for (uint32_t c = 0; c < BINS; c++) {
        sum->bin[c].runs += s->bin[c].runs;
        sum->bin[c].regions += s->bin[c].regions;
    }
}

/* Threads go on meanwhile, so that what they move may be counted twice or not at all. */
static void count_cached(struct shell_stats *s, const struct cache *k) {
    s->allocations += cache_allocations(k);
    for (uint32_t c = 0; c < BINS; c++) {
        uint32_t n = cache_count(k, c), most = s->heap.bin[c].regions;
        if (n > most) n = most;
        s->heap.bin[c].regions -= n;
        s->cached += (size_t)n * class_bytes(c);
    }
}

static void count_threads(struct shell_stats *s) {
    for (const struct home *h = homes.home; h < homes.home + homes_started(); h++) {
        s->threads += h->threads;
        if (s->crowd < h->threads) s->crowd = h->threads;
    }
}

void shell_stats(struct shell_stats *s) {
    struct visit visit;
    *s = (struct shell_stats){0};
    for (uint32_t i = 0; i == 0 || i < homes_started(); i++) {
        struct heap_stats one;
        if (!home_enter(&visit, &homes.home[i], GRANT_FREE)) continue;
        heap_stats(homes.home[i].space.heap, &one);
        add(&s->heap, &one);
        s->allocations += homes.home[i].allocations;
        s->arenas++;
        home_leave(&visit);
    }
    if (!home_enter(&visit, homes.home, GRANT_FREE)) return;
    for (struct cache *k = thread_next(NULL); k != NULL; k = thread_next(k)) count_cached(s, k);
    count_threads(s);
    s->heap.live -= s->cached;
    s->heap.small -= s->cached;
    home_leave(&visit);
}
