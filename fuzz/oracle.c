#include "fuzz/oracle.h"

#include "fuzz/judge.h"
#include "fuzz/life.h"

const struct subject the_heap = {
    heap_alloc,   heap_free,  heap_free_sized, heap_resize, heap_verdict, heap_usable, heap_good_size,
    heap_is_zero, heap_needs, heap_grow,       heap_dirty,  heap_purged,  heap_stats,  heap_check,
};

static const struct subject *subject;
static uint32_t refused; /* which of the growths; 0: none */

void oracle_refuse(uint32_t growth) {
    refused = growth;
}

/* A block as the client sees it, with the heap's answers about it. */
static const char *check_block(const struct block *b, uint32_t slot) {
    size_t start = (size_t)FIRST_PAGE * PAGE, end = (size_t)life->model.end * PAGE;
    HOLDS(InHeap, start <= b->off && b->off < end && b->usable <= end - b->off);
    HOLDS(Enough, b->usable >= b->bytes && b->usable > 0);
    HOLDS(NoOverlap, model_is_clear(&life->model, b->off, b->usable, (uint16_t)(slot + 1)));
    HOLDS(Aligned, (b->off + (size_t)life->model.bias * PAGE) % b->align == 0 && b->off % QUANTUM == 0);
    HOLDS(Verdict, subject->verdict(life->heap, b->off) == HEAP_OK);
    HOLDS(GoodSize, b->usable == subject->good_size(life->heap, b->bytes, b->align));
    return NULL;
}

/* The heap has given off for the request, the model place. */
static const char *admit(size_t off, size_t place, const struct op *o, uint32_t slot) {
    struct block *b = &life->blocks[slot];
    if (slot >= life->slots) life->slots = slot + 1;
    *b = block_new(off, subject->usable(life->heap, off), o->bytes, o->align);
    FIRST(check_block(b, slot));
    bool zero = subject->is_zero(life->heap, off);
    HOLDS(Zero, life->noisy || !zero || block_reads_zero(b));
    HOLDS(Place, off == place);
    HOLDS(Usable, b->usable == model_usable(&life->model, off));
    HOLDS(KnownZero, zero == model_is_zero(&life->model, off));
    block_stamp(b);
    return NULL;
}

/* The request has failed. True in *again if the heap has grown for it. */
static const char *make_room(const struct op *o, bool *again) {
    uint32_t needs = subject->needs(life->heap, o->bytes, o->align);
    HOLDS(Needs, needs == model_needs(&life->model, o->bytes, o->align));
    *again = needs > 0 && life_chunks() < life->chunk_limit && needs <= life->chunk_limit - life_chunks();
    if (*again && ++life->growths == refused) *again = false;
    if (!*again) return NULL;
    HOLDS(Grow, subject->grow(life->heap, needs));
    life_grow(needs);
    return NULL;
}

static const char *allocate(const struct op *o, uint32_t slot) {
    bool again;
    uint16_t number = (uint16_t)(slot + 1);
    size_t place = model_alloc(&life->model, o->arena, o->bytes, o->align, number);
    if (place == 0) life_note();
    size_t off = subject->alloc(life->heap, o->arena, o->bytes, o->align);
    if (off != 0) return admit(off, place, o, slot);
    HOLDS(Room, place == 0);
    HOLDS(Unchanged, life_unchanged());
    FIRST(make_room(o, &again));
    if (!again) return NULL;
    off = subject->alloc(life->heap, o->arena, o->bytes, o->align);
    HOLDS(Grown, off != 0);
    return admit(off, model_alloc(&life->model, o->arena, o->bytes, o->align, number), o, slot);
}

static const char *release(uint32_t slot) {
    struct block *b = &life->blocks[slot];
    if (!b->live) return NULL;
    HOLDS(Contents, block_is_intact(b));
    HOLDS(Free, subject->free(life->heap, b->off) == HEAP_OK);
    model_free(&life->model, b->off);
    block_end(b);
    return NULL;
}

static const char *release_sized(uint32_t slot, size_t bytes, size_t align) {
    struct block *b = &life->blocks[slot];
    if (!b->live) return NULL;
    enum verdict v = model_sized(&life->model, b->off, bytes, align);
    if (v != HEAP_OK) life_note();
    HOLDS(Sized, subject->free_sized(life->heap, b->off, bytes, align) == v);
    if (v != HEAP_OK) {
        HOLDS(Unchanged, life_unchanged());
        return NULL;
    }
    model_free(&life->model, b->off);
    block_end(b);
    return NULL;
}

static const char *resize(uint32_t slot, size_t bytes) {
    struct block *b = &life->blocks[slot], changed = *b;
    if (!b->live) return NULL;
    HOLDS(Contents, block_is_intact(b));
    enum verdict v = model_resize(&life->model, b->off, bytes);
    if (v != HEAP_OK) life_note();
    HOLDS(Resize, subject->resize(life->heap, b->off, bytes) == v);
    if (v == HEAP_OK) {
        changed = (struct block){true, b->noise, b->off, subject->usable(life->heap, b->off), bytes, 1};
        FIRST(check_block(&changed, slot));
    } else {
        HOLDS(Unchanged, life_unchanged());
    }
    HOLDS(Usable, changed.usable == model_usable(&life->model, b->off));
    *b = changed;
    block_stamp(b);
    return NULL;
}

static const char *bulk_allocate(const struct op *o) {
    uint32_t group = SINGLES + o->slot % GROUPS * GROUP, n = 20 * (1 + o->lg % 16);
    struct op each = *o;
    each.align = 1;
    for (uint32_t i = group; i < group + n; i++) {
        if (life->blocks[i].live) continue;
        FIRST(allocate(&each, i));
        if (!life->blocks[i].live) break; /* nothing has changed for the next one */
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
            return o->bytes + (size_t)life->model.end * PAGE;
        default:
            return o->bytes + life->blocks[o->slot].off;
    }
}

/* An offset that may be anything: every function says the same of it, and changes nothing. */
static const char *hostile(size_t off, size_t bytes, size_t align) {
    enum verdict v = model_verdict(&life->model, off);
    HOLDS(Verdict, subject->verdict(life->heap, off) == v);
    if (v == HEAP_OK) {
        HOLDS(Usable, subject->usable(life->heap, off) == model_usable(&life->model, off));
        return NULL;
    }
    life_note();
    HOLDS(Refused, subject->usable(life->heap, off) == 0);
    HOLDS(Refused, subject->resize(life->heap, off, bytes) == v);
    HOLDS(Refused, subject->free_sized(life->heap, off, bytes, align) == v);
    HOLDS(Refused, subject->free(life->heap, off) == v);
    HOLDS(Unchanged, life_unchanged());
    return NULL;
}

static const char *grow(uint32_t n) {
    bool possible = n <= (uint32_t)HEAP_CHUNKS - FIRST_CHUNK - life_chunks();
    if (n == 0 || (possible && n > MOST_CHUNKS - life_chunks())) return NULL;
    if (!possible) life_note();
    HOLDS(Grow, subject->grow(life->heap, n) == possible);
    if (possible) {
        life_grow(n);
    } else {
        HOLDS(Unchanged, life_unchanged());
    }
    return NULL;
}

static const char *all_intact(void) {
    for (uint32_t slot = 0; slot < life->slots; slot++)
        HOLDS(Contents, !life->blocks[slot].live || block_is_intact(&life->blocks[slot]));
    return NULL;
}

static const char *purge(uint32_t times) {
    uint32_t from = 0, page = 0, expected = 0;
    for (uint32_t i = 0; times == 0 || i < times; i++) {
        uint32_t n = subject->dirty(life->heap, from, &page);
        if (n > 0) {
            life_purge(page, n);
            FIRST(all_intact());
        }
        HOLDS(Dirty, n == model_dirty(&life->model, from, &expected) && (n == 0 || page == expected));
        if (n == 0) break;
        subject->purged(life->heap, page, n);
        model_purged(&life->model, page, n);
        from = page + n;
    }
    return NULL;
}

static const char *count(void) {
    struct heap_stats got, expected;
    memset(&got, 0xFF, sizeof got);
    subject->stats(life->heap, &got);
    model_stats(&life->model, &expected);
    HOLDS(Stats, memcmp(&got, &expected, sizeof got) == 0);
    return NULL;
}

static const char *operate(struct op o) {
    uint32_t n = (uint32_t)(o.bytes < UINT32_MAX ? o.bytes : UINT32_MAX);
    bool right = o.arena % 2 == 0;
    size_t off = hostile_offset(&o);
    const struct block *b = &life->blocks[o.slot];
    o.arena %= life->model.arenas;
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
const char *oracle_end(void) {
    struct op whole = {.bytes = (size_t)life_chunks() * CHUNK, .align = 1};
    life->chunk_limit = 0;
    for (uint32_t slot = 0; slot < life->slots; slot++) FIRST(release(slot));
    FIRST(count());
    FIRST(purge(0));
    FIRST(count());
    HOLDS(Check, subject->check(life->heap) == NULL);
    if (whole.bytes == 0) return NULL;
    FIRST(allocate(&whole, 0));
    return release(0);
}

const char *oracle_begin(const struct subject *s, const uint8_t *line) {
    struct start start = start_parse(line);
    subject = s;
    life_begin();
    life->chunk_limit = start.limit;
    heap_init(life->heap, start.arenas, start.bias);
    model_init(&life->model, start.arenas, start.bias);
    HOLDS(Check, subject->check(life->heap) == NULL);
    return grow(start.chunks);
}

static struct reach reach(uint8_t slot) {
    const struct block *b = &life->blocks[slot];
    if (!b->live) return (struct reach){b->usable, 0};
    return (struct reach){b->usable, b->usable + model_behind(&life->model, b->off)};
}

const char *oracle_line(const uint8_t *line) {
    return operate(op_parse(line, reach(line[1])));
}

/* Lines from one check of the invariant, which reads all metadata, to the next. */
static size_t period(void) {
    return 1 + life_chunks() * CHUNK_PAGES / 256;
}

static const char *live(const struct subject *s, const uint8_t *input, size_t size, size_t *line) {
    FIRST(oracle_begin(s, input));
    for (*line = 1; size - *line * OP >= OP; ++*line) {
        FIRST(oracle_line(input + *line * OP));
        if (*line % period() == 0) HOLDS(Check, subject->check(life->heap) == NULL);
    }
    return oracle_end();
}

/* Elsewhere in memory, and with other bytes in it, the same happens. */
static const char *live_again(const struct subject *s, const uint8_t *input, size_t size) {
    size_t line;
    life_at(1, false);
    HOLDS(Deterministic, live(s, input, size, &line) == NULL && lives_agree());
    life_at(1, true);
    HOLDS(Indifferent, live(s, input, size, &line) == NULL && lives_agree());
    return NULL;
}

const char *oracle_run(const struct subject *s, const uint8_t *input, size_t size, size_t *line) {
    *line = 0;
    if (size < OP) return oracle_run(s, ops_none, OP, line);
    life_at(0, false);
    FIRST(live(s, input, size, line));
    return start_parse(input).again ? live_again(s, input, size) : NULL;
}
