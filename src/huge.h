/* huge: the heap's chunks, and the blocks that take whole ones.
 *
 * Chunks that nobody owns are free runs in the pool TREE_CHUNKS, or huge blocks in the tree
 * TREE_HUGE, by address, which finds the block that contains an address. The lengths of both are
 * multiples of CHUNK_PAGES.
 */
#ifndef QED_HUGE_H
#define QED_HUGE_H

#include "run.h"

#include "spec/huge.acsl"

/* The n pages, whole chunks, behind the last of the heap are free chunks of it now. */
void chunks_add(struct pages *ps, uint32_t n);

/* The least length of a free run of chunks that is certain to hold n pages, n > 0, at a multiple of
 * `align` pages; 0 if no chunk has an address that is one. Both at most SLOTS. */
uint32_t huge_extent(const struct pages *ps, uint32_t n, uint32_t align);

/* n pages, rounded up to whole chunks. */
uint32_t whole_chunks(uint32_t n);

/* A huge block of n pages at an address that is a multiple of `align` pages, a power of two;
 * both are rounded up to chunks. Its first page, or 0 if none fits. */
pageno huge_alloc(struct pages *ps, uint32_t n, uint32_t align);

/* Frees the huge block at page p. */
void huge_free(struct pages *ps, pageno p);

/* The first page of the huge block that page p is part of; 0 if none is. */
pageno huge_find(const struct pages *ps, pageno p);

/* Gives the huge block at p the length of n pages, n > 0, rounded up to chunks, in place; false, and
 * nothing changes, if the chunks behind it are not free. */
bool huge_resize(struct pages *ps, pageno p, uint32_t n);

/* A chunk for the owner, not 0: one free run in its pool. Its first page, or 0. */
pageno chunk_take(struct pages *ps, uint32_t owner);

/* Gives the chunk at page p back, which is one free run in its owner's pool. */
void chunk_give(struct pages *ps, pageno p);

#endif
