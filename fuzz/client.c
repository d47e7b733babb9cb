#include "fuzz/client.h"

#include <errno.h>

#include "fuzz/judge.h"

enum {
    TAPE = 4093,     /* bytes: no page of a block holds the same as the next */
    MOST = 16 << 20, /* bytes of all blocks together */
    LG_ALIGN = 20,
};

struct block {
    unsigned char *p; /* NULL: not live */
    size_t bytes;     /* asked for */
    size_t usable;
    size_t noise; /* where on the tape its contents start */
};

static const struct allocator *allocator;
static struct block blocks[BLOCKS];
static struct block *sorted[BLOCKS]; /* the live ones, by address */
static size_t nlive, live_bytes;
static size_t born; /* blocks so far */
static unsigned char tape[TAPE];

static size_t lesser(size_t a, size_t b) {
    return a < b ? a : b;
}

/* The bytes that are the block's alone: of one that holds nothing, its address. */
static size_t extent(const struct block *b) {
    return b->usable + (b->usable == 0);
}

static void fill(const struct block *b) {
    for (size_t i = 0, n; i < b->usable; i += n) {
        size_t at = (b->noise + i) % TAPE;
        n = lesser(TAPE - at, b->usable - i);
        memcpy(b->p + i, tape + at, n);
    }
}

/* Whether the block holds what it was filled with, in its first `bytes`. */
static bool is_intact(const struct block *b, size_t bytes) {
    for (size_t i = 0, n; i < bytes; i += n) {
        size_t at = (b->noise + i) % TAPE;
        n = lesser(TAPE - at, bytes - i);
        if (memcmp(b->p + i, tape + at, n) != 0) return false;
    }
    return true;
}

static bool reads_zero(const unsigned char *p, size_t bytes) {
    return bytes == 0 || (p[0] == 0 && memcmp(p, p + 1, bytes - 1) == 0);
}

static size_t usable(void *p, size_t bytes) {
    return allocator->usable_size == NULL ? bytes : allocator->usable_size(p);
}

/* How many live blocks start below p. */
static size_t place_of(const unsigned char *p) {
    size_t low = 0, high = nlive;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if ((uintptr_t)sorted[middle]->p < (uintptr_t)p) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static const char *insert(struct block *b) {
    size_t i = place_of(b->p);
    uintptr_t start = (uintptr_t)b->p, end = start + extent(b);
    HOLDS(NoOverlap, end > start);
    HOLDS(NoOverlap, i == 0 || (uintptr_t)sorted[i - 1]->p + extent(sorted[i - 1]) <= start);
    HOLDS(NoOverlap, i == nlive || end <= (uintptr_t)sorted[i]->p);
    memmove(&sorted[i + 1], &sorted[i], (nlive++ - i) * sizeof sorted[0]);
    sorted[i] = b;
    live_bytes += b->usable;
    return NULL;
}

static void remove_block(const struct block *b) {
    size_t i = place_of(b->p);
    memmove(&sorted[i], &sorted[i + 1], (--nlive - i) * sizeof sorted[0]);
    live_bytes -= b->usable;
}

/* A request, and what must be true of the block for it. */
struct wish {
    size_t bytes, align;
    size_t kept; /* so many bytes are those of the block until now */
    bool zero;
};

/* The allocator has given p. */
static const char *admit(struct block *b, void *p, struct wish w) {
    HOLDS(Refused, w.bytes <= PTRDIFF_MAX);
    HOLDS(Aligned, (uintptr_t)p % w.align == 0);
    *b = (struct block){p, w.bytes, usable(p, w.bytes), b->noise};
    HOLDS(Usable, b->usable >= w.bytes);
    FIRST(insert(b));
    HOLDS(Zero, !w.zero || reads_zero(p, w.bytes));
    HOLDS(Moved, is_intact(b, w.kept));
    b->noise = ++born * 31 % TAPE;
    fill(b);
    return NULL;
}

static const char *look_at(const struct block *b) {
    HOLDS(Contents, is_intact(b, b->usable));
    HOLDS(Usable, usable(b->p, b->bytes) == b->usable);
    return NULL;
}

/* Whether the request would take more than the blocks may, and not more than anybody has. */
static bool is_left_out(size_t bytes, size_t align) {
    return bytes <= PTRDIFF_MAX && (bytes > MOST || bytes + align > MOST - lesser(live_bytes, MOST));
}

/* For any type that fits: a block of 8 bytes holds no long double. */
static size_t natural_align(size_t bytes) {
    size_t align = _Alignof(max_align_t);
    while (align > bytes && align > 1) align /= 2;
    return align;
}

static const char *clear_allocate(struct block *b, size_t count, size_t size) {
    size_t bytes = size > SIZE_MAX / count ? SIZE_MAX : count * size;
    if (is_left_out(bytes, 1)) return NULL;
    void *p = allocator->calloc(count, size);
    return p == NULL ? NULL : admit(b, p, (struct wish){bytes, natural_align(bytes), 0, true});
}

static const char *aligned_allocate(struct block *b, size_t align, size_t size) {
    size_t bytes = size > PTRDIFF_MAX ? size : (size + align - 1) / align * align;
    if (is_left_out(bytes, align)) return NULL;
    void *p = allocator->aligned_alloc(align, bytes);
    return p == NULL ? NULL : admit(b, p, (struct wish){bytes, align, 0, false});
}

static const char *posix_allocate(struct block *b, size_t align, size_t bytes) {
    void *p = NULL;
    if (is_left_out(bytes, align)) return NULL;
    int error = allocator->posix_memalign(&p, align, bytes);
    HOLDS(NoAlign, error == 0 || error == ENOMEM);
    return error != 0 ? NULL : admit(b, p, (struct wish){bytes, align, 0, false});
}

/* What is asked has no power of two, then has. */
static const char *misalign(struct block *b, const struct op *o, size_t align) {
    void *p = &blocks;
    if (allocator->strict && !is_power(o->any))
        HOLDS(NoAlign, allocator->aligned_alloc(o->any, o->bytes) == NULL);
    if (allocator->posix_memalign == NULL) return NULL;
    HOLDS(NoAlign, allocator->posix_memalign(&p, o->any, o->bytes) == EINVAL && p == &blocks);
    return posix_allocate(b, align < sizeof(void *) ? sizeof(void *) : align, o->bytes);
}

static const char *allocate(struct block *b, const struct op *o) {
    size_t align = (size_t)1 << o->lg % (LG_ALIGN + 1), count = o->lg < 32 ? 1 + o->lg % 4 : o->align;
    if (o->any != o->align) return misalign(b, o, align);
    if (o->arena % 2 == 1 && allocator->calloc != NULL) return clear_allocate(b, count, o->bytes);
    if (align >= sizeof(void *) && allocator->aligned_alloc != NULL)
        return aligned_allocate(b, align, o->bytes);
    if (is_left_out(o->bytes, 1)) return NULL;
    void *p = allocator->malloc(o->bytes);
    return p == NULL ? NULL : admit(b, p, (struct wish){o->bytes, natural_align(o->bytes), 0, false});
}

static const char *release(struct block *b) {
    if (b->p == NULL) return NULL;
    FIRST(look_at(b));
    remove_block(b);
    allocator->free(b->p);
    b->p = NULL;
    return NULL;
}

/* To no bytes is a question of taste, and left out. */
static const char *reallocate(struct block *b, size_t bytes) {
    size_t kept = b->p == NULL ? 0 : lesser(b->bytes, bytes);
    if (allocator->realloc == NULL || bytes == 0 || is_left_out(bytes, 1)) return NULL;
    if (b->p != NULL) FIRST(look_at(b));
    void *p = allocator->realloc(b->p, bytes);
    if (p == NULL) return b->p == NULL ? NULL : look_at(b);
    if (b->p != NULL) remove_block(b);
    return admit(b, p, (struct wish){bytes, natural_align(bytes), kept, false});
}

static const char *bulk_allocate(const struct op *o) {
    struct block *group = &blocks[SINGLES + o->slot % GROUPS * GROUP];
    uint32_t n = 20 * (1 + o->lg % 16);
    struct op each = *o;
    each.lg = 0; /* no alignment, and one element */
    each.any = each.align;
    for (uint32_t i = 0; i < n; i++) {
        if (group[i].p == NULL) FIRST(allocate(&group[i], &each));
    }
    return NULL;
}

static const char *bulk_release(const struct op *o) {
    struct block *group = &blocks[SINGLES + o->slot % GROUPS * GROUP];
    for (uint32_t i = 0; i < GROUP; i += 1 + o->n % 8) FIRST(release(&group[i]));
    return NULL;
}

static const char *look_at_all(void) {
    for (size_t i = 0; i < nlive; i++) FIRST(look_at(sorted[i]));
    return NULL;
}

static const char *operate(const struct op *o) {
    struct block *b = &blocks[o->slot];
    switch (o->what) {
        case 'a':
            FIRST(release(b));
            return allocate(b, o);
        case 'f':
        case 's':
            return release(b);
        case 'r':
            return reallocate(b, o->bytes);
        case 'b':
            return bulk_allocate(o);
        case 'd':
            return bulk_release(o);
        case 'c':
            return look_at_all();
        default:
            return NULL;
    }
}

/* A block of `bytes`, the first that there was, can be had again. */
static const char *finish(size_t bytes) {
    for (size_t i = 0; i < BLOCKS; i++) FIRST(release(&blocks[i]));
    if (bytes == 0) return NULL;
    void *p = allocator->malloc(bytes);
    HOLDS(Again, p != NULL);
    allocator->free(p);
    return NULL;
}

static void begin(const struct allocator *a) {
    uint32_t x = 1;
    for (int i = 0; i < TAPE; i++) tape[i] = (unsigned char)((x = x * 69069 + 1) >> 24 | 1);
    memset(blocks, 0, sizeof blocks);
    nlive = live_bytes = born = 0;
    allocator = a;
}

const char *client_run(const struct allocator *a, const uint8_t *input, size_t size, size_t *line) {
    size_t first = 0;
    begin(a);
    *line = 0;
    if (size < OP) return NULL;
    for (*line = 1; size - *line * OP >= OP; ++*line) {
        const uint8_t *at = input + *line * OP;
        size_t reach = blocks[at[1]].p == NULL ? 0 : blocks[at[1]].usable;
        struct op o = op_parse(at, (struct reach){reach, reach});
        FIRST(operate(&o));
        if (first == 0 && nlive > 0) first = sorted[0]->bytes;
    }
    return finish(first);
}

void client_judge(const struct allocator *a, const uint8_t *input, size_t size) {
    size_t line;
    const char *broken = client_run(a, input, size, &line);
    if (broken == NULL) return;
    ops_print(broken, input, size, line);
    abort();
}
