#define _GNU_SOURCE
#include "fuzz/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fuzz/model.h"

/* Ends the function with the name of a check that fails. */
#define HOLDS(name, condition)          \
    do {                                \
        if (!(condition)) return #name; \
    } while (0)

/* Passes on what a part of the operation found. */
#define FIRST(call)                \
    do {                           \
        const char *broken = call; \
        if (broken) return broken; \
    } while (0)

enum {
    SINGLES = 256,
    GROUPS = 16,
    GROUP = 320,
    BLOCKS = SINGLES + GROUPS * GROUP,
    STAMP = 64,   /* bytes */
    PERIOD = 509, /* of the noise in blocks: no page holds the same as the next */
    PART =
        1 << 17 /* bytes of metadata that are compared when nothing may change: all, if the heap is small */
};

const struct subject the_heap = {
    heap_alloc,   heap_free,  heap_free_sized, heap_resize, heap_verdict, heap_usable, heap_good_size,
    heap_is_zero, heap_needs, heap_grow,       heap_dirty,  heap_purged,  heap_stats,  heap_check,
};

/* What the client knows of a block. */
struct block {
    bool live;
    uint16_t noise; /* where on the tape its contents start */
    size_t off, usable;
    size_t bytes, align; /* asked for */
};

static struct model model;
static struct block blocks[BLOCKS]; /* a block's number is its index plus one */
static struct heap *heap;
static unsigned char *memory; /* the heap's range, from offset 0 */
static unsigned char tape[PERIOD + STAMP];
static unsigned char before[PART];
static const struct subject *subject;
static uint32_t chunk_limit;
static uint32_t born; /* blocks so far */

static const size_t compared = sizeof(struct heap) < PART ? sizeof(struct heap) : PART;
static const size_t range = (size_t)MODEL_PAGES * PAGE;

static void *map_zeroes(size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return p;
}

/* All is zero again. A hosted heap's metadata is 72 GiB of address space, of which little is in use. */
static void reset(void) {
    if (heap == NULL) {
        heap = map_zeroes(sizeof *heap);
        memory = map_zeroes(range);
        uint32_t x = 1;
        for (int i = 0; i < PERIOD; i++) tape[i] = (unsigned char)((x = x * 69069 + 1) >> 24 | 1);
        memcpy(tape + PERIOD, tape, STAMP);
    }
    madvise(heap, sizeof *heap, MADV_DONTNEED);
    madvise(memory, range, MADV_DONTNEED);
    memset(blocks, 0, sizeof blocks);
    born = 0;
}

/* Nothing that the heap knows has changed since note(). */
static void note(void) {
    memcpy(before, heap, compared);
}
static bool unchanged(void) {
    return memcmp(before, heap, compared) == 0;
}

static size_t stamp_bytes(const struct block *b) {
    return b->usable < STAMP ? b->usable : STAMP;
}

/* What the block holds i bytes from its start on. */
static const unsigned char *noise(const struct block *b, size_t i) {
    return tape + (b->noise + i) % PERIOD;
}

/* Stamps the block at the start of each page, and at its end; or sees whether it is stamped so. */
static void stamp(const struct block *b) {
    size_t n = stamp_bytes(b), last = b->usable - n;
    for (size_t i = 0; i < last; i += PAGE) memcpy(memory + b->off + i, noise(b, i), n);
    memcpy(memory + b->off + last, noise(b, last), n);
}

static bool is_intact(const struct block *b) {
    size_t n = stamp_bytes(b), last = b->usable - n;
    for (size_t i = 0; i < last; i += PAGE) {
        if (memcmp(memory + b->off + i, noise(b, i), n) != 0) return false;
    }
    return memcmp(memory + b->off + last, noise(b, last), n) == 0;
}

static bool reads_zero(const struct block *b) {
    const unsigned char *p = memory + b->off;
    return p[0] == 0 && memcmp(p, p + 1, b->usable - 1) == 0;
}

/* A block as the client sees it, with the heap's answers about it. */
static const char *check_block(const struct block *b, uint32_t slot) {
    size_t start = (size_t)FIRST_PAGE * PAGE, end = (size_t)model.end * PAGE;
    HOLDS(InHeap, start <= b->off && b->off < end && b->usable <= end - b->off);
    HOLDS(Enough, b->usable >= b->bytes && b->usable > 0);
    for (size_t off = b->off; off < b->off + b->usable; off += QUANTUM) {
        uint16_t other = model_block(&model, off);
        HOLDS(NoOverlap, other == 0 || other == slot + 1);
    }
    HOLDS(Aligned, (b->off + (size_t)model.bias * PAGE) % b->align == 0 && b->off % QUANTUM == 0);
    HOLDS(Verdict, subject->verdict(heap, b->off) == HEAP_OK);
    HOLDS(GoodSize, b->usable == subject->good_size(heap, b->bytes, b->align));
    return NULL;
}

/* The heap has given off for the request; the model has not been asked. */
static const char *admit(size_t off, const struct op *o, uint32_t slot) {
    struct block *b = &blocks[slot];
    *b = (struct block){true,    (uint16_t)(++born * 31 % PERIOD), off, subject->usable(heap, off), o->bytes,
                        o->align};
    FIRST(check_block(b, slot));
    bool zero = subject->is_zero(heap, off);
    HOLDS(Zero, !zero || reads_zero(b));
    HOLDS(Place, model_alloc(&model, o->arena, o->bytes, o->align, (uint16_t)(slot + 1)) == off);
    HOLDS(Usable, b->usable == model_usable(&model, off));
    HOLDS(KnownZero, zero == model_is_zero(&model, off));
    stamp(b);
    return NULL;
}

static uint32_t chunks(void) {
    return model.end / CHUNK_PAGES - FIRST_CHUNK;
}

/* The request has failed. True in *again if the heap has grown for it. */
static const char *make_room(const struct op *o, bool *again) {
    uint32_t needs = subject->needs(heap, o->bytes, o->align);
    HOLDS(Room, model_alloc(&model, o->arena, o->bytes, o->align, BLOCKS + 1) == 0);
    HOLDS(Needs, needs == model_needs(&model, o->bytes, o->align));
    *again = needs > 0 && chunks() < chunk_limit && needs <= chunk_limit - chunks();
    if (!*again) return NULL;
    HOLDS(Grow, subject->grow(heap, needs));
    model_grow(&model, needs);
    return NULL;
}

static const char *allocate(const struct op *o, uint32_t slot) {
    bool again, single = slot < SINGLES;
    if (single) note();
    size_t off = subject->alloc(heap, o->arena, o->bytes, o->align);
    if (off != 0) return admit(off, o, slot);
    if (single) HOLDS(Unchanged, unchanged());
    FIRST(make_room(o, &again));
    if (!again) return NULL;
    off = subject->alloc(heap, o->arena, o->bytes, o->align);
    HOLDS(Grown, off != 0);
    return admit(off, o, slot);
}

static const char *release(uint32_t slot) {
    struct block *b = &blocks[slot];
    if (!b->live) return NULL;
    HOLDS(Contents, is_intact(b));
    HOLDS(Free, subject->free(heap, b->off) == HEAP_OK);
    model_free(&model, b->off);
    b->live = false;
    return NULL;
}

static const char *release_sized(uint32_t slot, size_t bytes, size_t align) {
    struct block *b = &blocks[slot];
    if (!b->live) return NULL;
    enum verdict v = model_sized(&model, b->off, bytes, align);
    note();
    HOLDS(Sized, subject->free_sized(heap, b->off, bytes, align) == v);
    if (v != HEAP_OK) {
        HOLDS(Unchanged, unchanged());
        return NULL;
    }
    model_free(&model, b->off);
    b->live = false;
    return NULL;
}

static const char *resize(uint32_t slot, size_t bytes) {
    struct block *b = &blocks[slot], changed = *b;
    if (!b->live) return NULL;
    HOLDS(Contents, is_intact(b));
    note();
    enum verdict v = subject->resize(heap, b->off, bytes);
    if (v == HEAP_OK) {
        changed = (struct block){true, b->noise, b->off, subject->usable(heap, b->off), bytes, 1};
        FIRST(check_block(&changed, slot));
    } else {
        HOLDS(Unchanged, unchanged());
    }
    HOLDS(Resize, v == model_resize(&model, b->off, bytes));
    HOLDS(Usable, changed.usable == model_usable(&model, b->off));
    *b = changed;
    stamp(b);
    return NULL;
}

static const char *bulk_allocate(const struct op *o) {
    uint32_t group = SINGLES + o->slot % GROUPS * GROUP, n = 20 * (1 + o->lg % 16);
    struct op each = *o;
    each.align = 1;
    for (uint32_t i = group; i < group + n; i++) {
        if (!blocks[i].live) FIRST(allocate(&each, i));
    }
    return NULL;
}

static const char *bulk_release(const struct op *o) {
    uint32_t group = SINGLES + o->slot % GROUPS * GROUP;
    for (uint32_t i = 0; i < GROUP; i += 1 + o->n % 8) FIRST(release(group + i));
    return NULL;
}

static size_t hostile_offset(const struct op *o) {
    switch (o->arena % 4) {
        case 0:
            return o->bytes;
        case 1:
            return o->bytes + (size_t)FIRST_PAGE * PAGE;
        case 2:
            return o->bytes + (size_t)model.end * PAGE;
        default:
            return o->bytes + blocks[o->slot].off;
    }
}

/* An offset that may be anything: every function says the same of it, and changes nothing. */
static const char *hostile(size_t off, size_t bytes, size_t align) {
    enum verdict v = model_verdict(&model, off);
    HOLDS(Verdict, subject->verdict(heap, off) == v);
    if (v == HEAP_OK) {
        HOLDS(Usable, subject->usable(heap, off) == model_usable(&model, off));
        return NULL;
    }
    note();
    HOLDS(Refused, subject->usable(heap, off) == 0);
    HOLDS(Refused, subject->resize(heap, off, bytes) == v);
    HOLDS(Refused, subject->free_sized(heap, off, bytes, align) == v);
    HOLDS(Refused, subject->free(heap, off) == v);
    HOLDS(Unchanged, unchanged());
    return NULL;
}

static const char *grow(uint32_t n) {
    bool possible = n <= (uint32_t)HEAP_CHUNKS - FIRST_CHUNK - chunks();
    if (n == 0 || (possible && n > MOST_CHUNKS - chunks())) return NULL;
    note();
    HOLDS(Grow, subject->grow(heap, n) == possible);
    if (possible) {
        model_grow(&model, n);
    } else {
        HOLDS(Unchanged, unchanged());
    }
    return NULL;
}

/* The system takes back the pages that the heap names, whatever they are. */
static void purge_pages(uint32_t page, uint32_t n) {
    size_t start = (size_t)page * PAGE, bytes = (size_t)n * PAGE;
    if (start < range && bytes <= range - start) memset(memory + start, 0, bytes);
}

static const char *purge(uint32_t times) {
    uint32_t from = 0, page = 0, expected = 0;
    for (uint32_t i = 0; times == 0 || i < times; i++) {
        uint32_t n = subject->dirty(heap, from, &page);
        if (n > 0) purge_pages(page, n);
        for (uint32_t slot = 0; slot < BLOCKS; slot++)
            HOLDS(Contents, !blocks[slot].live || is_intact(&blocks[slot]));
        HOLDS(Dirty, n == model_dirty(&model, from, &expected) && (n == 0 || page == expected));
        if (n == 0) break;
        subject->purged(heap, page, n);
        model_purged(&model, page, n);
        from = page + n;
    }
    return NULL;
}

static const char *count(void) {
    struct heap_stats got, expected;
    memset(&got, 0xFF, sizeof got);
    subject->stats(heap, &got);
    model_stats(&model, &expected);
    HOLDS(Stats, memcmp(&got, &expected, sizeof got) == 0);
    return NULL;
}

static const char *operate(struct op o) {
    uint32_t n = (uint32_t)(o.bytes < UINT32_MAX ? o.bytes : UINT32_MAX);
    bool right = o.arena % 2 == 0;
    size_t off = hostile_offset(&o);
    const struct block *b = &blocks[o.slot];
    o.arena %= model.arenas;
    switch (o.what) {
        case 'a':
            FIRST(release(o.slot));
            return allocate(&o, o.slot);
        case 'f':
            return release(o.slot);
        case 's':
            return release_sized(o.slot, right ? b->bytes : o.bytes, right ? b->align : o.align);
        case 'r':
            return resize(o.slot, o.bytes);
        case 'b':
            return bulk_allocate(&o);
        case 'd':
            return bulk_release(&o);
        case 'h':
            return hostile(off, o.bytes, o.align);
        case 'g':
            return grow(n);
        case 'p':
            return purge(o.n);
        default:
            return count();
    }
}

/* All blocks are freed, all pages purged: the heap is one block's worth of free chunks again. */
static const char *finish(void) {
    struct op whole = {.bytes = (size_t)chunks() * CHUNK, .align = 1};
    chunk_limit = 0;
    for (uint32_t slot = 0; slot < BLOCKS; slot++) FIRST(release(slot));
    FIRST(count());
    FIRST(purge(0));
    FIRST(count());
    HOLDS(Check, subject->check(heap) == NULL);
    if (whole.bytes == 0) return NULL;
    FIRST(allocate(&whole, 0));
    return release(0);
}

static const char *begin(struct start start) {
    reset();
    chunk_limit = start.limit;
    heap_init(heap, start.arenas, start.bias);
    model_init(&model, start.arenas, start.bias);
    HOLDS(Check, subject->check(heap) == NULL);
    return grow(start.chunks);
}

static struct reach reach(uint8_t slot) {
    const struct block *b = &blocks[slot];
    if (!b->live) return (struct reach){b->usable, 0};
    return (struct reach){b->usable, b->usable + model_behind(&model, b->off)};
}

/* Lines from one check of the invariant, which reads all metadata, to the next. */
static size_t period(void) {
    return 1 + chunks() * CHUNK_PAGES / 256;
}

const char *oracle_run(const struct subject *s, const uint8_t *input, size_t size, size_t *line) {
    subject = s;
    *line = 0;
    if (size < OP) return NULL;
    FIRST(begin(start_parse(input)));
    for (*line = 1; size - *line * OP >= OP; ++*line) {
        FIRST(operate(op_parse(input + *line * OP, reach(input[*line * OP + 1]))));
        if (*line % period() == 0) HOLDS(Check, subject->check(heap) == NULL);
    }
    return finish();
}
