/* qed_heap: a heap over a buffer of the caller's, for programs without an operating system.
 *
 *     static struct qed_heap heap;
 *     static _Alignas(QED_HEAP_ALIGN) unsigned char memory[4 * QED_HEAP_CHUNK];
 *
 *     qed_heap_init(&heap, memory, sizeof memory, NULL);
 *     char *text = qed_heap_alloc(&heap, 100);
 *     qed_heap_free(&heap, text);
 *
 * A program has as many heaps as it likes; they share nothing. struct qed_heap is the
 * whole metadata: nothing is kept in the buffer, so no stray write to a block can
 * mislead the allocator, and every pointer given back is checked exactly.
 *
 * Every function takes time logarithmic in the size of the heap and linear, with a small
 * factor, in the pages of 256 bytes of the block, except where stated. Nothing outside is called
 * but the functions in struct qed_heap_config.
 */
#ifndef QED_HEAP_EMBEDDED_H
#define QED_HEAP_EMBEDDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The one knob: chunks that the largest heap of the program may have, 1 to 1022. Library and program
 * must be compiled with the same value. */
#ifndef QED_HEAP_CHUNKS
#define QED_HEAP_CHUNKS 16
#endif

#define QED_HEAP_CHUNK 16384 /* bytes: a heap has whole chunks of its buffer, 1 at least */
#define QED_HEAP_ALIGN 256   /* a buffer so aligned loses nothing; of any other up to 255 bytes are skipped */

/* Bytes of metadata: 3330 per chunk of capacity, used or not, and some. */
#define QED_HEAP_METADATA (3330 * (QED_HEAP_CHUNKS) + 1408 + 8 * sizeof(void *))

/* A heap that is all zero has no memory: it answers every request with NULL. */
struct qed_heap {
    uintptr_t opaque[(QED_HEAP_METADATA + sizeof(uintptr_t) - 1) / sizeof(uintptr_t)];
};

/* What qed_heap_free may answer; it has changed nothing then, unless it is QED_HEAP_OK. */
enum qed_heap_verdict {
    QED_HEAP_OK = 0,
    QED_HEAP_FOREIGN = 2,     /* no pointer into this heap */
    QED_HEAP_UNALIGNED = 3,   /* no multiple of 8 */
    QED_HEAP_INTERIOR = 4,    /* inside a live block, not at its start */
    QED_HEAP_DOUBLE_FREE = 5, /* a free block's start, or in pages that were freed */
    QED_HEAP_UNALLOCATED = 7, /* where no block ever started */
};

/* All may be NULL. The lock is held while metadata is read or changed, never while contents are
 * cleared or copied, nor while misuse runs. */
struct qed_heap_config {
    void (*lock)(void *context); /* these two only together */
    void (*unlock)(void *context);
    void (*misuse)(void *context, enum qed_heap_verdict verdict, void *pointer); /* of a free or realloc */
    void *context;
};

/* All in bytes. */
struct qed_heap_statistics {
    size_t heap;    /* what blocks can be made of: the chunks of the buffer */
    size_t live;    /* usable bytes of all live blocks */
    size_t peak;    /* the most that live has been since init or reset */
    size_t active;  /* pages that hold live blocks; active - live is lost to fragmentation now */
    size_t largest; /* free pages side by side: of blocks above 512 bytes, the largest to be had */
};

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* qed_heap_init for a heap of `size` bytes of metadata. */
bool qed_heap_init_sized(struct qed_heap *heap, size_t size, void *memory, size_t bytes,
                         const struct qed_heap_config *config);

/* Makes *heap, whatever it held, a heap over memory[0 .. bytes), which may hold anything and is the
 * heap's from now on. config is copied; NULL is no locks and no hook. False, and *heap is left alone,
 * if heap or memory is NULL, the buffer has no whole chunk or more than QED_HEAP_CHUNKS, one of lock
 * and unlock is missing, or the library was built with another QED_HEAP_CHUNKS. */
static inline bool qed_heap_init(struct qed_heap *heap, void *memory, size_t bytes,
                                 const struct qed_heap_config *config) {
    return qed_heap_init_sized(heap, sizeof *heap, memory, bytes, config);
}

/* Frees all blocks at once: the heap is as qed_heap_init made it. Linear in the metadata. */
void qed_heap_reset(struct qed_heap *heap);

/* A block of at least `bytes`, at a multiple of 8; 0 bytes are served like 1. NULL if nothing fits. */
void *qed_heap_alloc(struct qed_heap *heap, size_t bytes);

/* A block of count * size bytes, all zero. NULL also if the product overflows. */
void *qed_heap_calloc(struct qed_heap *heap, size_t count, size_t size);

/* qed_heap_alloc at an address that is a multiple of `align`. NULL also if that is no power of two, and
 * if bytes + align > QED_HEAP_CHUNK in a buffer that is not itself aligned to the lesser of align and
 * QED_HEAP_CHUNK. */
void *qed_heap_aligned(struct qed_heap *heap, size_t align, size_t bytes);

/* The block with its contents up to the lesser of both sizes, moved if it must be. NULL is allocated
 * anew; 0 bytes are served like 1. NULL, and the block stays as it is, if nothing fits, which cannot
 * happen to a block that shrinks, or if no block starts at `pointer`, which is misuse. */
void *qed_heap_realloc(struct qed_heap *heap, void *pointer, size_t bytes);

/* Frees a block; NULL is allowed and nothing happens. Any other pointer is answered exactly. */
enum qed_heap_verdict qed_heap_free(struct qed_heap *heap, void *pointer);

/* The bytes of the block that may be used, at least those asked for; 0 if no block starts at `pointer`. */
size_t qed_heap_usable(const struct qed_heap *heap, const void *pointer);

/* The verdict's name, "double-free"; "unknown" for any other number. */
const char *qed_heap_verdict_name(enum qed_heap_verdict verdict);

/* NULL if the metadata is consistent, else the name of what is broken first: memory outside the buffer
 * was overwritten, or two threads were in the heap. More than linear in the metadata. */
const char *qed_heap_check(const struct qed_heap *heap);

/* Linear in the metadata. */
void qed_heap_stats(const struct qed_heap *heap, struct qed_heap_statistics *stats);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
