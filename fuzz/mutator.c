/* mutator: changes an input of fuzz/ops.h by lines and fields, for libFuzzer and for AFL++.
 *
 * A byte that is inserted shifts all that follows, and makes other operations of it; here a line stays a
 * line. Letters are drawn from those that mean something and slots are few, so that lines speak of the same blocks.
 */
#include <stdint.h>
#include <string.h>

enum { LINE = 8, MOST = 1 << 13 }; /* bytes; lines */

size_t LLVMFuzzerCustomMutator(uint8_t *text, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint8_t *out,
                                 size_t most, unsigned seed);
void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *data, uint8_t *text, size_t size, uint8_t **out, const uint8_t *other,
                       size_t nother, size_t most);
void afl_custom_deinit(void *data);

/* What may stand in each column of the first line, and of another. A letter twice comes twice as often. */
static const char *const header[LINE] = {"1", "0123", "0001123@", "0112236@", "0012@/", ".", ".", "\n"};
static const char *const column[LINE] = {
    "aaaaaaaaffffrrrrsshhbdppgcf",
    "0123456789:;<=>?",
    "cpbkuqxme",
    "0123456789:;<=>?@ADGLPT/.",
    "===-+",
    "00000012345678>?@",
    "0000123",
    "\n\n\n\n\n\n\n-",
};

struct text {
    uint8_t *line;
    size_t n, most;
};

static uint64_t state;
static uint8_t piece[LINE * MOST]; /* lines on their way into a text */

static size_t below(size_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(state >> 33) % n;
}

static struct text text_of(uint8_t *bytes, size_t size, size_t most) {
    struct text t = {bytes, size / LINE, most / LINE < MOST ? most / LINE : MOST};
    return t;
}

/* One field in 16 is any byte. */
static void new_field(uint8_t *line, const char *const letters[LINE], size_t k) {
    line[k] = below(16) == 0 ? (uint8_t)below(256) : (uint8_t)letters[k][below(strlen(letters[k]))];
}

static size_t new_lines(void) {
    size_t n = 1 + below(3);
    for (size_t i = 0; i < n * LINE; i++) new_field(piece + i / LINE * LINE, column, i % LINE);
    return n;
}

/* Any line but the header, if there is one; how many from there on to speak of. */
static size_t some(struct text t) {
    return 1 + below(t.n - 1);
}
static size_t length(struct text t, size_t i) {
    return 1 + below(below(4) == 0 || t.n - i < 4 ? t.n - i : 4);
}

static size_t copy_lines(struct text from) {
    if (from.n < 2) return new_lines();
    size_t i = some(from), n = length(from, i);
    memcpy(piece, from.line + i * LINE, n * LINE);
    return n;
}

/* The first n lines of the piece stand in place of `cut` lines at i. */
static void replace(struct text *t, size_t i, size_t cut, size_t n) {
    if (n > t->most - (t->n - cut)) n = t->most - (t->n - cut);
    memmove(t->line + (i + n) * LINE, t->line + (i + cut) * LINE, (t->n - i - cut) * LINE);
    memcpy(t->line + i * LINE, piece, n * LINE);
    t->n += n - cut;
}

static void swap(struct text t) {
    uint8_t *a = t.line + some(t) * LINE, *b = t.line + some(t) * LINE;
    memcpy(piece, a, LINE);
    memmove(a, b, LINE);
    memcpy(b, piece, LINE);
}

/* Another field, or the same a little more or less. */
static void change(struct text t) {
    size_t i = below(16) == 0 ? 0 : some(t), k = below(LINE);
    uint8_t *line = t.line + i * LINE;
    if (below(4) == 0) {
        line[k] = (uint8_t)(line[k] + (below(2) == 0 ? 1 : -1));
    } else {
        new_field(line, i == 0 ? header : column, k);
    }
}

/* Some lines speak of one slot. */
static void gather(struct text t) {
    size_t from = some(t), n = length(t, from);
    for (size_t i = from; i < from + n; i++) t.line[i * LINE + 1] = t.line[from * LINE + 1];
}

static void mutate(struct text *t, struct text other) {
    size_t i = some(*t), n = length(*t, i);
    switch (below(12)) {
        case 0:
        case 1:
            replace(t, i + below(2), 0, new_lines());
            break;
        case 2:
            replace(t, i, n, new_lines());
            break;
        case 3:
            replace(t, i, 0, copy_lines(*t));
            break;
        case 4:
            replace(t, i, n, copy_lines(other));
            break;
        case 5:
            swap(*t);
            break;
        case 6:
            gather(*t);
            break;
        case 7:
        case 8:
            replace(t, i, n, 0);
            break;
        default:
            change(*t);
    }
}

/* To live all again takes three times as long, and many blocks at once take longer than all else; engines like both, for
 * more is reached more often. What an input has of it, fewer of those made of it have. */
static void calm(struct text t) {
    if (t.line[5] == '1' && below(8) != 0) t.line[5] = '0';
    for (uint8_t *line = t.line; line < t.line + t.n * LINE; line += LINE) {
        if (line[0] == 'b' && line[5] > '0' && below(4) != 0) line[5] = '0';
    }
}

static size_t mutate_some(struct text t, struct text other) {
    if (t.most < 2) return t.n * LINE;
    if (t.n == 0) {
        for (size_t k = 0; k < LINE; k++) new_field(t.line, header, k);
        t.n = 1;
    }
    for (size_t k = 1 + below(4); k > 0; k--) {
        if (t.n < 2) {
            replace(&t, 1, 0, new_lines());
        } else {
            mutate(&t, other);
        }
    }
    calm(t);
    return t.n * LINE;
}

size_t LLVMFuzzerCustomMutator(uint8_t *text, size_t size, size_t most, unsigned seed) {
    state = seed;
    struct text t = text_of(text, size, most);
    return mutate_some(t, t);
}

/* libFuzzer needs the result in a place of its own. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint8_t *out,
                                 size_t most, unsigned seed) {
    static uint8_t second[LINE * MOST];
    state = seed;
    if (na > most) na = most;
    if (nb > sizeof second) nb = sizeof second;
    memcpy(out, a, na);
    memcpy(second, b, nb);
    struct text t = text_of(out, na, most), other = text_of(second, nb, nb);
    if (t.n < 2 || other.n < 2) return mutate_some(t, other);
    replace(&t, some(t), 0, copy_lines(other));
    return t.n * LINE;
}

void *afl_custom_init(void *afl, unsigned seed) {
    state = seed;
    return afl;
}

size_t afl_custom_fuzz(void *data, uint8_t *text, size_t size, uint8_t **out, const uint8_t *other,
                       size_t nother, size_t most) {
    static uint8_t first[LINE * MOST], second[LINE * MOST];
    (void)data;
    if (size > sizeof first) size = sizeof first;
    if (nother > sizeof second) nother = sizeof second;
    memcpy(first, text, size);
    if (other != NULL) memcpy(second, other, nother);
    *out = first;
    struct text t = text_of(first, size, most);
    return mutate_some(t, other == NULL ? t : text_of(second, nother, nother));
}

void afl_custom_deinit(void *data) {
    (void)data;
}
