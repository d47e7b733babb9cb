/* The embedded heap (src/qed_heap.h) under libFuzzer: pointers into a buffer, contents, callbacks, statistics,
 * against the model, which knows every address. Lines are those of fuzz/ops.h, with other words for
 *
 *   s calloc: the size times arena   g reset   p check
 *
 * and r, which moves the block if it must. Of the header, 4 counts bytes by which the buffer is not
 * aligned; 5 tells with its parts 2, 4 and 8 that there is no lock, no misuse hook, nothing at all. */
#include "fuzz/judge.h"
#include "fuzz/life.h"
#include "qed_heap.h"

static struct qed_heap heap, before;
static struct qed_heap_config config;
static unsigned char was[(size_t)MODEL_PAGES * PAGE]; /* what a block held */
static uint16_t numbers[BLOCKS];                      /* in the model: never that of the slot's last block */
static size_t live, peak;

/* What the callbacks saw. */
static struct {
    unsigned held, calls, told;
    bool wrong;
    enum qed_heap_verdict verdict;
    void *pointer;
} seen;

static void lock(void *context) {
    seen.wrong |= context != &seen || seen.held++ != 0;
    seen.calls++;
}

static void unlock(void *context) {
    seen.wrong |= context != &seen || seen.held-- != 1;
}

static void misuse(void *context, enum qed_heap_verdict verdict, void *pointer) {
    seen.wrong |= context != &seen || seen.held != 0;
    seen.told++;
    seen.verdict = verdict;
    seen.pointer = pointer;
}

static size_t start_of(void *p) {
    return p == NULL ? 0 : (uintptr_t)p - (uintptr_t)life->memory;
}

static void *pointer_to(size_t off) {
    return (void *)((uintptr_t)life->memory + off);
}

static size_t place(uint32_t slot, size_t bytes, size_t align) {
    uint32_t first = slot + 1, number = numbers[slot] == first ? first + BLOCKS : first;
    size_t off = model_alloc(&life->model, 0, bytes, align, (uint16_t)number);
    if (off != 0) numbers[slot] = (uint16_t)number;
    return off;
}

static void account(size_t freed, size_t taken) {
    live = live - freed + taken;
    if (live > peak) peak = live;
}

/* The heap has answered a request with p. */
static const char *admit(uint32_t slot, void *p, size_t bytes, size_t align) {
    size_t off = start_of(p);
    HOLDS(Place, off == place(slot, bytes, align));
    if (p == NULL) return NULL;
    life->blocks[slot] = block_new(off, qed_heap_usable(&heap, p), bytes, align);
    if (slot >= life->slots) life->slots = slot + 1;
    HOLDS(Usable, life->blocks[slot].usable == model_usable(&life->model, off));
    account(0, life->blocks[slot].usable);
    return NULL;
}

static const char *allocate(uint32_t slot, size_t bytes, size_t align) {
    void *p = align == 1 ? qed_heap_alloc(&heap, bytes) : qed_heap_aligned(&heap, align, bytes);
    FIRST(admit(slot, p, bytes, align));
    HOLDS(Aligned, (uintptr_t)p % align == 0 && (uintptr_t)p % QUANTUM == 0);
    if (p != NULL) block_stamp(&life->blocks[slot]);
    return NULL;
}

/* At a multiple of what is no power of two nobody gets a block. */
static const char *misalign(const struct op *o) {
    before = heap;
    HOLDS(NoAlign, qed_heap_aligned(&heap, o->any, o->bytes) == NULL);
    HOLDS(Unchanged, memcmp(&before, &heap, sizeof heap) == 0);
    return NULL;
}

static const char *allocate_zeroes(uint32_t slot, size_t count, size_t size) {
    bool overflows = size != 0 && count > SIZE_MAX / size;
    unsigned char *p = qed_heap_calloc(&heap, count, size);
    HOLDS(Overflow, !overflows || p == NULL);
    if (overflows) return NULL;
    FIRST(admit(slot, p, count * size, 1));
    for (size_t i = 0; p != NULL && i < count * size; i++) HOLDS(Zero, p[i] == 0);
    if (p != NULL) block_stamp(&life->blocks[slot]);
    return NULL;
}

static const char *release(uint32_t slot) {
    struct block *b = &life->blocks[slot];
    if (!b->live) return NULL;
    HOLDS(Contents, block_is_intact(b));
    HOLDS(Free, qed_heap_free(&heap, pointer_to(b->off)) == QED_HEAP_OK);
    model_free(&life->model, b->off);
    account(b->usable, 0);
    block_end(b);
    return NULL;
}

/* The heap has answered p to a realloc of the block, which cannot stay where it is. */
static const char *move(uint32_t slot, void *p, size_t bytes) {
    struct block old = life->blocks[slot];
    size_t n = bytes < old.usable ? bytes : old.usable, held = n;
    size_t off = place(slot, bytes, 1);
    if (off == 0) {
        HOLDS(Stays, p == (bytes <= old.usable ? pointer_to(old.off) : NULL) && block_is_intact(&old));
        return NULL;
    }
    HOLDS(Place, start_of(p) == off);
    HOLDS(Moved, memcmp(p, was, held) == 0);
    life->blocks[slot] = block_new(off, qed_heap_usable(&heap, p), bytes, 1);
    account(0, life->blocks[slot].usable);
    account(old.usable, 0);
    model_free(&life->model, old.off);
    block_stamp(&life->blocks[slot]);
    return NULL;
}

static const char *resize(uint32_t slot, size_t bytes) {
    struct block *b = &life->blocks[slot];
    if (b->live) {
        HOLDS(Contents, block_is_intact(b));
        memcpy(was, life->memory + b->off, b->usable);
    }
    void *p = qed_heap_realloc(&heap, b->live ? pointer_to(b->off) : NULL, bytes);
    if (!b->live) {
        FIRST(admit(slot, p, bytes, 1));
    } else if (model_resize(&life->model, b->off, bytes) == HEAP_OK) {
        size_t usable = model_usable(&life->model, b->off);
        HOLDS(InPlace, start_of(p) == b->off && qed_heap_usable(&heap, p) == usable);
        HOLDS(Contents, memcmp(p, was, usable < b->usable ? usable : b->usable) == 0);
        account(b->usable, usable);
        b->usable = usable;
    } else {
        return move(slot, p, bytes);
    }
    if (b->live) block_stamp(b);
    return NULL;
}

static const char *bulk(const struct op *o) {
    uint32_t group = SINGLES + o->slot % GROUPS * GROUP, n = 20 * (1 + o->lg % 16);
    for (uint32_t i = group; i < group + (o->what == 'b' ? n : GROUP);
         i += o->what == 'b' ? 1 : 1 + o->n % 8) {
        if (o->what == 'd') FIRST(release(i));
        if (o->what == 'b' && !life->blocks[i].live) FIRST(allocate(i, o->bytes, 1));
    }
    return NULL;
}

static bool told(unsigned times, enum verdict v, void *p) {
    if (config.misuse == NULL) return seen.told == 0;
    return seen.told == times && (int)seen.verdict == (int)v && seen.pointer == p;
}

/* Any pointer but NULL: what is wrong with it is said, to the caller and the hook, and nothing changes. */
static const char *hostile(const struct op *o) {
    size_t from[] = {0, (size_t)FIRST_PAGE * PAGE, (size_t)life->model.end * PAGE, life->blocks[o->slot].off};
    size_t off = o->bytes + from[o->arena % 4];
    void *p = pointer_to(off);
    enum verdict v = model_verdict(&life->model, off);
    HOLDS(Usable, qed_heap_usable(&heap, p) == (v == HEAP_OK ? model_usable(&life->model, off) : 0));
    if (v == HEAP_OK || p == NULL) return NULL;
    before = heap;
    HOLDS(Verdict, (int)qed_heap_free(&heap, p) == (int)v);
    HOLDS(Told, told(1, v, p));
    HOLDS(Verdict, qed_heap_realloc(&heap, p, o->n) == NULL);
    HOLDS(Told, told(2, v, p));
    seen.told = 0;
    HOLDS(Unchanged, memcmp(&before, &heap, sizeof heap) == 0);
    return NULL;
}

/* Bytes of the longest extent of free pages. */
static size_t largest(void) {
    const struct model *m = &life->model;
    size_t most = 0;
    for (uint32_t p = FIRST_PAGE, n = 0; p < m->end; p++) {
        bool joins =
            m->page[p].owner == m->page[p - 1].owner && (m->page[p].owner == 0 || p % CHUNK_PAGES != 0);
        n = m->page[p].use != USE_FREE ? 0 : joins ? n + 1 : 1;
        if (n > most) most = n;
    }
    return most * PAGE;
}

static const char *count(void) {
    struct qed_heap_statistics s;
    struct heap_stats expected;
    qed_heap_stats(&heap, &s);
    model_stats(&life->model, &expected);
    HOLDS(Stats, s.heap == expected.mapped && s.live == expected.live && s.active == expected.active);
    HOLDS(Stats, s.live == live && s.peak == peak);
    HOLDS(Largest, s.largest == largest());
    return NULL;
}

/* All blocks are gone; the first life of the heap is no different. */
static void restart(uint32_t chunks) {
    for (uint32_t slot = 0; slot < life->slots; slot++) life->blocks[slot].live = false;
    model_init(&life->model, 1, (uint32_t)((uintptr_t)life->memory / PAGE));
    model_grow(&life->model, chunks);
    live = peak = 0;
}

static const char *end(void) {
    for (uint32_t slot = 0; slot < life->slots; slot++) FIRST(release(slot));
    FIRST(count());
    HOLDS(Whole, largest() == (size_t)life_chunks() * CHUNK);
    HOLDS(Check, qed_heap_check(&heap) == NULL);
    return NULL;
}

static const char *operate(struct op o) {
    switch (o.what) {
        case 'a':
            FIRST(release(o.slot));
            return is_power(o.any) ? allocate(o.slot, o.bytes, o.any) : misalign(&o);
        case 's':
            FIRST(release(o.slot));
            return allocate_zeroes(o.slot, o.bytes, o.arena);
        case 'f':
            return release(o.slot);
        case 'r':
            return resize(o.slot, o.bytes);
        case 'b':
        case 'd':
            return bulk(&o);
        case 'h':
            return hostile(&o);
        case 'g':
            restart(life_chunks());
            return qed_heap_reset(&heap), NULL;
        case 'p':
            HOLDS(Check, qed_heap_check(&heap) == NULL);
            return NULL;
        default:
            return count();
    }
}

static const char *live_line(const uint8_t *line) {
    if (line == NULL) return end();
    const struct block *b = &life->blocks[line[1]];
    size_t behind = b->live ? b->usable + model_behind(&life->model, b->off) : 0;
    unsigned calls = seen.calls;
    FIRST(operate(op_parse(line, (struct reach){b->usable, behind})));
    HOLDS(Lock, seen.held == 0 && !seen.wrong && (config.lock != NULL || seen.calls == calls));
    HOLDS(Told, seen.told == 0);
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    if (size < OP) return LLVMFuzzerTestOneInput(ops_none, OP);
    uint32_t chunks = 1 + start_parse(input).chunks % QED_HEAP_CHUNKS, without = number(input[5]);
    size_t skip = number(input[4]);
    life_at(0, false);
    life_begin();
    memset(&seen, 0, sizeof seen);
    config = (struct qed_heap_config){lock, unlock, misuse, &seen};
    if (without & 2) config.lock = config.unlock = NULL;
    if (without & 4) config.misuse = NULL;
    restart(chunks);
    unsigned char *data = life->memory + (size_t)FIRST_PAGE * PAGE;
    if (!qed_heap_init(&heap, data - skip, skip + (size_t)chunks * CHUNK, without & 8 ? NULL : &config))
        abort();
    if (without & 8) memset(&config, 0, sizeof config);
    judge_lines(live_line, input, size, 1);
    return 0;
}
