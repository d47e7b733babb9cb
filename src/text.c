#include "text.h"

static void put(struct text *t, char c) {
    if (t->length < t->size) t->to[t->length] = c;
    t->length++;
}

void text_put(struct text *t, const char *s) {
    for (; *s != '\0'; s++) put(t, *s);
}

/* The digits of n, lowest first; how many. */
static unsigned digits_of(char digits[static 20], uint64_t n, unsigned radix) {
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[n % radix];
        n /= radix;
    } while (n > 0);
    return count;
}

static void put_digits(struct text *t, uint64_t n, unsigned radix, unsigned width) {
    char digits[20];
    unsigned count = digits_of(digits, n, radix);
    for (; width > count; width--) put(t, ' ');
    while (count > 0) put(t, digits[--count]);
}

void text_number(struct text *t, uint64_t n, unsigned width) {
    put_digits(t, n, 10, width);
}

void text_hex(struct text *t, uintptr_t n) {
    text_put(t, "0x");
    put_digits(t, n, 16, 0);
}

size_t text_end(struct text *t) {
    if (t->size > 0) t->to[t->length < t->size ? t->length : t->size - 1] = '\0';
    return t->length;
}
