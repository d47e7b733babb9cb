/* life: a heap and all that the oracle knows of it: the memory that it hands out, the model, and
 * the client's blocks with what was written to them.
 *
 * There are two places to live in, so that an input can be lived again and compared.
 */
#ifndef QED_LIFE_H
#define QED_LIFE_H

#include "fuzz/model.h"

/* What the client knows of a block. */
struct block {
    bool live;
    uint16_t noise; /* where on the tape its contents start */
    size_t off, usable;
    size_t bytes, align; /* asked for */
};

struct life {
    struct heap *heap;
    unsigned char *memory; /* the heap's range, from offset 0, which is at a multiple of 1 MiB */
    struct model model;
    uint32_t chunk_limit;
    uint32_t growths;            /* that requests have asked for so far */
    uint32_t born;               /* blocks so far */
    bool noisy;                  /* memory that is in no block reads as anything but zero */
    uint32_t slots;              /* that had a block, up to the last such */
    struct block blocks[BLOCKS]; /* a block's number is its index plus one */
};

/* The one that is lived. */
extern struct life *life;

/* The next lives are in place 0 or 1, noisy or not; at first, in place 0 and not. */
void life_at(uint32_t place, bool noisy);

/* Begins a life: all is zero, but for what is noisy. */
void life_begin(void);

/* Whether the heaps in both places are the same. */
bool lives_agree(void);

/* Nothing that the heap knows has changed since life_note(). */
void life_note(void);
bool life_unchanged(void);

uint32_t life_chunks(void);

/* There are n chunks more, for the model and in memory. */
void life_grow(uint32_t n);

/* The system takes back the pages that the heap names, whatever they are. */
void life_purge(uint32_t page, uint32_t n);

/* A block at off, whose contents are yet to be stamped. */
struct block block_new(size_t off, size_t usable, size_t bytes, size_t align);

/* Stamps the block at the start of each page, and at its end; or sees whether it is stamped so. */
void block_stamp(const struct block *b);
bool block_is_intact(const struct block *b);

bool block_reads_zero(const struct block *b);

/* The block is none any more. */
void block_end(struct block *b);

#endif
