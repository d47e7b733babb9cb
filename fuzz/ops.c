#include "fuzz/ops.h"

#include <stdio.h>

#include "fuzz/judge.h"

const uint8_t ops_none[OP] = {'0', '0', '0', '0', '0', '0', '0', '\n'};

static size_t size_of(char unit, uint32_t n, struct reach r) {
    switch (unit) {
        case 'b':
            return n;
        case 'q':
            return n * (size_t)QUANTUM;
        case 'c':
            return class_bytes(n % BINS);
        case 'p':
            return n * (size_t)PAGE;
        case 'k':
            return n * (size_t)CHUNK / 4;
        case 'u':
            return r.usable;
        case 'e':
            return r.end;
        case 'x':
            return (size_t)1 << n % 64;
        default:
            return SIZE_MAX - n;
    }
}

struct op op_parse(const uint8_t *line, struct reach r) {
    struct op o = {.what = letter("afrshbdpgc", line[0]), .slot = line[1], .n = number(line[3])};
    char sign = letter("=-+", line[4]);
    o.bytes = size_of(letter("cpbkuqxme", line[2]), o.n, r);
    o.bytes += (size_t)(sign == '+') - (size_t)(sign == '-');
    o.lg = number(line[5]) % 64;
    o.align = (size_t)1 << o.lg;
    o.any = o.align - (line[OP - 1] == '-');
    o.arena = number(line[6]);
    return o;
}

/* Pages, or half chunks, above or below a multiple of any alignment. */
static uint32_t bias_of(uint32_t n) {
    uint32_t bias = n % 16 + n / 16 % 8 * (CHUNK_PAGES / 2);
    return n < 128 ? bias : 0u - bias;
}

struct start start_parse(const uint8_t *line) {
    return (struct start){
        .arenas = 1 + number(line[1]) % MOST_ARENAS,
        .chunks = number(line[2]) % (MOST_CHUNKS + 1),
        .limit = number(line[3]) % (MOST_CHUNKS + 1),
        .bias = bias_of(number(line[4])),
        .again = number(line[5]) % 16 == 1,
    };
}

void ops_print(const char *broken, const uint8_t *input, size_t size, size_t line) {
    fprintf(stderr, "oracle: %s does not hold, line %zu of %zu:\n", broken, line, size / OP);
    for (size_t i = 0; i <= line && i < size / OP; i++) {
        const uint8_t *at = input + i * OP;
        for (size_t k = 0; k < OP - (at[OP - 1] != '-'); k++) {
            uint8_t byte = at[k];
            fprintf(stderr, ' ' < byte && byte <= '~' && byte != '\\' ? "%c" : "\\x%02x", byte);
        }
        fprintf(stderr, "\n");
    }
}
