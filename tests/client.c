/* The client (fuzz/client.h) must object to an allocator that is wrong. A toy has one bug at a time, and the
 * client, given random lives, has to name the check that sees it; without a bug it has nothing to say. */
#include <errno.h>
#include <string.h>

#include "fuzz/client.h"
#include "tests/test.h"

enum bug {
    NONE,
    ROUNDS_DOWN,     /* a block has the whole units that fit the request */
    LOOKS_SHORT,     /* the last unit of a place need not be free */
    FORGETS_ALIGN,   /* aligned_alloc is malloc */
    ALIGNS_ODDLY,    /* aligned_alloc takes any alignment */
    ALIGNS_LESS,     /* posix_memalign does */
    WRAPS,           /* the size of the whole block overflows */
    MULTIPLIES,      /* so does calloc's product */
    CALLOC_IS_DIRTY, /* it does not clear */
    COPIES_LESS,     /* realloc forgets the last byte */
    FREES_FIRST,     /* realloc frees the old block though there is no new one */
    GROWS_TOO_FAR,   /* realloc thinks that a block has a unit more */
    BOASTS,          /* usable_size does */
    SCRIBBLES,       /* free writes behind the block */
    LEAKS,           /* free keeps a block's last unit */
    BUGS
};

/* A first-fit allocator over a buffer; what each unit of it is stands beside it. */
enum { UNIT = 16, UNITS = 1024, POOL = UNITS * UNIT, ALIGN = 1 << 20, FREE = 0, START, INSIDE };

static unsigned char space[ALIGN + POOL]; /* Valgrind would not place an aligned variable so */
static unsigned char *pool;
static unsigned char map[UNITS + 1];
static enum bug bug;

static size_t units_at(const void *p) {
    size_t first = (size_t)((const unsigned char *)p - pool) / UNIT, n = first;
    if (map[n] == START) n++;
    while (n > first && map[n] == INSIDE) n++;
    return n - first;
}

static bool fits(size_t at, size_t n) {
    if (bug == LOOKS_SHORT && n > 1) n--;
    for (size_t i = at; i < at + n; i++) {
        if (map[i] != FREE) return false;
    }
    return true;
}

static void *toy_aligned(size_t align, size_t bytes) {
    if (bug != WRAPS && bytes > POOL) return NULL;
    if (bug != ALIGNS_ODDLY && !is_power(align)) return NULL;
    size_t n = (bytes + (bug == ROUNDS_DOWN ? 0 : UNIT - 1)) / UNIT;
    size_t step = align <= UNIT || bug == FORGETS_ALIGN ? 1 : align / UNIT;
    if (n == 0) n = 1;
    for (size_t at = 0; at + n <= UNITS; at += step) {
        if (!fits(at, n)) continue;
        memset(map + at, INSIDE, n);
        map[at] = START;
        return pool + at * UNIT;
    }
    return NULL;
}

static int toy_posix(void **result, size_t align, size_t bytes) {
    if (bug != ALIGNS_LESS && (!is_power(align) || align < sizeof(void *))) return EINVAL;
    void *p = toy_aligned(align, bytes);
    if (p != NULL) *result = p;
    return p == NULL ? ENOMEM : 0;
}

static void *toy_malloc(size_t bytes) {
    return toy_aligned(1, bytes);
}

static void toy_free(void *p) {
    size_t first = (size_t)((unsigned char *)p - pool) / UNIT, n = units_at(p);
    memset(map + first, FREE, bug == LEAKS ? n - 1 : n);
    if (bug == SCRIBBLES && first + n < UNITS) pool[(first + n) * UNIT] = 0;
}

static size_t toy_usable(void *p) {
    return (units_at(p) + (bug == BOASTS)) * UNIT;
}

static void *toy_calloc(size_t count, size_t size) {
    if (bug != MULTIPLIES && size != 0 && count > SIZE_MAX / size) return NULL;
    void *p = toy_malloc(count * size);
    if (p != NULL && bug != CALLOC_IS_DIRTY) memset(p, 0, units_at(p) * UNIT);
    return p;
}

static void *toy_realloc(void *p, size_t bytes) {
    if (p == NULL) return toy_malloc(bytes);
    size_t old = units_at(p) * UNIT, new;
    if (bug == GROWS_TOO_FAR && bytes <= old + UNIT) return p;
    void *moved = toy_malloc(bytes);
    if (moved == NULL && bug != FREES_FIRST) return NULL;
    new = moved == NULL ? 0 : units_at(moved) * UNIT;
    if (new > 0) memcpy(moved, p, (old < new ? old : new) - (bug == COPIES_LESS));
    toy_free(p);
    return moved;
}

static const struct allocator toy = {.malloc = toy_malloc,
                                     .free = toy_free,
                                     .realloc = toy_realloc,
                                     .calloc = toy_calloc,
                                     .aligned_alloc = toy_aligned,
                                     .usable_size = toy_usable,
                                     .posix_memalign = toy_posix,
                                     .strict = true};

static uint32_t any(uint32_t *seed) {
    return (*seed = *seed * 1664525u + 1013904223u) >> 8;
}

enum { LIVES = 200, LINES = 100 };

/* What the client says of the toy with this bug in some random lives. */
static const char *judge(enum bug b) {
    static uint8_t life[LINES * OP];
    uint32_t seed = 1;
    size_t line;
    bug = b;
    for (int i = 0; i < LIVES; i++) {
        for (size_t k = 0; k < sizeof life; k++) life[k] = (uint8_t)any(&seed);
        for (size_t k = 1; k < sizeof life; k += OP) life[k] %= 8; /* so many slots: they are met again */
        memset(map, FREE, sizeof map);
        const char *broken = client_run(&toy, life, sizeof life, &line);
        if (broken != NULL) return broken;
    }
    return NULL;
}

static const char *const seen_by[BUGS] = {
    [ROUNDS_DOWN] = "Usable",   [LOOKS_SHORT] = "NoOverlap", [FORGETS_ALIGN] = "Aligned",
    [ALIGNS_ODDLY] = "NoAlign", [ALIGNS_LESS] = "NoAlign",   [WRAPS] = "Refused",
    [MULTIPLIES] = "Refused",   [CALLOC_IS_DIRTY] = "Zero",  [COPIES_LESS] = "Moved",
    [FREES_FIRST] = "Usable",   [GROWS_TOO_FAR] = "Usable",  [BOASTS] = "NoOverlap",
    [SCRIBBLES] = "Contents",   [LEAKS] = "Again",
};

int main(void) {
    int wrong = 0;
    pool = space + (-(uintptr_t)space & (ALIGN - 1));
    for (enum bug b = NONE; b < BUGS; b++) {
        const char *broken = judge(b), *expected = seen_by[b];
        if (broken == expected || (broken != NULL && expected != NULL && strcmp(broken, expected) == 0))
            continue;
        fprintf(stderr, "bug %d: expected %s, the client says %s\n", b, expected ? expected : "nothing",
                broken ? broken : "nothing");
        wrong++;
    }
    return wrong != 0;
}
