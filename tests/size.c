/* Every request up to SMALL_MAX and every class, against the table's definition taken literally. */
#include <stdint.h>

#include "size.h"
#include "tests/test.h"

#define ROW(bytes, pages) {bytes, pages},
static const struct row { uint32_t bytes, pages; } rows[] = {SIZE_CLASSES(ROW)};

enum { ROWS = sizeof rows / sizeof rows[0] };

static void test_classes(void) {
    CHECK(ROWS == (int)BINS);
    CHECK(rows[0].bytes == QUANTUM && rows[BINS - 1].bytes == SMALL_MAX);
    for (uint32_t c = 0; c < BINS; c++) {
        const uint32_t run = rows[c].pages * PAGE, regions = run / rows[c].bytes;
        CHECK(class_bytes(c) == rows[c].bytes);
        CHECK(class_quanta(c) * QUANTUM == rows[c].bytes);
        CHECK(class_pages(c) == rows[c].pages && rows[c].pages <= CHUNK_PAGES);
        CHECK(class_regions(c) == regions && regions >= 4);
        CHECK(64 * (run - regions * rows[c].bytes) <= run);
        CHECK(c == 0 || rows[c].bytes > rows[c - 1].bytes);
    }
    /* From here on steps are above a quantum. */
    for (uint32_t bytes = CLASS_STEPS * QUANTUM; bytes < SMALL_MAX; bytes *= 2) {
        uint32_t n = 0;
        for (uint32_t c = 0; c < BINS; c++) n += bytes < rows[c].bytes && rows[c].bytes <= 2 * bytes;
        CHECK(n == CLASS_STEPS);
    }
}

static void test_requests(void) {
    static struct sizes sizes;
    uint32_t least = 0;          /* the smallest class that holds the request */
    uint64_t wasted = 0, of = 1; /* the worst share of a request that is wasted, above one quantum */
    sizes_init(&sizes);
    for (uint32_t bytes = 1; bytes <= SMALL_MAX; bytes++) {
        if (rows[least].bytes < bytes) least++;
        CHECK(size_class(&sizes, bytes) == least);
        const uint32_t waste = rows[least].bytes - bytes;
        CHECK(waste < QUANTUM || CLASS_STEPS * waste < bytes);
        if (waste >= QUANTUM && waste * of > wasted * bytes) wasted = waste, of = bytes;
    }
    /* The bound is tight: the first request behind a power of two wastes a step, less one byte. */
    CHECK(wasted == SMALL_MAX / 2 / CLASS_STEPS - 1 && of == SMALL_MAX / 2 + 1);
}

static void test_pages(void) {
    for (size_t bytes = 0; bytes <= (size_t)4 * PAGE; bytes++) {
        size_t pages = 0;
        while (pages * PAGE < bytes) pages++;
        CHECK(pages_of(bytes) == pages);
    }
    CHECK(pages_of(SIZE_MAX) == SIZE_MAX / PAGE + 1);
    CHECK(pages_of(SIZE_MAX - PAGE + 1) == SIZE_MAX / PAGE);
}

int main(void) {
    test_classes();
    test_requests();
    test_pages();
    return 0;
}
