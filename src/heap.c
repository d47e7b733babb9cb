#include "heap.h"

_Static_assert(SMALL_MAX % PAGE == 0, "rounded up to a page at most, a small size stays one");

static const size_t heap_max = (size_t)SLOTS * PAGE; /* bytes: more than any block can have */

/* A request in the units of its kind: a class of small blocks, or pages. */
struct request {
    uint32_t small; /* bytes, a multiple of the alignment; 0 if not small */
    uint32_t pages;
    uint32_t align; /* pages */
};

bool heap_is_small(size_t bytes, size_t align) {
    return bytes <= SMALL_MAX && align <= PAGE;
}

/* Classes that hold a multiple of a power of two are multiples of it, and runs start at pages:
 * so a small block is aligned as asked if its size is rounded up to the alignment. */
static uint32_t small_size(size_t bytes, size_t align) {
    return (uint32_t)(((bytes + (bytes == 0)) + (align - 1)) / align * align);
}

/* Needs bytes and align of at most heap_max. */
static struct request request_of(size_t bytes, size_t align) {
    struct request r = {0, 0, 1};
    if (heap_is_small(bytes, align)) {
        r.small = small_size(bytes, align);
    } else {
        r.pages = (uint32_t)pages_of(bytes + (bytes == 0));
        if (align > PAGE) r.align = (uint32_t)(align / PAGE);
    }
    return r;
}

/* Whether a chunk holds the pages wherever its free ones begin. */
static bool is_large(struct request r) {
    return r.pages + (r.align - 1) <= CHUNK_PAGES;
}

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
    if (bytes > heap_max || align > heap_max) return 0;
    struct request r = request_of(bytes, align);
    if (r.small != 0 || is_large(r)) return 1;
    uint32_t extent = huge_extent(&h->pages, r.pages, r.align), tail = free_at_end(h);
    return extent > tail ? (extent - tail) / CHUNK_PAGES : 0;
}

size_t heap_alloc(struct heap *h, uint32_t a, size_t bytes, size_t align) {
    if (bytes > heap_max || align > heap_max) return 0;
    struct request r = request_of(bytes, align);
    if (r.small != 0) {
        return block_small(&h->pages, &h->regions, &h->bins, a + 1, size_class(&h->sizes, r.small));
    }
    if (is_large(r)) return block_large(&h->pages, a + 1, r.pages, r.align);
    return block_huge(&h->pages, r.pages, r.align);
}

size_t heap_good_size(const struct heap *h, size_t bytes, size_t align) {
    if (bytes > heap_max || align > heap_max) return 0;
    struct request r = request_of(bytes, align);
    if (r.small != 0) return class_bytes(size_class(&h->sizes, r.small));
    return (is_large(r) ? r.pages : (size_t)whole_chunks(r.pages)) * PAGE;
}

uint32_t heap_class(const struct heap *h, size_t bytes, size_t align) {
    return size_class(&h->sizes, small_size(bytes, align));
}

enum verdict heap_verdict(const struct heap *h, size_t off) {
    return block_verdict(&h->pages, &h->regions, off);
}

size_t heap_usable(const struct heap *h, size_t off) {
    return heap_verdict(h, off) == HEAP_OK ? block_bytes(&h->pages, &h->regions, off) : 0;
}

bool heap_is_zero(const struct heap *h, size_t off) {
    return !region_is_live(&h->regions, off) && run_dirty(&h->pages, (pageno)(off / PAGE)) == 0;
}

enum verdict heap_free(struct heap *h, size_t off) {
    enum verdict v = heap_verdict(h, off);
    if (v == HEAP_OK) block_free(&h->pages, &h->regions, &h->bins, off);
    return v;
}

/* Whether the address of off is a multiple of align, a power of two. */
static bool is_aligned(const struct heap *h, size_t off, size_t align) {
    if (align <= PAGE) return off % align == 0;
    return off % PAGE == 0 && align <= heap_max &&
           run_misalignment(&h->pages, (pageno)(off / PAGE), (uint32_t)(align / PAGE)) == 0;
}

enum verdict heap_free_sized(struct heap *h, size_t off, size_t bytes, size_t align) {
    enum verdict v = heap_verdict(h, off);
    if (v != HEAP_OK) return v;
    if (!is_aligned(h, off, align)) return HEAP_WRONG_ALIGN;
    if (block_bytes(&h->pages, &h->regions, off) != heap_good_size(h, bytes, align)) return HEAP_WRONG_SIZE;
    block_free(&h->pages, &h->regions, &h->bins, off);
    return HEAP_OK;
}

/* Whether the live block at off could be made one for the request in place, and is now. */
static bool resize_block(struct heap *h, size_t off, struct request r) {
    if (region_is_live(&h->regions, off)) {
        return r.small != 0 && size_class(&h->sizes, r.small) == region_class(&h->regions, off);
    }
    if (r.small != 0) return false;
    if (h->pages.kind[off / PAGE] == RUN_HUGE)
        return !is_large(r) && block_resize_huge(&h->pages, off, r.pages);
    return is_large(r) && block_resize_large(&h->pages, off, r.pages);
}

enum verdict heap_resize(struct heap *h, size_t off, size_t bytes) {
    enum verdict v = heap_verdict(h, off);
    if (v != HEAP_OK) return v;
    return bytes <= heap_max && resize_block(h, off, request_of(bytes, 1)) ? HEAP_OK : HEAP_NO_ROOM;
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
