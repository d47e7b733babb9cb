#include "size.h"

#define BYTES(bytes, pages) bytes,
#define PAGES(bytes, pages) pages,
#define REGIONS(bytes, pages) (pages) * PAGE / (bytes),

static const uint16_t bytes_of[BINS] = {SIZE_CLASSES(BYTES)};
static const uint8_t pages_of_run[BINS] = {SIZE_CLASSES(PAGES)};
static const uint16_t regions_of[BINS] = {SIZE_CLASSES(REGIONS)};

uint32_t class_bytes(uint32_t c) {
    return bytes_of[c];
}

uint32_t class_quanta(uint32_t c) {
    return class_bytes(c) / QUANTUM;
}

uint32_t class_pages(uint32_t c) {
    return pages_of_run[c];
}

uint32_t class_regions(uint32_t c) {
    return regions_of[c];
}

void sizes_init(struct sizes *s) {
    uint32_t c = 0;
    s->class_of[0] = 0;
    for (uint32_t q = 1; q <= SMALL_QUANTA; q++) {
        if (class_bytes(c) < q * QUANTUM) c++;
        s->class_of[q] = (uint8_t)c;
    }
}

uint32_t size_class(const struct sizes *s, size_t bytes) {
    return s->class_of[(bytes + (QUANTUM - 1)) / QUANTUM];
}

size_t pages_of(size_t bytes) {
    return bytes / PAGE + (bytes % PAGE != 0);
}
