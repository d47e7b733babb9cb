#include "fuzz/life.h"

#include <string.h>

#include "fuzz/plain.h"

enum {
    STAMP = 64, /* bytes */
    ALIGN = 1 << 20,
    PERIOD = 509,   /* of the noise in blocks: no page holds the same as the next */
    PART = 1 << 15, /* bytes of an array that are compared, if it has more in use */
};

/* The arrays of struct heap, by address. */
static const struct array {
    size_t at, bytes, per_chunk;
    uint32_t first;
} arrays[] = {
#define ARRAY(array, per, first)                                    \
    {offsetof(struct heap, array), sizeof((struct heap *)0)->array, \
     (size_t)(per) * sizeof((struct heap *)0)->array[0], (uint32_t)(first)},
    HEAP_ARRAYS(ARRAY)};
enum { NARRAYS = sizeof arrays / sizeof arrays[0] };

static struct life lives[2];
struct life *life = lives;
static unsigned char tape[PERIOD + STAMP];
static unsigned char *before; /* a heap, of which the parts are there that are compared */

static const size_t range = (size_t)MODEL_PAGES * PAGE;

static void write_tape(void) {
    uint32_t x = 1;
    for (int i = 0; i < PERIOD; i++) tape[i] = (unsigned char)((x = x * 69069 + 1) >> 24 | 1);
    memcpy(tape + PERIOD, tape, STAMP);
}

void life_at(uint32_t place, bool noisy) {
    life = &lives[place];
    life->noisy = noisy;
}

/* A hosted heap's metadata is 72 GiB of address space, of which little is in use. Memory was written up to the end that
 * the life before had. */
void life_begin(void) {
    if (life->heap == NULL) {
        life->heap = plain_map(sizeof *life->heap);
        uintptr_t start = (uintptr_t)plain_map(range + ALIGN);
        life->memory = (unsigned char *)((start + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
        write_tape();
    }
    plain_clear(life->heap, sizeof *life->heap);
    plain_clear(life->memory, (size_t)life->model.end * PAGE);
    memset(life->blocks, 0, life->slots * sizeof life->blocks[0]);
    life->slots = 0;
    life->growths = 0;
    life->born = life->noisy;
}

/* The bytes of an array that belong to chunks that the heap has, and to the next one. */
static size_t in_use(const struct array *a) {
    uint32_t end = life->model.end / CHUNK_PAGES + 1;
    size_t bytes = end < a->first ? 0 : (end - a->first) * a->per_chunk,
           most = a->bytes < PART ? a->bytes : PART;
    return bytes < most ? bytes : most;
}

/* A part of the metadata that is in use: from `from`, which is moved on behind the n-th array, up to what is not. */
static size_t part(size_t *from, size_t n) {
    size_t start = *from, end = n == NARRAYS ? sizeof(struct heap) : arrays[n].at + in_use(&arrays[n]);
    if (n < NARRAYS) *from = arrays[n].at + arrays[n].bytes;
    return end - start;
}

/* Whether all is the same that the heap at `other` and the one that is lived know of chunks in use. */
static bool is_same(const unsigned char *other) {
    const unsigned char *heap = (const unsigned char *)life->heap;
    bool same = true;
    for (size_t n = 0, at = 0, from = 0; n <= NARRAYS; n++, at = from) {
        size_t bytes = part(&from, n);
        same &= plain_is_same(other + at, heap + at, bytes);
    }
    return same;
}

bool lives_agree(void) {
    return is_same((unsigned char *)lives[0].heap);
}

void life_note(void) {
    if (before == NULL) before = plain_map(sizeof(struct heap));
    for (size_t n = 0, at = 0, from = 0; n <= NARRAYS; n++, at = from) {
        size_t bytes = part(&from, n);
        plain_copy(before + at, (unsigned char *)life->heap + at, bytes);
    }
}

bool life_unchanged(void) {
    return is_same(before);
}

uint32_t life_chunks(void) {
    return life->model.end / CHUNK_PAGES - FIRST_CHUNK;
}

/* Something else at the start of each page, every time. */
static void scribble(size_t off, size_t bytes) {
    const size_t n = (size_t)PAGE < STAMP ? PAGE : STAMP;
    for (size_t i = 0; i < bytes; i += PAGE) {
        memcpy(life->memory + off + i, tape + (off / PAGE + i + life->born) % PERIOD,
               bytes - i < n ? bytes - i : n);
    }
}

void life_grow(uint32_t n) {
    size_t start = (size_t)life->model.end * PAGE;
    model_grow(&life->model, n);
    if (life->noisy) scribble(start, (size_t)n * CHUNK);
}

void life_purge(uint32_t page, uint32_t n) {
    size_t start = (size_t)page * PAGE, bytes = (size_t)n * PAGE;
    if (start >= range || bytes > range - start) return;
    memset(life->memory + start, 0, bytes);
    if (life->noisy) scribble(start, bytes);
}

struct block block_new(size_t off, size_t usable, size_t bytes, size_t align) {
    return (struct block){true, (uint16_t)(++life->born * 31 % PERIOD), off, usable, bytes, align};
}

/* What the block holds i bytes from its start on. */
static const unsigned char *noise(const struct block *b, size_t i) {
    return tape + (b->noise + i) % PERIOD;
}

/* Where the block's last stamp lies. */
static size_t last_stamp(const struct block *b) {
    return b->usable < STAMP ? 0 : b->usable - STAMP;
}

void block_stamp(const struct block *b) {
    size_t last = last_stamp(b);
    unsigned char *p = life->memory + b->off;
    for (size_t i = 0; i < last; i += PAGE) memcpy(p + i, noise(b, i), STAMP);
    plain_copy(p + last, noise(b, last), b->usable - last);
}

bool block_is_intact(const struct block *b) {
    size_t last = last_stamp(b);
    const unsigned char *p = life->memory + b->off;
    for (size_t i = 0; i < last; i += PAGE) {
        if (!plain_is_same(p + i, noise(b, i), STAMP)) return false;
    }
    return plain_is_same(p + last, noise(b, last), b->usable - last);
}

bool block_reads_zero(const struct block *b) {
    return plain_is_zero(life->memory + b->off, b->usable);
}

void block_end(struct block *b) {
    b->live = false;
    if (life->noisy) scribble(b->off, b->usable);
}
