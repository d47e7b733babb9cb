#include "extent.h"

void heap_init(struct heap *h, uint32_t arenas, uint32_t base_page) {
    sizes_init(&h->sizes);
    h->arenas = arenas;
    h->pages.end = FIRST_PAGE;
    h->pages.bias = base_page;
}

bool heap_grow(struct heap *h, uint32_t chunks) {
    if (chunks == 0 || chunks > (SLOTS - (uint32_t)h->pages.end) / CHUNK_PAGES) return false;
    chunks_add(&h->pages, chunks * CHUNK_PAGES);
    return true;
}

/* Free pages at the heap's end that new chunks would be joined with. */
static uint32_t free_at_end(const struct heap *h) {
    if (h->pages.end == FIRST_PAGE) return 0;
    pageno r = h->pages.head[h->pages.end - 1];
    return run_owner(&h->pages, r) == 0 && h->pages.kind[r] == RUN_FREE ? h->pages.tree.length[r] : 0;
}

uint32_t heap_needs(const struct heap *h, size_t bytes, size_t align) {
    if (request_exceeds(bytes, align)) return 0;
    struct request r = request_of(bytes, align);
    if (r.small != 0 || request_is_large(r)) return 1;
    uint32_t extent = huge_extent(&h->pages, r.pages, r.align), tail = free_at_end(h);
    return extent > tail ? (extent - tail) / CHUNK_PAGES : 0;
}

uint32_t heap_dirty(const struct heap *h, uint32_t from, uint32_t *page) {
    pageno p = (pageno)(from < FIRST_PAGE ? FIRST_PAGE : from);
    while (p < h->pages.end && h->pages.kind[p] != RUN_INSIDE) {
        *page = p;
        if (h->pages.kind[p] == RUN_FREE && run_dirty(&h->pages, p) != 0) return h->pages.tree.length[p];
        p = run_next(&h->pages, p);
    }
    return 0;
}

void heap_purged(struct heap *h, uint32_t page, uint32_t n) {
    for (uint32_t p = page; p < page + n; p++) {
        if (h->pages.state[p] == PAGE_DIRTY) {
            h->pages.state[p] = PAGE_PURGED;
            h->pages.dirty--;
        }
    }
}
