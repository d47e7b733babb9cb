/* micro PATTERN OPERATIONS LIVE BYTES THREADS: one pattern of malloc and free, on whatever allocator the process has.
 *
 *   pair      one block at a time
 *   lifo      batches of LIVE blocks, the youngest freed first
 *   fifo      the same, the oldest freed first
 *   random    the same, freed in any order
 *   churn     LIVE blocks of up to BYTES, of which any one is replaced
 *   mix       up to LIVE blocks of up to BYTES, most of them small; malloc, calloc, realloc, free
 *   handoff   one thread of two allocates, the other one frees
 *   server    churn, in threads that end and leave their blocks to the next ones
 *   grow      LIVE vectors that grow by realloc, by half each time, to BYTES
 *   refill    LIVE blocks; seven of eight, any, are freed, then their slots are filled with blocks of another size
 *
 * Each of THREADS does OPERATIONS, not counting the first LIVE blocks. A block is written when it comes, as a
 * program would, and read before it goes. Random numbers and bookkeeping are the same for all allocators. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { THREADS = 64, TURNS = 10, RING = 16, BATCH = 64 };

struct work {
    size_t operations, live, bytes;
    char **slot;        /* of the live blocks, NULL if none */
    uint32_t seed;      /* of any() */
    unsigned long seen; /* sum of what was read, so that it is */
};

struct ring {
    sem_t empty, full; /* batches */
    char *batch[RING][BATCH];
};

static struct work works[THREADS];
static struct ring rings[THREADS / 2];

static size_t any(struct work *w) {
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 17;
    w->seed ^= w->seed << 5;
    return w->seed;
}

static char *written(char *block, size_t from, size_t bytes) {
    if (block == NULL) {
        fprintf(stderr, "micro: no memory for %zu bytes\n", bytes);
        exit(1);
    }
    for (size_t i = from; i < bytes; i += i < 256 ? 64 : 4096) block[i] = 1;
    block[bytes - 1] = 1;
    return block;
}

static char *put(size_t bytes) {
    return written(malloc(bytes), 0, bytes);
}

static void drop(struct work *w, size_t k) {
    if (w->slot[k] != NULL) w->seen += (unsigned char)*w->slot[k];
    free(w->slot[k]);
    w->slot[k] = NULL;
}

static void pair(struct work *w) {
    for (size_t n = 0; n < w->operations; n++) {
        w->slot[0] = put(w->bytes);
        drop(w, 0);
    }
}

static void fill(struct work *w) {
    for (size_t k = 0; k < w->live; k++) w->slot[k] = put(w->bytes);
}

static void lifo(struct work *w) {
    for (size_t n = 0; n < w->operations; n += w->live) {
        fill(w);
        for (size_t k = w->live; k-- > 0;) drop(w, k);
    }
}

static void fifo(struct work *w) {
    for (size_t n = 0; n < w->operations; n += w->live) {
        fill(w);
        for (size_t k = 0; k < w->live; k++) drop(w, k);
    }
}

static void in_any_order(struct work *w) {
    for (size_t n = 0; n < w->operations; n += w->live) {
        fill(w);
        for (size_t left = w->live; left > 0; left--) {
            const size_t k = any(w) % left;
            drop(w, k);
            w->slot[k] = w->slot[left - 1];
            w->slot[left - 1] = NULL;
        }
    }
}

static void churn(struct work *w) {
    for (size_t k = 0; k < w->live; k++) {
        if (w->slot[k] == NULL) w->slot[k] = put(1 + any(w) % w->bytes);
    }
    for (size_t n = 0; n < w->operations; n++) {
        const size_t k = any(w) % w->live;
        drop(w, k);
        w->slot[k] = put(1 + any(w) % w->bytes);
    }
}

/* Most of them small: below 2^4, 2^5, ... and all of them below the largest, as likely. */
static size_t skewed(struct work *w) {
    const unsigned lg = 63 - (unsigned)__builtin_clzl(w->bytes);
    return 1 + any(w) % ((size_t)16 << any(w) % (lg - 3));
}

static void mix(struct work *w) {
    for (size_t n = 0; n < w->operations; n++) {
        const size_t k = any(w) % w->live, bytes = skewed(w), what = any(w) % 16;
        if (what == 0 && w->slot[k] != NULL) {
            w->slot[k] = written(realloc(w->slot[k], bytes), 0, bytes);
            continue;
        }
        drop(w, k);
        if (what < 3) {
            w->slot[k] = written(calloc(1, bytes), 0, bytes);
        } else if (what < 14) {
            w->slot[k] = put(bytes);
        }
    }
}

static void handoff(struct work *w) {
    const size_t number = (size_t)(w - works);
    struct ring *r = &rings[number / 2];
    for (size_t n = 0; n < w->operations; n += BATCH) {
        char **batch = r->batch[n / BATCH % RING];
        if (number % 2 == 0) {
            sem_wait(&r->empty);
            for (size_t k = 0; k < BATCH; k++) batch[k] = put(1 + any(w) % w->bytes);
            sem_post(&r->full);
        } else {
            sem_wait(&r->full);
            for (size_t k = 0; k < BATCH; k++) {
                w->seen += (unsigned char)*batch[k];
                free(batch[k]);
            }
            sem_post(&r->empty);
        }
    }
}

static void grow(struct work *w) {
    size_t *bytes = calloc(w->live, sizeof *bytes);
    if (bytes == NULL) exit(1);
    for (size_t n = 0; n < w->operations; n++) {
        const size_t k = any(w) % w->live, more = bytes[k] + bytes[k] / 2 + 16;
        if (more > w->bytes) {
            drop(w, k);
            bytes[k] = 0;
        } else {
            w->slot[k] = written(realloc(w->slot[k], more), bytes[k], more);
            bytes[k] = more;
        }
    }
    free(bytes);
}

static void refill(struct work *w) {
    size_t bytes = w->bytes;
    fill(w);
    for (size_t n = 0; n < w->operations; n += w->live) {
        for (size_t k = 0; k < w->live; k++) {
            if (any(w) % 8 != 0) drop(w, k);
        }
        bytes = bytes < 4 * w->bytes ? bytes + bytes / 2 : w->bytes;
        for (size_t k = 0; k < w->live; k++) {
            if (w->slot[k] == NULL) w->slot[k] = put(bytes);
        }
    }
}

static const struct pattern {
    const char *name;
    void (*run)(struct work *);
    unsigned turns; /* of threads, one after the other; 0: none but the main thread if one is enough */
} patterns[] = {
    {"pair", pair, 0},   {"lifo", lifo, 0},     {"fifo", fifo, 0},       {"random", in_any_order, 0},
    {"churn", churn, 0}, {"mix", mix, 0},       {"handoff", handoff, 1}, {"server", churn, TURNS},
    {"grow", grow, 0},   {"refill", refill, 0},
};

static const struct pattern *pattern;

static void *thread(void *work) {
    pattern->run(work);
    return NULL;
}

static void turn(size_t threads) {
    pthread_t id[THREADS];
    for (size_t t = 0; t < threads; t++) {
        if (pthread_create(&id[t], NULL, thread, &works[t]) != 0) exit(1);
    }
    for (size_t t = 0; t < threads; t++) pthread_join(id[t], NULL);
}

/* The slots are not the allocator's: they would count as its memory. */
static void prepare(size_t threads, size_t operations, size_t live, size_t bytes) {
    char **slot =
        mmap(NULL, threads * live * sizeof *slot, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slot == MAP_FAILED) exit(1);
    for (size_t t = 0; t < threads; t++) {
        works[t] = (struct work){operations, live, bytes, &slot[t * live], (uint32_t)t + 1, 0};
        sem_init(&rings[t / 2].empty, 0, RING);
        sem_init(&rings[t / 2].full, 0, 0);
    }
}

int main(int argc, char **argv) {
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        if (argc == 6 && strcmp(argv[1], patterns[i].name) == 0) pattern = &patterns[i];
    }
    size_t number[4] = {0};
    for (int i = 0; i < 4 && pattern != NULL; i++) number[i] = strtoul(argv[2 + i], NULL, 10);
    const size_t operations = number[0], live = number[1], bytes = number[2], threads = number[3];
    if (live == 0 || bytes < 16 || threads == 0 || threads > THREADS ||
        (pattern->run == handoff && threads % 2 != 0)) {
        fprintf(stderr, "usage: micro PATTERN OPERATIONS LIVE BYTES THREADS\n");
        return 2;
    }
    const unsigned turns = pattern->turns == 0 ? threads > 1 : pattern->turns;
    prepare(threads, turns == 0 ? operations : operations / turns, live, bytes);
    for (unsigned t = 0; t < turns; t++) turn(threads);
    if (turns == 0) pattern->run(&works[0]);
    return 0;
}
