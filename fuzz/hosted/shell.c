/* The hosted shell (src/shell.h) under libFuzzer, on a system (fuzz/hosted/platform.h) that refuses: nothing at
 * first, then its first call, its second, and so on; or all from there on, if the header's first number is odd. If
 * the second one is, the system itself allocates and frees a block in the middle of its calls. Lines are those of
 * fuzz/ops.h, on 63 slots; p gives all free memory back, g, b, d do nothing.
 *
 * Whatever the system does, a request is served unless it refused, or there is no room; no block is lost, nothing
 * that is asked to be zero is not, address space that is not used is given back, and errno is left alone. */
#include <errno.h>
#include <limits.h>

#include "fuzz/hosted/platform.h"
#include "fuzz/judge.h"
#include "qedmalloc.h"
#include "shell.h"

enum { SLOTS_USED = 63, SPARE = SLOTS_USED, VISITOR, HELD }; /* what the input names, and what it does not */
enum { STAMP = 48, PLACES = 9, KEPT = 12345 /* an errno that nobody sets */, MOST_CALLS = 60 };

static struct {
    unsigned char *p;
    size_t bytes, align, usable;
} blocks[HELD];

static unsigned told;
static unsigned maps; /* that a heap has */

static void tell(const char *verdict, void *p) {
    (void)verdict, (void)p;
    told++;
}

static bool overlaps(const unsigned char *p, size_t n, uint32_t slot) {
    for (uint32_t i = 0; i < HELD; i++) {
        if (i != slot && blocks[i].p != NULL && p < blocks[i].p + blocks[i].usable && blocks[i].p < p + n)
            return true;
    }
    return false;
}

static bool holds(const unsigned char *p, size_t n, uint32_t value) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != value) return false;
    }
    return true;
}

/* A block is looked at in some places, from its start to its end; how far they are apart. */
static size_t stride(size_t usable) {
    return usable < PLACES * STAMP ? STAMP : (usable - STAMP) / (PLACES - 1);
}

static void stamp(uint32_t slot) {
    unsigned char *p = blocks[slot].p, *end = p + blocks[slot].usable;
    for (; p < end; p += stride(blocks[slot].usable))
        memset(p, (int)(slot + 1), end - p < STAMP ? (size_t)(end - p) : STAMP);
}

/* The first n bytes of a block that was looked at, or stamped, when it had so many usable bytes. */
static bool holds_up_to(const unsigned char *p, size_t n, size_t usable, uint32_t value) {
    for (size_t i = 0; i < n; i += stride(usable)) {
        if (!holds(p + i, n - i < STAMP ? n - i : STAMP, value)) return false;
    }
    return true;
}

static bool holds_all_over(const unsigned char *p, size_t usable, uint32_t value) {
    return holds_up_to(p, usable, usable, value);
}

static bool is_intact(uint32_t slot) {
    return holds_all_over(blocks[slot].p, blocks[slot].usable, slot + 1);
}

static const char *allocate(uint32_t slot, size_t bytes, size_t align) {
    bool zero = false;
    unsigned refused = platform.refused;
    unsigned char *p = shell_alloc(bytes, align, &zero);
    if (p == NULL) {
        HOLDS(Room, platform.refused > refused || !shell_may_grow(bytes, align));
        return NULL;
    }
    size_t usable = shell_usable(p);
    HOLDS(Usable, usable >= bytes && usable > 0);
    HOLDS(Aligned, (uintptr_t)p % align == 0 && (uintptr_t)p % QUANTUM == 0);
    HOLDS(NoOverlap, !overlaps(p, usable, slot));
    HOLDS(Zero, !zero || holds_all_over(p, usable, 0));
    blocks[slot].p = p;
    blocks[slot].bytes = bytes;
    blocks[slot].align = align;
    blocks[slot].usable = usable;
    stamp(slot);
    return NULL;
}

static const char *release(uint32_t slot, bool sized) {
    if (blocks[slot].p == NULL) return NULL;
    HOLDS(Contents, is_intact(slot));
    if (sized) {
        HOLDS(Sized,
              shell_free_sized(blocks[slot].p, blocks[slot].bytes, blocks[slot].align, "free") == HEAP_OK);
    } else {
        HOLDS(Free, shell_free(blocks[slot].p, "free") == HEAP_OK);
    }
    blocks[slot].p = NULL;
    return NULL;
}

/* The block gets another place, by way of the spare slot, if there is room. */
static const char *move(uint32_t slot, size_t bytes) {
    const size_t usable = blocks[slot].usable, kept = usable < bytes ? usable : bytes;
    FIRST(allocate(SPARE, bytes, 1));
    if (blocks[SPARE].p == NULL) return NULL;
    shell_move(blocks[SPARE].p, blocks[slot].p, kept);
    HOLDS(Moved, holds_up_to(blocks[SPARE].p, kept, usable, slot + 1));
    blocks[slot] = blocks[SPARE];
    blocks[SPARE].p = NULL;
    stamp(slot);
    return NULL;
}

static const char *resize(uint32_t slot, size_t bytes) {
    size_t usable;
    if (blocks[slot].p == NULL) return NULL;
    HOLDS(Contents, is_intact(slot));
    enum verdict v = shell_resize(blocks[slot].p, bytes, &usable);
    HOLDS(Resize, v == HEAP_OK || (v == HEAP_NO_ROOM && usable == blocks[slot].usable));
    HOLDS(Usable, v != HEAP_OK || usable >= bytes);
    if (v != HEAP_OK) return move(slot, bytes);
    HOLDS(NoOverlap, !overlaps(blocks[slot].p, usable, slot));
    blocks[slot].bytes = bytes;
    blocks[slot].align = 1;
    blocks[slot].usable = usable;
    stamp(slot);
    return NULL;
}

/* Of a block that cannot be looked at now, nobody knows how much there is to move. */
static const char *look(uint32_t slot) {
    size_t usable;
    enum verdict v = shell_resize(blocks[slot].p, blocks[slot].usable, &usable);
    if (v == HEAP_OK && usable == blocks[slot].usable) return NULL;
    HOLDS(Shut, v == HEAP_NO_ROOM && usable == SIZE_MAX);
    return NULL;
}

/* The last slot is the system's. What it asks for may be refused. */
static void visit(void) {
    platform.visit = NULL;
    if (blocks[VISITOR].p != NULL) {
        const char *broken = look(VISITOR);
        if (broken == NULL) broken = release(VISITOR, false);
        if (broken != NULL) platform.wrong = broken;
    } else {
        blocks[VISITOR].p = shell_alloc(100, 1, NULL);
        blocks[VISITOR].usable = blocks[VISITOR].p == NULL ? 0 : shell_usable(blocks[VISITOR].p);
        stamp(VISITOR);
    }
    platform.visit = visit;
}

/* A pointer to no block's start: inside one, or what was one. */
static const char *hostile(const struct op *o) {
    uint32_t slot = o->slot % SLOTS_USED;
    unsigned char *p = blocks[slot].p;
    size_t past = blocks[slot].usable > 1 ? 1 + o->bytes % (blocks[slot].usable - 1) : 1;
    if (p == NULL) return NULL;
    HOLDS(Refused, shell_free(p + past, "free") >= HEAP_FOREIGN && told == 1);
    HOLDS(Refused, shell_usable(p + past) == 0 && told == 2);
    told = 0;
    return NULL;
}

static const char *count(void) {
    struct shell_stats s;
    size_t live = 0;
    unsigned refused = platform.refused;
    shell_stats(&s);
    for (uint32_t i = 0; i < HELD; i++) live += blocks[i].p == NULL ? 0 : blocks[i].usable;
    HOLDS(Stats, s.heap.live == live || platform.refused > refused);
    return NULL;
}

static const char *end(void) {
    platform.refuse = 0;
    platform.onwards = false;
    platform.visit = NULL;
    for (uint32_t i = 0; i < HELD; i++) FIRST(release(i, false));
    FIRST(count());
    HOLDS(Check, shell_check() == NULL);
    shell_purge();
    struct shell_stats s;
    shell_stats(&s);
    HOLDS(Purged, s.heap.dirty == 0);
    FIRST(allocate(0, CHUNK / 2, 1));
    HOLDS(Well, blocks[0].p != NULL);
    return release(0, false);
}

static const char *operate(const struct op *o) {
    uint32_t slot = o->slot % SLOTS_USED;
    switch (o->what) {
        case 'a':
            FIRST(release(slot, false));
            return allocate(slot, o->bytes, o->align);
        case 'f':
        case 's':
            return release(slot, o->what == 's');
        case 'r':
            return resize(slot, o->bytes);
        case 'h':
            return hostile(o);
        case 'p':
            return shell_purge(), NULL;
        case 'c':
            return count();
        default:
            return NULL;
    }
}

static const char *live(const uint8_t *line) {
    size_t usable = line == NULL ? 0 : blocks[line[1] % SLOTS_USED].usable;
    struct op o = {0};
    errno = KEPT;
    if (line != NULL) o = op_parse(line, (struct reach){usable, usable + PAGE});
    FIRST(line == NULL ? end() : operate(&o));
    FIRST(platform.wrong);
    HOLDS(Leak, platform_maps() <= (shell_has_heap() ? maps : 0));
    HOLDS(Lock, !platform_is_locked());
    HOLDS(Errno, errno == KEPT);
    HOLDS(Told, told == 0);
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    if (size < OP) return LLVMFuzzerTestOneInput(ops_none, OP);
    unsigned refuse = 0;
    maps = UINT_MAX;
    qed_set_misuse_hook(tell);
    do {
        platform_restart(refuse, refuse > 0 && number(input[1]) % 2);
        if (number(input[2]) % 2) platform.visit = visit;
        shell_restart();
        memset(blocks, 0, sizeof blocks);
        judge_lines(live, input, size, 1);
        if (refuse == 0) maps = platform_maps();
    } while (refuse++ < platform.calls && refuse <= MOST_CALLS);
    return 0;
}
