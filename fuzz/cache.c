/* Caches (src/cache.h) over one heap under libFuzzer, against a map of the heap that says of each quantum whose it
 * is. A line is 8 bytes, as in fuzz/ops.h; there is no header:
 *
 *   a1c3=42\n
 *   ||||||+ cache                     a  allocate into the slot, whose block, if any, is freed
 *   |||||+- n                         f  free       c s  the same, but by the heap and not by the cache
 *   ||||+-- bytes: = 0  - 1  + 4      b  allocate into n slots from there on      d  free them
 *   |||+--- size class                h  hostile: free where no block starts, n quanta and some bytes behind
 *   ||+---- ignored                      the start of the slot's block, or of its last one
 *   |+----- slot                      r  a large block of n pages
 *   +------ operation                 p  empty the cache    g  fill a magazine
 *
 * After each line: a region is live, in one magazine, or free; some quanta are asked for their verdict. */
#include "cache.h"
#include "check.h"
#include "fuzz/judge.h"

enum { CACHES = 3, HELD = 64, CHUNKS = 2, QUANTA = CHUNKS * CHUNK / QUANTUM, SOME = 16 };
enum whose { FREE, LIVE, LIVE_INSIDE, CACHED, CACHED_INSIDE };

static struct heap heap, before;
static struct cache cache[CACHES];
static uint8_t map[QUANTA]; /* enum whose */

static struct {
    size_t off, bytes; /* bytes 0: there is none, and off is where the last one was */
} blocks[HELD];

static struct step {
    char what;
    uint32_t slot, class, n, arena, bytes;
    struct cache *k;
} step;

static size_t place(size_t q) {
    return (size_t)FIRST_PAGE * PAGE + q * QUANTUM;
}

/* The quanta at off, all of them free until now, are somebody's: whether they were. */
static bool claim(size_t off, size_t bytes, enum whose start) {
    for (size_t i = 0; i < bytes / QUANTUM; i++) {
        uint8_t *q = &map[(off - place(0)) / QUANTUM + i];
        if (*q != FREE) return false;
        *q = (uint8_t)(i == 0 ? start : start + 1);
    }
    return true;
}

static void disclaim(size_t off, size_t bytes) {
    memset(&map[(off - place(0)) / QUANTUM], FREE, bytes / QUANTUM);
}

static const char *release(bool by_cache) {
    size_t off = blocks[step.slot].off, bytes = blocks[step.slot].bytes;
    if (bytes == 0) return NULL;
    disclaim(off, bytes);
    blocks[step.slot].bytes = 0;
    if (by_cache) {
        if (cache_free(step.k, &heap.regions, off)) return NULL;
        cache_make_room(step.k, &heap, off);
        bool done = cache_free(step.k, &heap.regions, off);
        HOLDS(Room, done == (bytes <= SMALL_MAX));
        if (done) return NULL;
    }
    HOLDS(Free, heap_free(&heap, off) == HEAP_OK);
    return NULL;
}

static const char *admit(size_t off, size_t bytes) {
    if (off == 0) return NULL;
    blocks[step.slot].off = off;
    blocks[step.slot].bytes = bytes;
    for (size_t i = 0; i < bytes / QUANTUM; i++) { /* it may come out of a magazine */
        uint8_t *q = &map[(off - place(0)) / QUANTUM + i];
        if (*q >= CACHED) *q = FREE;
    }
    HOLDS(NoOverlap, claim(off, bytes, LIVE));
    return NULL;
}

/* Draws what is in magazines into the map, anew; how many regions are. */
static const char *draw(size_t *regions) {
    *regions = 0;
    for (size_t q = 0; q < QUANTA; q++) map[q] = map[q] >= CACHED ? FREE : map[q];
    for (struct cache *k = cache; k < cache + CACHES; k++) {
        for (uint32_t c = 0; c < BINS; c++) {
            const struct magazine *m = &k->magazine[c + 1];
            const uint32_t top = (uint16_t)k->top[c + 1];
            HOLDS(Magazine,
                  m->low <= top && top <= m->high && m->high <= m->low + CACHE_MOST(class_bytes(c)));
            for (uint32_t i = m->low; i < top; i++, ++*regions) {
                HOLDS(OnlyOnce, claim(k->off[i], class_bytes(c), CACHED));
                HOLDS(Tag, region_tag(&heap.regions, k->off[i]) == c + 1 + TAG_CACHED);
            }
        }
    }
    return NULL;
}

static const char *allocate(void) {
    size_t off, in, bytes = class_bytes(step.class);
    FIRST(release(true));
    FIRST(draw(&in));
    if (cache_alloc(step.k, &heap.regions, step.class, &off)) {
        HOLDS(Cached, map[(off - place(0)) / QUANTUM] == CACHED);
        return admit(off, bytes);
    }
    cache_fill(step.k, &heap, step.arena, step.class);
    if (cache_alloc(step.k, &heap.regions, step.class, &off)) return admit(off, bytes);
    HOLDS(Full, heap_alloc(&heap, step.arena, bytes, 1) == 0);
    return NULL;
}

static const char *allocate_from_heap(size_t bytes) {
    FIRST(release(false));
    size_t off = heap_alloc(&heap, step.arena, bytes, 1);
    return off == 0 ? NULL : admit(off, heap_usable(&heap, off));
}

static bool is_right(enum verdict v, enum whose w) {
    static const enum verdict right[] = {HEAP_DOUBLE_FREE, HEAP_OK, HEAP_INTERIOR, HEAP_DOUBLE_FREE,
                                         HEAP_UNALLOCATED};
    return w == FREE ? v == HEAP_DOUBLE_FREE || v == HEAP_UNALLOCATED : v == right[w];
}

static bool is_refusal(enum verdict v, size_t q) {
    if (q >= QUANTA) return v == HEAP_FOREIGN;
    return step.bytes > 0 ? v == HEAP_UNALIGNED : is_right(v, map[q]);
}

static const char *hostile(void) {
    size_t q = (blocks[step.slot].off - place(0)) / QUANTUM + step.n, off = place(q) + step.bytes;
    if (q < QUANTA && map[q] == LIVE && step.bytes == 0) return NULL;
    cache_make_room(step.k, &heap, 0); /* so that it knows the heap's end */
    struct cache was = *step.k;
    before = heap;
    HOLDS(Class, cache_class(step.k, &heap.regions, off) == BINS);
    HOLDS(Refused, !cache_free(step.k, &heap.regions, off));
    cache_make_room(step.k, &heap, off);
    HOLDS(Refused, !cache_free(step.k, &heap.regions, off));
    HOLDS(Verdict, is_refusal(heap_free(&heap, off), q));
    HOLDS(Unchanged, memcmp(&was, step.k, sizeof was) == 0 && memcmp(&before, &heap, sizeof heap) == 0);
    return NULL;
}

static const char *check_all(void) {
    size_t in, cached = 0;
    FIRST(draw(&in));
    for (size_t q = 0; q < QUANTA; q++) cached += heap.regions.tags.tag[q] > TAG_CACHED;
    for (size_t q = step.n % SOME; q < QUANTA; q += SOME) {
        HOLDS(Verdict, is_right(heap_verdict(&heap, place(q)), map[q]));
    }
    HOLDS(NoneLost, in == cached);
    return heap_check(&heap);
}

static const char *end(void) {
    struct heap_stats s;
    for (step.slot = 0; step.slot < HELD; step.slot++) {
        step.k = &cache[step.slot % CACHES];
        FIRST(release(true));
    }
    FIRST(check_all());
    for (struct cache *k = cache; k < cache + CACHES; k++) {
        cache_empty(k, &heap);
        HOLDS(Empty, !cache_empty(k, &heap));
    }
    heap_stats(&heap, &s);
    HOLDS(AllFree, s.active == 0 && heap.pages.tree.length[FIRST_PAGE] == CHUNKS * CHUNK_PAGES);
    return check_all();
}

static const char *bulk(bool free) {
    for (uint32_t i = 0; i < step.n % HELD; i++, step.slot = (step.slot + 1) % HELD) {
        FIRST(free ? release(true) : allocate());
    }
    return NULL;
}

static const char *operate(void) {
    switch (step.what) {
        case 'a':
            return allocate();
        case 'c':
            return allocate_from_heap(class_bytes(step.class));
        case 'r':
            return allocate_from_heap(SMALL_MAX + (size_t)step.n % CHUNK_PAGES * PAGE);
        case 'f':
        case 's':
            return release(step.what == 'f');
        case 'b':
        case 'd':
            return bulk(step.what == 'd');
        case 'h':
            return hostile();
        case 'g':
            return cache_fill(step.k, &heap, step.arena, step.class), NULL;
        default:
            return cache_empty(step.k, &heap), NULL;
    }
}

static const char *live(const uint8_t *line) {
    if (line == NULL) return end();
    step.what = letter("afhbdrspgc", line[0]);
    step.slot = number(line[1]) % HELD;
    step.arena = number(line[6]) % CACHES % ARENAS;
    step.k = &cache[number(line[6]) % CACHES];
    step.class = number(line[3]) % BINS;
    step.bytes = line[4] == '-' ? 1 : line[4] == '+' ? 4 : 0;
    step.n = number(line[5]);
    FIRST(operate());
    return check_all();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    memset(&heap, 0, sizeof heap);
    memset(cache, 0, sizeof cache);
    memset(map, 0, sizeof map);
    heap_init(&heap, ARENAS, 0);
    if (!heap_grow(&heap, CHUNKS)) abort();
    for (struct cache *k = cache; k < cache + CACHES; k++) cache_init(k);
    for (uint32_t i = 0; i < HELD; i++) {
        blocks[i].off = place(0);
        blocks[i].bytes = 0;
    }
    judge_lines(live, input, size, 0);
    return 0;
}
