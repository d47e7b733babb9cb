/* exhaustive: all lives of a tiny heap, up to a number of operations, judged by the oracle.
 *
 *   exhaustive [DEPTH]
 *
 * A life is lines of fuzz/ops.h from the alphabet below, on four slots. In each state that can be reached
 * every line is tried, every offset is freed where no block starts, and the life is ended. States are gone
 * back to, not lived again; one that was met before, with as many lines to go, is not explored
 * again. Slots are alike: an allocation takes the first that is empty, and states that differ in
 * nothing but the slots of their blocks are one.
 *
 * What was reached is counted, and must be as many as expected: a search with nothing to do finds no bug. */
#include <inttypes.h>
#include <string.h>

#include "fuzz/life.h"
#include "fuzz/oracle.h"
#include "tests/test.h"

enum { HELD = 4, DEPTH = 7, DEPTH_MAX = 16 };

static const char header[OP + 1] = "1113@..\n"; /* two arenas, a chunk of three, at an odd place */

/* Of a line with a slot, 0 stands for any: an empty one for a, for f and r one that has a block. */
static const char alphabet[][OP + 1] = {
    "a0c0=00\n", "a0c1=00\n", "a0c1=01\n", "a0c2=00\n", "a0p2=00\n", "a0p2=60\n",
    "a0p3=01\n", "a0p4=00\n", "a0p5=00\n", "f0b0=00\n", "r0p2=00\n", "r0p4=00\n",
    "r0p5=00\n", "r0p9=00\n", "p000000\n", "p001000\n", "a0b0=80\n",
};
enum { LETTERS = sizeof alphabet / sizeof alphabet[0] };

/* At each depth: states, and lives of at most so many lines. */
static const struct count {
    uint64_t states, lives;
} expected[] = {
    {1, 1},
    {10, 13},
    {102, 202},
    {903, 3725},
    {7330, 77746},
    {48355, 1746143},
    {331545, 40739312},
    {1950594, 968523960},
    {11448453, 23242982671},
};
enum { EXPECTED = sizeof expected / sizeof expected[0] };

/* The life that leads to the state at hand, as text. */
static uint8_t trace[(1 + DEPTH_MAX) * OP];
static unsigned depth;
static uint64_t states, steps;

/* All that may change, but for the blocks in slots that are not in use. */
struct kept {
    struct heap heap;
    unsigned char memory[(size_t)MODEL_PAGES * PAGE];
    unsigned char life[offsetof(struct life, blocks)];
    struct block blocks[HELD];
};

/* The slots have digits for names. */
static struct block *block_in(uint32_t slot) {
    return &life->blocks['0' + slot];
}

static void keep(struct kept *k) {
    memcpy(&k->heap, life->heap, sizeof k->heap);
    memcpy(k->memory, life->memory, sizeof k->memory);
    memcpy(k->life, life, sizeof k->life);
    memcpy(k->blocks, block_in(0), sizeof k->blocks);
}

static void go_back(const struct kept *k) {
    memcpy(life, k->life, sizeof k->life);
    memcpy(block_in(0), k->blocks, sizeof k->blocks);
    memcpy(life->heap, &k->heap, sizeof k->heap);
    memcpy(life->memory, k->memory, sizeof k->memory);
}

/* 64 bits of a state: with some millions of states, two of them are one by chance in one run of a million. */
static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n) {
    uint64_t word;
    for (size_t i = 0; i < n; i += sizeof word) {
        word = 0;
        memcpy(&word, (const unsigned char *)bytes + i, n - i < sizeof word ? n - i : sizeof word);
        hash = mix(hash, word);
    }
    return hash;
}

/* What is in memory follows from the pages' states, or Zero and Contents object. */
static uint64_t hash_state(void) {
    uint64_t hash = hash_bytes(life->model.end, life->heap, sizeof *life->heap), blocks = 0;
    hash = hash_bytes(hash, life->model.page, sizeof life->model.page);
    for (uint32_t slot = 0; slot < HELD; slot++) {
        const struct block *b = block_in(slot);
        if (b->live) blocks += mix(mix(mix(1, b->off), b->bytes), b->align);
    }
    return mix(hash, blocks);
}

/* How many lives there are from a state with so many lines to go; 0: it is not known. */
struct known {
    uint64_t hash, lives;
};
static struct known *table;
static size_t table_size = 1 << 16, table_used;

static struct known *zeroes(size_t n) {
    struct known *k = calloc(n, sizeof *k);
    CHECK(k != NULL);
    return k;
}

static struct known *find(uint64_t hash) {
    size_t i = hash & (table_size - 1);
    while (table[i].lives != 0 && table[i].hash != hash) i = (i + 1) & (table_size - 1);
    return &table[i];
}

static void learn(struct known known) {
    *find(known.hash) = known;
    if (4 * ++table_used < 3 * table_size) return;
    struct known *old = table, *end = table + table_size;
    table_size *= 2;
    table = zeroes(table_size);
    for (struct known *k = old; k < end; k++) {
        if (k->lives != 0) *find(k->hash) = *k;
    }
    free(old);
}

static void judge(const char *broken) {
    if (broken == NULL) return;
    ops_print(broken, trace, (1 + depth) * OP, depth);
    exit(1);
}

/* The invariant, every offset where no block starts, and the end of this life. */
static void judge_state(const struct kept *here) {
    uint8_t line[OP + 1] = "h0q0=01\n";
    judge(heap_check(life->heap));
    for (uint32_t q = 0; q < (uint32_t)(life->model.end - FIRST_PAGE) * PAGE_QUANTA; q++) {
        line[3] = (uint8_t)('0' + q);
        judge(oracle_line(line));
    }
    judge(oracle_end());
    go_back(here);
}

/* The line can be tried on the slot. */
static bool may(char what, uint32_t slot) {
    if (what == 'p') return slot == 0;
    if (what != 'a') return block_in(slot)->live;
    for (uint32_t i = 0; i < slot; i++) {
        if (!block_in(i)->live) return false;
    }
    return !block_in(slot)->live;
}

static uint64_t explore(unsigned to_go);

static uint64_t try(const char *line, uint32_t slot, unsigned to_go) {
    uint8_t *text = trace + ++depth * OP;
    memcpy(text, line, OP);
    text[1] = (uint8_t)('0' + slot);
    judge(oracle_line(text));
    steps++;
    uint64_t lives = explore(to_go - 1);
    depth--;
    return lives;
}

/* The lives from here on. */
static uint64_t explore(unsigned to_go) {
    uint64_t hash = hash_state(), lives = 1;
    struct kept here;
    if (find(hash + to_go + 1)->lives > 0) return find(hash + to_go + 1)->lives;
    keep(&here);
    if (find(hash)->lives == 0) {
        states++;
        judge_state(&here);
        learn((struct known){hash, 1});
    }
    for (size_t i = 0; to_go > 0 && i < LETTERS; i++) {
        for (uint32_t slot = 0; slot < HELD; slot++) {
            if (!may(alphabet[i][0], slot)) continue;
            lives += try(alphabet[i], slot, to_go);
            go_back(&here);
        }
    }
    learn((struct known){hash + to_go + 1, lives});
    return lives;
}

int main(int argc, char **argv) {
    unsigned deepest = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : DEPTH;
    CHECK(deepest <= DEPTH_MAX);
    table = zeroes(table_size);
    memcpy(trace, header, OP);
    judge(oracle_begin(&the_heap, trace));
    uint64_t lives = explore(deepest);
    printf("depth %u: %" PRIu64 " states, %" PRIu64 " steps, %" PRIu64 " lives\n", deepest, states, steps,
           lives);
    if (deepest >= EXPECTED || (expected[deepest].states == states && expected[deepest].lives == lives))
        return 0;
    fprintf(stderr, "expected %" PRIu64 " states, %" PRIu64 " lives\n", expected[deepest].states,
            expected[deepest].lives);
    return 1;
}
