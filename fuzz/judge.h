/* judge: what all judges have in common. */
#ifndef QED_JUDGE_H
#define QED_JUDGE_H

#include <stdlib.h>
#include <string.h>

#include "fuzz/ops.h"

/* Ends the function with the name of a check that fails. */
#define HOLDS(name, condition)          \
    do {                                \
        if (!(condition)) return #name; \
    } while (0)

/* Passes on what a part of the operation found. */
#define FIRST(call)                \
    do {                           \
        const char *broken = call; \
        if (broken) return broken; \
    } while (0)

/* What a byte of a line means: one of the letters, or a number. */
static inline char letter(const char *letters, uint8_t byte) {
    return byte != 0 && strchr(letters, byte) ? (char)byte : letters[byte % strlen(letters)];
}

static inline uint32_t number(uint8_t byte) {
    return (uint8_t)(byte - '0');
}

/* Ends the program if there is an objection to a line. */
static inline void judge(const char *broken, const uint8_t *input, size_t size, size_t line) {
    if (broken == NULL) return;
    ops_print(broken, input, size, line);
    abort();
}

/* Lives the lines from line `first` on, and the end, which is none. */
static inline void judge_lines(const char *(*live)(const uint8_t *line), const uint8_t *input, size_t size,
                               size_t first) {
    size_t line = first;
    for (; line < size / OP; line++) judge(live(input + line * OP), input, size, line);
    judge(live(NULL), input, size, line);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

#endif
