/* Several embedded heaps at work at once. */
#include "checks.h"

enum { CHUNK = QED_HEAP_CHUNK, CHUNKS = 4 };

static struct qed_heap heap, other;
static _Alignas(CHUNK) unsigned char memory[CHUNKS * CHUNK];

/* A random client: slots with a block or none, each filled with a byte of its own. */
enum { SLOTS = 96, STEPS = 20000 };

struct client {
    struct qed_heap *heap;
    uint32_t random;
    size_t live, peak;
    struct {
        unsigned char *start;
        size_t bytes, usable;
        unsigned char value;
    } slot[SLOTS];
};

static uint32_t random_of(struct client *c) {
    c->random = c->random * 1664525u + 1013904223u;
    return c->random >> 8;
}

/* Mostly small, sometimes up to two chunks. */
static size_t random_size(struct client *c) {
    uint32_t limit = 1u << (random_of(c) % 100 < 90 ? random_of(c) % 11 : random_of(c) % 16);
    return random_of(c) % (limit + 1);
}

static void *allocate(struct client *c, size_t bytes) {
    switch (random_of(c) % 3) {
        case 0:
            return qed_heap_calloc(c->heap, 1, bytes);
        case 1:
            return qed_heap_aligned(c->heap, (size_t)1 << random_of(c) % 12, bytes);
        default:
            return qed_heap_alloc(c->heap, bytes);
    }
}

static bool step(struct client *c) {
    size_t i = random_of(c) % SLOTS, bytes = random_size(c);
    unsigned char *old = c->slot[i].start, *new = NULL;
    CHECK(old == NULL || holds(old, c->slot[i].usable, c->slot[i].value));
    if (old == NULL) {
        new = allocate(c, bytes);
    } else if (random_of(c) % 2 == 0) {
        new = qed_heap_realloc(c->heap, old, bytes);
        if (new == NULL) return bytes > c->slot[i].usable;
        CHECK(holds(new, bytes < c->slot[i].usable ? bytes : c->slot[i].usable, c->slot[i].value));
    } else {
        CHECK(qed_heap_free(c->heap, old) == QED_HEAP_OK);
        CHECK(qed_heap_usable(c->heap, old) == 0);
    }
    size_t usable = new == NULL ? 0 : qed_heap_usable(c->heap, new);
    CHECK(new == NULL || usable >= bytes);
    c->live = c->live - c->slot[i].usable + usable;
    c->slot[i].start = new;
    c->slot[i].bytes = bytes;
    c->slot[i].usable = usable;
    c->slot[i].value = (unsigned char)random_of(c);
    if (new != NULL) fill(new, usable, c->slot[i].value);
    return true;
}

/* Of blocks above 512 bytes. */
static bool largest_is_exact(struct qed_heap *h) {
    size_t largest = stats_of(h).largest;
    CHECK(qed_heap_alloc(h, largest < 512 ? 513 : largest + 1) == NULL);
    if (largest > 512) {
        void *block = qed_heap_alloc(h, largest);
        CHECK(qed_heap_usable(h, block) == largest);
        CHECK(qed_heap_free(h, block) == QED_HEAP_OK);
    }
    return true;
}

static bool drain(struct client *c) {
    for (size_t i = 0; i < SLOTS; i++) {
        CHECK(c->slot[i].start == NULL || holds(c->slot[i].start, c->slot[i].usable, c->slot[i].value));
        CHECK(qed_heap_free(c->heap, c->slot[i].start) == QED_HEAP_OK);
        c->slot[i].start = NULL;
        c->slot[i].usable = 0;
    }
    c->live = 0;
    return true;
}

/* Two heaps side by side in one buffer, each with a random client: each keeps its contents, its
 * statistics and its promises, and a step on one changes no byte of the other. */
static bool test_two_clients(void) {
    static struct client a, b;
    a.heap = &heap, a.random = 1;
    b.heap = &other, b.random = 2;
    fill(memory, sizeof memory, 0xa5);
    CHECK(qed_heap_init(&heap, memory, 3 * CHUNK, NULL));
    CHECK(qed_heap_init(&other, memory + 3 * CHUNK, CHUNK, NULL));
    for (int i = 0; i < STEPS; i++) {
        bool watch = i % 256 == 0;
        uint32_t before = watch ? hash_of(&other, sizeof other) ^ hash_of(memory + 3 * CHUNK, CHUNK) : 0;
        CHECK(step(&a));
        uint32_t after = watch ? hash_of(&other, sizeof other) ^ hash_of(memory + 3 * CHUNK, CHUNK) : 0;
        CHECK(before == after);
        CHECK(step(&b));
        if (watch) CHECK(qed_heap_check(&heap) == NULL && qed_heap_check(&other) == NULL);
        if (watch) CHECK(largest_is_exact(&heap) && largest_is_exact(&other));
        if (watch) CHECK(stats_of(&heap).live == a.live && stats_of(&other).live == b.live);
    }
    CHECK(drain(&a) && drain(&b));
    CHECK(is_empty(&heap, 3));
    CHECK(is_empty(&other, 1));
    return true;
}

/* As many heaps as there is memory for, each full, none in another's way. */
static bool test_many_heaps(void) {
    static struct qed_heap many[CHUNKS];
    for (size_t i = 0; i < CHUNKS; i++) {
        CHECK(qed_heap_init(&many[i], memory + i * CHUNK, CHUNK, NULL));
        CHECK(qed_heap_alloc(&many[i], CHUNK) == memory + i * CHUNK);
        fill(memory + i * CHUNK, CHUNK, (unsigned char)i);
    }
    for (size_t i = 0; i < CHUNKS; i++) {
        CHECK(holds(memory + i * CHUNK, CHUNK, (unsigned char)i));
        CHECK(qed_heap_alloc(&many[i], 1) == NULL);
        CHECK(qed_heap_free(&many[(i + 1) % CHUNKS], memory + i * CHUNK) == QED_HEAP_FOREIGN);
        CHECK(qed_heap_free(&many[i], memory + i * CHUNK) == QED_HEAP_OK);
        CHECK(is_empty(&many[i], 1));
    }
    return true;
}

int program(void) {
    static bool (*const test[])(void) = {
        test_two_clients,
        test_many_heaps,
    };
    return run_tests("embedded clients", test, sizeof test / sizeof test[0]);
}
