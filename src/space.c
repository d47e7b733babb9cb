#include "space.h"

#include "os.h"

/* An array of struct heap, by its bytes. */
struct part {
    size_t start;
    size_t per_chunk;
    uint32_t first; /* the chunk of element 0 */
};

#define PART(array, elements, first) \
    {offsetof(struct heap, array), (elements) * sizeof((struct heap *)0)->array[0], (first)},
static const struct part parts[] = {HEAP_ARRAYS(PART)};
#undef PART

enum { PARTS = sizeof parts / sizeof parts[0], PLACES = 32 };

struct stretch {
    uintptr_t start, end;
};

/* Where the metadata of chunks [from, to) lies in part i of the heap at address `heap`. What stands before
 * the first array counts as metadata of chunk 0. */
static struct stretch stretch_of(uintptr_t heap, uint32_t i, uint32_t from, uint32_t to) {
    const struct part *p = &parts[i];
    struct stretch s = {heap + p->start, heap + p->start};
    if (from > p->first) s.start += (from - p->first) * p->per_chunk;
    if (to > p->first) s.end += (to - p->first) * p->per_chunk;
    if (i == 0 && from == 0) s.start = heap;
    return s;
}

static uintptr_t round_up(uintptr_t address) {
    return (address + GRANULE - 1) & ~(uintptr_t)(GRANULE - 1);
}

/* The granules to map for part i. The one that it shares with the part below is that part's. */
static struct stretch granules_of(uintptr_t heap, uint32_t i, uint32_t chunks) {
    struct stretch s = stretch_of(heap, i, 0, chunks);
    s.start &= ~(uintptr_t)(GRANULE - 1);
    s.end = round_up(s.end);
    if (i > 0) {
        uintptr_t below = round_up(stretch_of(heap, i - 1, 0, chunks).end);
        if (s.start < below) s.start = below;
    }
    return s;
}

static void unmap_heap(uintptr_t heap, uint32_t n, uint32_t chunks) {
    for (uint32_t i = 0; i < n; i++) {
        struct stretch s = granules_of(heap, i, chunks);
        if (s.start < s.end) os_unmap(s.start, s.end - s.start);
    }
}

static bool map_heap(uintptr_t heap, uint32_t chunks) {
    for (uint32_t i = 0; i < PARTS; i++) {
        struct stretch s = granules_of(heap, i, chunks);
        if (s.start < s.end && !os_map_at(s.start, s.end - s.start)) {
            unmap_heap(heap, i, chunks);
            return false;
        }
    }
    return true;
}

static bool commit_heap(uintptr_t heap, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < PARTS; i++) {
        struct stretch s = stretch_of(heap, i, from, to);
        if (s.start < s.end && !os_commit(s.start, s.end - s.start)) return false;
    }
    return true;
}

/* A place for the metadata near the data: below, where systems that hand out addresses downwards have
 * room, or else above. 0 if there is none. */
static uintptr_t place_heap(uintptr_t data, size_t bytes, uint32_t chunks) {
    const size_t span = (sizeof(struct heap) / GRANULE + 2) * GRANULE;
    for (size_t i = 1; i <= PLACES && i * span < data; i++) {
        if (map_heap(data - i * span, chunks)) return data - i * span;
    }
    for (size_t i = 0; i < PLACES; i++) {
        if (map_heap(data + bytes + i * span + GRANULE, chunks)) return data + bytes + i * span + GRANULE;
    }
    return 0;
}

static struct space space_of(uintptr_t heap, uintptr_t data, uint32_t chunks) {
    struct heap *h = (struct heap *)heap;
    return (struct space){h, &h->regions, data - (uintptr_t)FIRST_PAGE * PAGE, chunks};
}

static bool reserve(struct space *s, uint32_t chunks) {
    const size_t bytes = (size_t)chunks * CHUNK;
    uintptr_t data = os_map(bytes, CHUNK);
    if (data == 0) return false;
    uintptr_t heap = place_heap(data, bytes, FIRST_CHUNK + chunks);
    if (heap != 0 && commit_heap(heap, 0, FIRST_CHUNK)) {
        *s = space_of(heap, data, chunks);
        return true;
    }
    if (heap != 0) unmap_heap(heap, PARTS, FIRST_CHUNK + chunks);
    os_unmap(data, bytes);
    return false;
}

/* The program needs room, too: where there is a limit we take less than half of it. */
bool space_reserve(struct space *s) {
    const size_t most = os_limit() / 2;
    for (uint32_t chunks = HEAP_CHUNKS - FIRST_CHUNK; chunks > 0; chunks /= 2) {
        if ((size_t)chunks * CHUNK <= most && reserve(s, chunks)) return true;
    }
    return false;
}

bool space_divide(struct space *s, uintptr_t start) {
    const size_t metadata = (sizeof(struct heap) + CHUNK - 1) / CHUNK * CHUNK;
    *s = space_of(start, start + metadata, (uint32_t)((SPACE_STRETCH - metadata) / CHUNK));
    return commit_heap(start, 0, FIRST_CHUNK);
}

bool space_commit(const struct space *s, uint32_t from, uint32_t to) {
    const uintptr_t data = s->base + (uintptr_t)FIRST_PAGE * PAGE;
    const uintptr_t start = data + (uintptr_t)from * CHUNK;
    return commit_heap((uintptr_t)s->heap, FIRST_CHUNK + from, FIRST_CHUNK + to) &&
           os_commit(start, (size_t)(to - from) * CHUNK);
}
