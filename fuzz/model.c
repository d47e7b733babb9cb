#include "fuzz/model.h"

#include <string.h>

static const struct {
    uint32_t bytes, pages, regions;
} table[BINS] = {
#define ROW(bytes, pages) {bytes, pages, pages * PAGE / bytes},
    SIZE_CLASSES(ROW)};

static const size_t too_much = (size_t)SLOTS * PAGE + 1;

void model_init(struct model *m, uint32_t arenas, uint32_t base_page) {
    memset(m->page, 0, sizeof m->page[0] * m->end);
    memset(m->block, 0, sizeof m->block[0] * PAGE_QUANTA * m->end);
    memset(m->full, 0, sizeof m->full);
    m->arenas = arenas;
    m->bias = base_page;
    m->end = FIRST_PAGE;
}

void model_grow(struct model *m, uint32_t chunks) {
    m->end += chunks * CHUNK_PAGES;
}

/* A request: a small class, or pages of a large block (less than a chunk) or a huge one. */
struct wish {
    enum use use;
    uint32_t class;
    uint64_t pages, align; /* pages */
};

static struct wish wish(size_t bytes, size_t align) {
    if (bytes == 0) bytes = 1;
    for (uint32_t c = 0; align <= PAGE && c < BINS; c++) {
        if (table[c].bytes >= bytes && table[c].bytes % align == 0) {
            return (struct wish){USE_BIN, c, table[c].pages, 1};
        }
    }
    uint64_t pages = (bytes + (PAGE - 1)) / PAGE, align_pages = align < PAGE ? 1 : align / PAGE;
    if (pages + align_pages - 1 <= CHUNK_PAGES) return (struct wish){USE_LARGE, 0, pages, align_pages};
    while (pages % CHUNK_PAGES != 0) pages++;
    return (struct wish){USE_HUGE, 0, pages, align_pages};
}

size_t model_good_size(size_t bytes, size_t align) {
    if (bytes >= too_much || align >= too_much) return 0;
    struct wish w = wish(bytes, align);
    return w.use == USE_BIN ? table[w.class].bytes : w.pages * PAGE;
}

/* The end of the extent of pages from p on that are of one use and owner; free pages of
 * an arena end with their chunk, and what is nobody's is whole chunks. */
static uint32_t extent_end(const struct model *m, uint32_t p) {
    uint32_t step = m->page[p].owner == 0 ? CHUNK_PAGES : 1, q = p + step;
    while (q < m->end && m->page[q].use == m->page[p].use && m->page[q].owner == m->page[p].owner &&
           (m->page[p].owner == 0 || q % CHUNK_PAGES != 0)) {
        q += step;
    }
    return q;
}

static bool is_free(const struct model *m, uint32_t p) {
    return m->page[p].use == USE_FREE;
}

/* The lowest free extent of at least n pages, of chunks (owner 0) or of an arena; 0 if none. */
static uint32_t first_fit(const struct model *m, uint16_t owner, uint64_t n) {
    for (uint32_t p = FIRST_PAGE, q; p < m->end; p = q) {
        bool others = m->page[p].owner != owner;
        q = others ? p + CHUNK_PAGES : extent_end(m, p);
        if (is_free(m, p) && !others && q - p >= n) return p;
    }
    return 0;
}

static uint32_t aligned(const struct model *m, uint32_t p, uint64_t align) {
    while ((uint32_t)(p + m->bias) % align != 0) p++;
    return p;
}

static uint32_t take(struct model *m, uint32_t p, struct wish w, uint16_t owner) {
    for (uint32_t i = 0; i < w.pages; i++) {
        m->page[p + i].use = (uint8_t)w.use;
        m->page[p + i].class = (uint8_t)w.class;
        m->page[p + i].owner = owner;
        m->page[p + i].start = p;
    }
    return p;
}

static uint32_t take_run(struct model *m, uint32_t a, struct wish w) {
    uint16_t owner = (uint16_t)(a + 1);
    uint32_t p = first_fit(m, owner, w.pages + w.align - 1);
    if (p == 0) {
        p = first_fit(m, 0, CHUNK_PAGES);
        if (p == 0) return 0;
        take(m, p, (struct wish){USE_FREE, 0, CHUNK_PAGES, 1}, owner);
    }
    return take(m, aligned(m, p, w.align), w, owner);
}

/* The pages that an extent of free chunks must have to hold a huge block at any place; 0 if the
 * place would depend on where the heap lies, and the alignment cannot be had. */
static uint64_t huge_room(const struct model *m, struct wish w) {
    uint64_t unit = w.align < CHUNK_PAGES ? w.align : CHUNK_PAGES;
    if (m->bias % unit != 0) return 0;
    return w.pages + w.align - unit;
}

static uint32_t take_huge(struct model *m, struct wish w) {
    uint64_t room = huge_room(m, w);
    uint32_t p = room == 0 ? 0 : first_fit(m, 0, room);
    return p == 0 ? 0 : take(m, aligned(m, p, w.align), w, 0);
}

static size_t region(uint32_t r, uint32_t c, uint32_t i) {
    return (size_t)r * PAGE + (size_t)i * table[c].bytes;
}

/* The first free region of bin run r, 0 if it is full. */
static size_t free_region(const struct model *m, uint32_t r) {
    uint32_t c = m->page[r].class;
    for (uint32_t i = 0; i < table[c].regions; i++) {
        if (m->block[region(r, c, i) / QUANTUM] == 0) return region(r, c, i);
    }
    return 0;
}

static bool starts_run(const struct model *m, uint32_t p, enum use use) {
    return m->page[p].use == use && m->page[p].start == p;
}

static size_t take_region(struct model *m, uint32_t a, struct wish w) {
    uint32_t *full = &m->full[a][w.class];
    for (uint32_t p = *full; p < m->end; *full = ++p) {
        if (!starts_run(m, p, USE_BIN) || m->page[p].owner != a + 1 || m->page[p].class != w.class) continue;
        size_t off = free_region(m, p);
        if (off != 0) return off;
    }
    uint32_t p = take_run(m, a, w);
    if (p != 0) *full = p;
    return (size_t)p * PAGE;
}

static void cover(struct model *m, size_t off, size_t bytes, uint16_t number) {
    for (size_t q = off / QUANTUM; q < (off + bytes) / QUANTUM; q++) m->block[q] = number;
}

size_t model_alloc(struct model *m, uint32_t a, size_t bytes, size_t align, uint16_t number) {
    if (model_good_size(bytes, align) == 0) return 0;
    struct wish w = wish(bytes, align);
    size_t off = w.use == USE_BIN     ? take_region(m, a, w)
                 : w.use == USE_LARGE ? (size_t)take_run(m, a, w) * PAGE
                                      : (size_t)take_huge(m, w) * PAGE;
    if (off != 0) cover(m, off, model_good_size(bytes, align), number);
    return off;
}

uint32_t model_needs(const struct model *m, size_t bytes, size_t align) {
    if (model_good_size(bytes, align) == 0) return 0;
    struct wish w = wish(bytes, align);
    if (w.use != USE_HUGE) return 1;
    uint64_t room = huge_room(m, w);
    for (uint32_t p = m->end; room > 0 && p > FIRST_PAGE && is_free(m, p - 1) && m->page[p - 1].owner == 0;
         p--)
        room--;
    return (uint32_t)(room / CHUNK_PAGES);
}

bool model_is_clear(const struct model *m, size_t off, size_t bytes, uint16_t number) {
    bool clear = true;
    for (size_t q = off / QUANTUM; q < (off + bytes + QUANTUM - 1) / QUANTUM; q++) {
        clear &= (m->block[q] == 0) | (m->block[q] == number);
    }
    return clear;
}

static bool is_start(const struct model *m, size_t off) {
    uint16_t number = m->block[off / QUANTUM];
    return off % QUANTUM == 0 && number != 0 && m->block[off / QUANTUM - 1] != number;
}

/* Where no block is. */
static enum verdict verdict_on_free(const struct model *m, size_t off) {
    uint32_t p = (uint32_t)(off / PAGE);
    if (m->page[p].use == USE_BIN) {
        uint32_t c = m->page[p].class, r = m->page[p].start;
        for (uint32_t i = 0; i < table[c].regions; i++) {
            if (region(r, c, i) == off) return HEAP_DOUBLE_FREE;
        }
        return HEAP_UNALLOCATED;
    }
    static const enum verdict of_state[] = {
        [PAGE_FRESH] = HEAP_UNALLOCATED, [PAGE_DIRTY] = HEAP_DOUBLE_FREE, [PAGE_PURGED] = HEAP_PURGED};
    return of_state[m->page[p].state];
}

enum verdict model_verdict(const struct model *m, size_t off) {
    if (off < (size_t)FIRST_PAGE * PAGE || off >= (size_t)m->end * PAGE) return HEAP_FOREIGN;
    if (off % QUANTUM != 0) return HEAP_UNALIGNED;
    if (is_start(m, off)) return HEAP_OK;
    return m->block[off / QUANTUM] != 0 ? HEAP_INTERIOR : verdict_on_free(m, off);
}

size_t model_usable(const struct model *m, size_t off) {
    uint32_t p = (uint32_t)(off / PAGE), n = 1;
    if (m->page[p].use == USE_BIN) return table[m->page[p].class].bytes;
    while (p + n < m->end && !is_free(m, p + n) && m->page[p + n].start == p) n++;
    return (size_t)n * PAGE;
}

bool model_is_zero(const struct model *m, size_t off) {
    uint32_t p = (uint32_t)(off / PAGE), end = p + (uint32_t)(model_usable(m, off) / PAGE);
    if (m->page[p].use == USE_BIN) return false;
    while (p < end && m->page[p].state != PAGE_DIRTY) p++;
    return p == end;
}

/* The pages [p, end) of an arena or of nobody are free and dirty; so is their chunk, perhaps. */
static void release(struct model *m, uint32_t p, uint32_t end) {
    uint32_t chunk = p - p % CHUNK_PAGES, nfree = 0;
    for (; p < end; p++) {
        m->page[p].use = USE_FREE;
        m->page[p].state = PAGE_DIRTY;
    }
    for (uint32_t i = 0; i < CHUNK_PAGES; i++) nfree += is_free(m, chunk + i);
    if (nfree == CHUNK_PAGES) take(m, chunk, (struct wish){USE_FREE, 0, CHUNK_PAGES, 1}, 0);
}

void model_free(struct model *m, size_t off) {
    size_t usable = model_usable(m, off);
    uint32_t p = (uint32_t)(off / PAGE), n = (uint32_t)(usable / PAGE);
    cover(m, off, usable, 0);
    if (m->page[p].use == USE_BIN) {
        uint32_t c = m->page[p].class;
        p = m->page[p].start;
        n = table[c].pages;
        uint32_t *full = &m->full[m->page[p].owner - 1][c];
        if (p < *full) *full = p;
        for (uint32_t i = 0; i < table[c].regions; i++) {
            if (m->block[region(p, c, i) / QUANTUM] != 0) return;
        }
    }
    release(m, p, p + n);
}

size_t model_behind(const struct model *m, size_t off) {
    uint32_t p = (uint32_t)(off / PAGE), q = p + (uint32_t)(model_usable(m, off) / PAGE);
    if (m->page[p].use == USE_BIN || q == m->end || !is_free(m, q)) return 0;
    if (m->page[q].owner != m->page[p].owner) return 0;
    if (m->page[p].owner != 0 && q % CHUNK_PAGES == 0) return 0;
    return (size_t)(extent_end(m, q) - q) * PAGE;
}

enum verdict model_sized(const struct model *m, size_t off, size_t bytes, size_t align) {
    if (align >= too_much || (off + (size_t)m->bias * PAGE) % align != 0) return HEAP_WRONG_ALIGN;
    return model_good_size(bytes, align) == model_usable(m, off) ? HEAP_OK : HEAP_WRONG_SIZE;
}

enum verdict model_resize(struct model *m, size_t off, size_t bytes) {
    size_t old = model_usable(m, off), new = model_good_size(bytes, 1);
    uint32_t p = (uint32_t)(off / PAGE);
    enum use use = m->page[p].use;
    uint16_t number = m->block[off / QUANTUM], owner = m->page[p].owner;
    if (new == 0 || wish(bytes, 1).use != use) return HEAP_NO_ROOM;
    if (use == USE_BIN) return old == new ? HEAP_OK : HEAP_NO_ROOM;
    if (new > old + model_behind(m, off)) return HEAP_NO_ROOM;
    uint32_t q = p + (uint32_t)(old / PAGE), end = p + (uint32_t)(new / PAGE);
    cover(m, off, old, 0);
    if (end < q) release(m, end, q);
    take(m, p, (struct wish){use, 0, end - p, 1}, owner);
    cover(m, off, new, number);
    return HEAP_OK;
}

uint32_t model_dirty(const struct model *m, uint32_t from, uint32_t *page) {
    for (uint32_t p = from < FIRST_PAGE ? FIRST_PAGE : from, q; p < m->end; p = q) {
        q = extent_end(m, p);
        for (uint32_t i = p; is_free(m, p) && i < q; i++) {
            if (m->page[i].state == PAGE_DIRTY) {
                *page = p;
                return q - p;
            }
        }
    }
    return 0;
}

void model_purged(struct model *m, uint32_t page, uint32_t n) {
    for (uint32_t p = page; p < page + n; p++) {
        if (m->page[p].state == PAGE_DIRTY) m->page[p].state = PAGE_PURGED;
    }
}

static void count_run(const struct model *m, uint32_t r, struct heap_stats *s) {
    uint32_t c = m->page[r].class;
    s->bin[c].runs++;
    for (uint32_t i = 0; i < table[c].regions; i++) {
        if (m->block[region(r, c, i) / QUANTUM] == 0) continue;
        s->bin[c].regions++;
        s->small += table[c].bytes;
    }
}

void model_stats(const struct model *m, struct heap_stats *s) {
    memset(s, 0, sizeof *s);
    for (uint32_t p = FIRST_PAGE; p < m->end; p++) {
        s->mapped += PAGE;
        if (m->page[p].use == USE_LARGE) s->large += PAGE;
        if (m->page[p].use == USE_HUGE) s->huge += PAGE;
        if (!is_free(m, p)) s->active += PAGE;
        if (is_free(m, p) && m->page[p].state == PAGE_DIRTY) s->dirty += PAGE;
        if (starts_run(m, p, USE_BIN)) count_run(m, p, s);
    }
    s->live = s->small + s->large + s->huge;
}
