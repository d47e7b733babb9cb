/* bench PATTERN N: N malloc and free pairs, on whatever allocator the process has.
 *
 *   same    one block of 64 bytes at a time
 *   fifo    1,000 blocks of up to 512 bytes, the oldest freed first
 *   mixed   10,000 blocks of up to 16 KiB, most of them small, any of them freed
 *   large   100 blocks of up to 1 MiB
 *
 * Random numbers and bookkeeping, some 30 instructions a pair, are the same for all allocators. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 10000 };

struct pattern {
    const char *name;
    uint32_t slots, lg_max; /* blocks at a time; of the largest size */
    int fifo;
};

static const struct pattern patterns[] = {
    {"same", 1, 0, 1},
    {"fifo", 1000, 9, 1},
    {"mixed", SLOTS, 14, 0},
    {"large", 100, 20, 0},
};

static uint32_t seed = 1;

static uint32_t any(void) {
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static void *volatile slot[SLOTS];

int main(int argc, char **argv) {
    const struct pattern *p = NULL;
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        if (argc == 3 && strcmp(argv[1], patterns[i].name) == 0) p = &patterns[i];
    }
    if (p == NULL) {
        fprintf(stderr, "usage: bench PATTERN N\n");
        return 2;
    }
    const long n = strtol(argv[2], NULL, 10);
    for (long i = 0; i < n; i++) {
        const uint32_t k = p->fifo ? (uint32_t)i % p->slots : any() % p->slots;
        const size_t bytes = p->lg_max == 0 ? 64 : 1 + any() % (1u << (4 + any() % (p->lg_max - 3)));
        free(slot[k]);
        char *block = malloc(bytes);
        if (block == NULL) return 1;
        block[0] = 1;
        slot[k] = block;
    }
    return 0;
}
