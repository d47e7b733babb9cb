/* stats: the numbers of a heap after each step of a script. */
#include "tests/metadata.h"
#include "heap.h"

enum { LARGE = SMALL_MAX + PAGE };

static struct heap *h;
static struct heap_stats s;

/* Whether the bytes are these: live ones, as small, large and huge blocks, active, and dirty. */
static bool bytes_are(size_t small, size_t large, size_t huge, size_t active, size_t dirty) {
    memset(&s, 0xff, sizeof s);
    heap_stats(h, &s);
    return s.small == small && s.large == large && s.huge == huge && s.live == small + large + huge &&
           s.active == active && s.dirty == dirty;
}

/* Whether there are as many runs, and live regions, of class c as said, and none of other classes but class d. */
static bool bin_is(uint32_t c, uint32_t runs, uint32_t regions, uint32_t d) {
    for (uint32_t i = 0; i < BINS; i++) {
        bool none = s.bin[i].runs == 0 && s.bin[i].regions == 0;
        if (i != c && i != d && !none) return false;
    }
    return s.bin[c].runs == runs && s.bin[c].regions == regions;
}

int main(void) {
    const uint32_t last = BINS - 1, regions = class_regions(last);
    const size_t run = class_pages(last) * PAGE, chunk = CHUNK;
    h = zeroed(sizeof *h);
    heap_init(h, ARENAS, 0);
    CHECK(bytes_are(0, 0, 0, 0, 0) && s.mapped == 0 && bin_is(0, 0, 0, 0));
    heap_grow(h, 5);
    CHECK(bytes_are(0, 0, 0, 0, 0) && s.mapped == 5 * chunk && bin_is(0, 0, 0, 0));

    size_t first = heap_alloc(h, 0, SMALL_MAX, 1);
    for (uint32_t i = 0; i < regions; i++) heap_alloc(h, 0, SMALL_MAX, 1);
    CHECK(bytes_are((regions + 1) * SMALL_MAX, 0, 0, 2 * run, 0) && bin_is(last, 2, regions + 1, last));
    size_t tiny = heap_alloc(h, ARENAS - 1, 1, 1);
    CHECK(bytes_are((regions + 1) * SMALL_MAX + QUANTUM, 0, 0, 2 * run + PAGE, 0));
    CHECK(bin_is(last, 2, regions + 1, 0) && bin_is(0, 1, 1, last));
    size_t large = heap_alloc(h, 0, LARGE, 1), huge = heap_alloc(h, 0, chunk + 1, 1);
    CHECK(bytes_are((regions + 1) * SMALL_MAX + QUANTUM, LARGE, 2 * chunk, 2 * run + PAGE + LARGE + 2 * chunk,
                    0));

    heap_free(h, first);
    CHECK(bytes_are(regions * SMALL_MAX + QUANTUM, LARGE, 2 * chunk, 2 * run + PAGE + LARGE + 2 * chunk, 0));
    CHECK(bin_is(last, 2, regions, 0));
    heap_free(h, tiny);
    CHECK(bytes_are(regions * SMALL_MAX, LARGE, 2 * chunk, 2 * run + LARGE + 2 * chunk, PAGE));
    CHECK(bin_is(last, 2, regions, last));
    heap_free(h, large);
    CHECK(bytes_are(regions * SMALL_MAX, 0, 2 * chunk, 2 * run + 2 * chunk, PAGE + LARGE));
    heap_free(h, huge);
    CHECK(bytes_are(regions * SMALL_MAX, 0, 0, 2 * run, PAGE + LARGE + 2 * chunk) && s.mapped == 5 * chunk);
    for (uint32_t page = 0, n = 0; (n = heap_dirty(h, page + n, &page)) != 0;) heap_purged(h, page, n);
    CHECK(bytes_are(regions * SMALL_MAX, 0, 0, 2 * run, 0) && bin_is(last, 2, regions, last));
}
