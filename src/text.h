/* text: writing numbers and words into a buffer, without stdio, memory or locale. */
#ifndef QED_TEXT_H
#define QED_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* A buffer being written. What does not fit is counted and dropped. */
struct text {
    char *to;
    size_t size;   /* bytes at `to`, the terminating zero included; may be 0 */
    size_t length; /* of the text so far, had there been room */
};

void text_put(struct text *t, const char *s);

/* Right-aligned in a column of `width`, which may be 0. */
void text_number(struct text *t, uint64_t n, unsigned width);

/* 0x and the digits. */
void text_hex(struct text *t, uintptr_t n);

/* Sets the terminating zero, if there is room for anything at all; the length, without it. */
size_t text_end(struct text *t);

#endif
