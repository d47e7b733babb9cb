/* Threads that allocate, resize and free each other's blocks. Every block carries a pattern that
 * is verified when it is taken from the table, so two blocks that overlap, or a block whose
 * contents a realloc lost, are seen.
 *
 *   threads [SLOWER]
 *
 * Under helgrind and drd, which do not know atomics, locks guard the table instead, one for each slot: so they order no more
 * than they must. Of memory that was mapped to be committed later helgrind sees nothing unless told. */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#if __has_include(<valgrind/helgrind.h>)
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <valgrind/helgrind.h>
#define SEEN
#endif

#include "src/qedmalloc.h"
#include "tests/test.h"

enum { THREADS = 8, SLOTS = 500, OPERATIONS = 200000, WAVES = 40 };

struct block {
    size_t bytes; /* of all, this header included */
    uint32_t seed;
    unsigned char data[];
};

static struct block *_Atomic slot[SLOTS];
static uint32_t slower = 1; /* so many times less is done where all takes longer */
static pthread_mutex_t guard[SLOTS];

/* What was in the slot; b is now. */
static struct block *swap(uint32_t i, struct block *b) {
    if (slower > 1) pthread_mutex_lock(&guard[i]);
    struct block *was = atomic_exchange(&slot[i], b);
    if (slower > 1) pthread_mutex_unlock(&guard[i]);
    return was;
}

#ifdef SEEN
int mprotect(void *address, size_t bytes, int protection) {
    VALGRIND_HG_CLEAN_MEMORY(address, bytes);
    return (int)syscall(SYS_mprotect, address, bytes, protection);
}
#endif

static uint32_t random_next(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

/* Mostly small, sometimes a few pages, rarely more than a chunk. */
static size_t random_bytes(uint32_t *state) {
    uint32_t r = random_next(state);
    size_t limit = r % 1000 == 0 ? 5u << 20 : r % 50 == 0 ? 200000 : r % 4 == 0 ? 9000 : 300;
    return sizeof(struct block) + random_next(state) % limit;
}

static unsigned char pattern(const struct block *b, size_t i) {
    return (unsigned char)(b->seed + i * 7);
}

/* Of a long block only some bytes, on every page and at the end. */
static size_t stride(const struct block *b) {
    return 1 + b->bytes / 4096;
}

static void fill(struct block *b, size_t bytes, uint32_t seed) {
    CHECK(b != NULL && malloc_usable_size(b) >= bytes);
    b->bytes = bytes;
    b->seed = seed;
    size_t n = bytes - sizeof *b;
    for (size_t i = 0; i < n; i += stride(b)) b->data[i] = pattern(b, i);
    if (n > 0) b->data[n - 1] = pattern(b, n - 1);
}

/* Checks the first n of b's data. */
static void verify(const struct block *b, size_t n) {
    for (size_t i = 0; i < n; i += stride(b)) CHECK(b->data[i] == pattern(b, i));
}

static void verify_all(const struct block *b) {
    size_t n = b->bytes - sizeof *b;
    verify(b, n);
    if (n > 0) CHECK(b->data[n - 1] == pattern(b, n - 1));
}

static struct block *new_block(uint32_t *state) {
    size_t bytes = random_bytes(state);
    struct block *b;
    switch (random_next(state) % 4) {
        case 0: {
            b = calloc(1, bytes);
            const unsigned char *byte = (const unsigned char *)b;
            for (size_t i = 0; b != NULL && i < bytes; i += 1 + bytes / 4096) CHECK(byte[i] == 0);
            break;
        }
        case 1: {
            size_t align = (size_t)16 << random_next(state) % 10;
            b = aligned_alloc(align, bytes);
            CHECK((uintptr_t)b % align == 0);
            break;
        }
        default:
            b = malloc(bytes);
    }
    fill(b, bytes, random_next(state));
    return b;
}

static struct block *resized(struct block *b, uint32_t *state) {
    size_t bytes = random_bytes(state), old = b->bytes;
    b = realloc(b, bytes);
    CHECK(b != NULL);
    verify(b, (bytes < old ? bytes : old) - sizeof *b);
    fill(b, bytes, random_next(state));
    return b;
}

static void operate(uint32_t *state, uint32_t times) {
    for (uint32_t i = 0; i < times; i++) {
        const uint32_t s = random_next(state) % SLOTS;
        struct block *b = swap(s, NULL);
        if (b != NULL) verify_all(b);
        if (b == NULL) {
            b = new_block(state);
        } else if (random_next(state) % 3 == 0) {
            b = resized(b, state);
        } else {
            free(b);
            b = NULL;
        }
        free(swap(s, b));
    }
}

/* drd starts a thread by a call that allocates, in which it sees no lock: the cache that the thread got there is another's
 * until a lock is seen that the other one had, too. For a huge block that is taken, and no cache looked at. */
static void begin(void) {
    void *volatile huge = malloc(5 << 20);
    CHECK(huge != NULL);
    free(huge);
}

static void *long_lived(void *arg) {
    begin();
    uint32_t state = *(uint32_t *)arg;
    operate(&state, OPERATIONS / slower);
    return NULL;
}

static void *short_lived(void *arg) {
    begin();
    uint32_t state = *(uint32_t *)arg;
    operate(&state, 200);
    return NULL;
}

static void run(void *(*body)(void *), uint32_t seed) {
    pthread_t thread[THREADS];
    uint32_t state[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        state[i] = seed + i * 2654435761u;
        CHECK(pthread_create(&thread[i], NULL, body, &state[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(thread[i], NULL) == 0);
}

int main(int argc, char **argv) {
    if (argc > 1) slower = (uint32_t)strtoul(argv[1], NULL, 10);
    for (int i = 0; i < SLOTS; i++) CHECK(pthread_mutex_init(&guard[i], NULL) == 0);
    run(long_lived, 1);
    for (uint32_t wave = 0; wave < WAVES / slower + 2; wave++) run(short_lived, 1000 + wave);
    for (int i = 0; i < SLOTS; i++) {
        struct block *b = swap((uint32_t)i, NULL);
        if (b != NULL) verify_all(b);
        free(b);
    }
    CHECK(qed_check() == NULL);
    return 0;
}
