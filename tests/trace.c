/* Random traces of the heap against the model (fuzz/oracle.h).
 *
 *   trace [TRACES [SEED]]
 *
 * Links with the core, fuzz/ops.c, fuzz/model.c and fuzz/oracle.c, in both presets. */
#include <string.h>

#include "fuzz/oracle.h"
#include "tests/test.h"

enum { LINES = 400, TRACES = SLOTS < 100000 ? 600 : 60 };

static uint32_t seed;

static uint32_t any(uint32_t n) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static char one_of(const char *letters) {
    return letters[any((uint32_t)strlen(letters))];
}

static uint8_t digit(uint32_t n) {
    return (uint8_t)('0' + n);
}

/* A trace prefers some operations and some sizes, and has few slots or many. */
struct taste {
    const char *what, *unit;
    uint32_t slots, lg;
};

enum { WHATS = 5, UNITS = 6 };

/* Each kind of trace meets each kind of size. */
static struct taste taste_of(uint32_t i) {
    static const char *const what[WHATS] = {
        "aaaaaaffffrrsshhpc",         /* a bit of all */
        "aaaaaaaaaafffrhp",           /* fills up */
        "aaaaaaaaaaaaaaffffffffffff", /* stays as it is */
        "bbddddafrhpc",               /* in bulk */
        "arrrrrrrrrfhg",              /* resizes */
    };
    static const char *const unit[UNITS] = {"cccccpppkubqxm", "c", "ccccq", "ppppppku", "kkkkkkp", "cpu"};
    uint32_t slots = any(2) ? 12 : 256, lg = any(3) ? 4 : 12 + any(14);
    return (struct taste){what[i % WHATS], unit[i / WHATS % UNITS], slots, lg};
}

static void write_header(uint8_t *line) {
    static const uint8_t places[] = {0, 16, 32, 128 + 112, 255};
    memset(line, '0', OP);
    line[1] = digit(any(8));
    line[2] = digit(any(4));
    line[3] = digit(any(25));
    line[4] = digit(any(4) ? places[any(sizeof places)] : any(256));
    line[7] = '\n';
}

static void write_line(uint8_t *line, const struct taste *t) {
    line[0] = (uint8_t)one_of(t->what);
    line[1] = (uint8_t)any(t->slots);
    line[2] = (uint8_t)one_of(line[0] == 'h' ? "uuuqpkbcm" : line[0] == 'r' && any(2) ? "eu" : t->unit);
    line[3] = digit(line[2] == 'k' || any(2) ? any(12) : any(208));
    line[4] = (uint8_t)one_of("-=+");
    line[5] = digit(line[0] == 'b' ? any(16) : any(4) ? 0 : any(50) ? any(t->lg) : any(64));
    line[6] = digit(line[0] == 'h' && any(2) ? 3 : any(16));
    line[7] = '\n';
}

int main(int argc, char **argv) {
    static uint8_t trace[LINES * OP];
    uint32_t traces = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : TRACES;
    uint32_t first = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 1;
    for (uint32_t i = first; i < first + traces; i++) {
        seed = i * 2654435761u;
        struct taste t = taste_of(i);
        write_header(trace);
        for (size_t line = 1; line < LINES; line++) write_line(trace + line * OP, &t);
        size_t line;
        const char *broken = oracle_run(&the_heap, trace, sizeof trace, &line);
        if (broken == NULL) continue;
        ops_print(broken, trace, sizeof trace, line);
        fprintf(stderr, "trace %u\n", i);
        return 1;
    }
    return 0;
}
