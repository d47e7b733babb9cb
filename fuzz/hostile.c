/* A hostile client of the heap under libFuzzer: a life in the language of fuzz/ops.h, and after each of its lines frees,
 * resizes and questions around the block, live or not, of the slot that the line was about, and around the heap. */
#include "fuzz/judge.h"
#include "fuzz/oracle.h"

/* The slot is put in. */
static const char attempts[][OP + 1] = {
    "h0b0=03\n", "h0b0+03\n", "h0b0-03\n", "h0q1=03\n", "h0q2=03\n", "h0u0=03\n", "h0u0-03\n", "h0p1=03\n",
    "h0p2=03\n", "h0k4=03\n", "h0b0=01\n", "h0b0-01\n", "h0b0=02\n", "h0b0-02\n", "h0b0=00\n", "h0m0=00\n",
};

static const char *live(const uint8_t *line) {
    uint8_t hostile[OP];
    if (line == NULL) return oracle_end();
    FIRST(oracle_line(line));
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        memcpy(hostile, attempts[i], OP);
        hostile[1] = line[1];
        FIRST(oracle_line(hostile));
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    if (size < OP) return LLVMFuzzerTestOneInput(ops_none, OP);
    judge(oracle_begin(&the_heap, input), input, size, 0);
    judge_lines(live, input, size, 1);
    return 0;
}
