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

/* Bytes of metadata: 3330 per chunk of capacity, used or not, and some. In words, the size of struct qed_heap. */
#define QED_HEAP_METADATA (3330 * (QED_HEAP_CHUNKS) + 1408 + 8 * sizeof(void *))
#define QED_HEAP_WORDS    ((QED_HEAP_METADATA + sizeof(uintptr_t) - 1) / sizeof(uintptr_t))
#define QED_HEAP_SIZE     (QED_HEAP_WORDS * sizeof(uintptr_t))

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

/* A heap that is all zero has no memory: it answers every request with NULL. The library alone sees more
 * of it than its size. */
struct qed_heap {
#ifdef QED_HEAP_BODY
    QED_HEAP_BODY
#else
    uintptr_t opaque[QED_HEAP_WORDS];
#endif
};

/* What contracts say of a heap, for programs that are proved: closed, so that a proof rests on the contracts alone.
 * *heap as a whole is what they speak of: what leaves *heap alone leaves all of this as it is. */
/*@
  // Address p is one of so many bytes from `memory` on.
  predicate QedIn(char *memory, integer size, char *p) =
      p != \null && p == memory + (p - memory) && 0 <= p - memory < size;
*/
#ifdef QED_HEAP_BODY
#include "spec/qed_heap.acsl"
#else
/*@ axiomatic QedHeapClosed {
      // It is a heap, or has no memory.
      predicate QedHeap(struct qed_heap h) reads \nothing;
      // The memory of which blocks are, and its bytes; \null and 0 if it has none.
      logic char *QedMemory(struct qed_heap h) reads \nothing;
      logic integer QedSize(struct qed_heap h) reads \nothing;
      // A live block starts at p; it has so many bytes.
      predicate QedBlock(struct qed_heap h, char *p) reads \nothing;
      logic integer QedBytes(struct qed_heap h, char *p) reads \nothing;
      // It has room for a request: whoever knows that will be served.
      predicate QedFits(struct qed_heap h, integer align, integer bytes) reads \nothing; } */
#endif
/*@
  // The live block at p overlaps with no other; it is sound: in the memory, and so; it is a new one of `bytes`.
  predicate QedApart(struct qed_heap h, char *p) =
      \forall char *q; QedBlock(h, q) && q != p ==>
          \separated(q + (0 .. QedBytes(h, q) - 1), p + (0 .. QedBytes(h, p) - 1));
  predicate QedSound(struct qed_heap h, char *p) =
      QedBlock(h, p) && QedIn(QedMemory(h), QedSize(h), p) &&
      (p - QedMemory(h)) + QedBytes(h, p) <= QedSize(h) && QedBytes(h, p) % 8 == 0 && QedApart(h, p);
  predicate QedNew(struct qed_heap a, struct qed_heap b, char *p, integer bytes) =
      !QedBlock(a, p) && QedSound(b, p) && bytes <= QedBytes(b, p) && 0 < QedBytes(b, p);

  // Address p is inside of a live block, i bytes behind its start.
  predicate QedBehind(struct qed_heap h, char *p, integer i) =
      0 < i && QedBlock(h, p - i) && i < QedBytes(h, p - i);
  predicate QedInside(struct qed_heap h, char *p) = \exists integer i; QedBehind(h, p, i);

  // From a to b it is a heap of the same memory; the live blocks are the same, but perhaps at p and q.
  predicate QedStays(struct qed_heap a, struct qed_heap b) =
      QedHeap(b) && QedMemory(b) == QedMemory(a) && QedSize(b) == QedSize(a);
  predicate QedKept(struct qed_heap a, struct qed_heap b, char *p, char *q) =
      \forall char *o; o != \null && o != p && o != q ==>
          (QedBlock(a, o) <==> QedBlock(b, o)) && (QedBlock(a, o) ==> QedBytes(b, o) == QedBytes(a, o));

  // To whoever asks, b is as a was.
  predicate QedSame(struct qed_heap a, struct qed_heap b) =
      QedMemory(b) == QedMemory(a) && QedSize(b) == QedSize(a) && QedKept(a, b, \null, \null) &&
      \forall integer align, bytes; QedFits(b, align, bytes) <==> QedFits(a, align, bytes);

  // No block is live, and any size up to its own fits.
  predicate QedEmpty(struct qed_heap h) =
      (\forall char *p; !QedBlock(h, p)) &&
      \forall integer n; 0 <= n <= QedSize(h) && 0 < QedSize(h) ==> QedFits(h, 1, n);

  // The bytes of a buffer that are skipped, and the chunks of the rest.
  logic integer QedSkip(char *memory) =
      (QED_HEAP_ALIGN - (uintptr_t)memory % QED_HEAP_ALIGN) % QED_HEAP_ALIGN;
  logic integer QedChunks(char *memory, integer bytes) =
      bytes < QedSkip(memory) ? 0 : (bytes - QedSkip(memory)) / QED_HEAP_CHUNK;

  // A power of two.
  predicate QedPower16(integer a) =
      a == 0x1 || a == 0x2 || a == 0x4 || a == 0x8 || a == 0x10 || a == 0x20 || a == 0x40 || a == 0x80 ||
      a == 0x100 || a == 0x200 || a == 0x400 || a == 0x800 || a == 0x1000 || a == 0x2000 || a == 0x4000 ||
      a == 0x8000;
  predicate QedPower(integer a) =
      QedPower16(a) || (a % 0x10000 == 0 && QedPower16(a / 0x10000)) ||
      (a % 0x100000000 == 0 && QedPower16(a / 0x100000000)) ||
      (a % 0x1000000000000 == 0 && QedPower16(a / 0x1000000000000));
*/

/* clang-format off */
/* What a heap must be to be used: its memory is the heap's, and not of the heap itself. NULL is allowed. */
#define QED_HEAP_GIVEN(heap)                                                \
    requires heap:   heap == \null || (\valid(heap) && QedHeap(*heap)); \
    requires memory: heap == \null || (\valid(QedMemory(*heap) + (0 .. QedSize(*heap) - 1)) && \
                     \separated(heap, QedMemory(*heap) + (0 .. QedSize(*heap) - 1)));
#define QED_HEAP_STAYS                                                \
    ensures heap:    heap == \null || QedStays(\old(*heap), *heap);

/* The block at p is a new one of `bytes`, unless p is NULL; all others are as they were. */
#define QED_HEAP_NEW(p, bytes)                                        \
    QED_HEAP_STAYS                                                    \
    ensures same:    p == \null && heap != \null ==> QedSame(\old(*heap), *heap); \
    ensures block:   p != \null ==> QedNew(\old(*heap), *heap, (char *)p, bytes); \
    ensures valid:   p != \null ==> \valid((char *)p + (0 .. QedBytes(*heap, (char *)p) - 1)); \
    ensures blocks:  heap == \null || QedKept(\old(*heap), *heap, (char *)p, (char *)p);

/* The contents of all live blocks but that at p are as they were. */
#define QED_HEAP_CONTENTS(p)                                          \
    ensures others:  \forall char *o, integer i; heap != \null && o != p && QedBlock(\old(*heap), o) && \
                     0 <= i < QedBytes(\old(*heap), o) ==> o[i] == \old(o[i]);

/* The block at `pointer`, if it is one, has `bytes` at \result, and its contents, unless that is NULL. */
#define QED_HEAP_MOVED                                                \
    QED_HEAP_STAYS                                                    \
ensures none:    \result == \null ==> heap == \null || (pointer != \null && !\old(QedBlock(*heap, (char *)pointer))) || \
                     (!QedFits(\old(*heap), 1, bytes) && (pointer == \null || \old(QedBytes(*heap, (char *)pointer)) < bytes)); \
    ensures same:    \result == \null && heap != \null ==> QedSame(\old(*heap), *heap); \
    ensures block:   \result != \null ==> QedSound(*heap, (char *)\result) && bytes <= QedBytes(*heap, (char *)\result); \
    ensures valid:   \result != \null ==> \valid((char *)\result + (0 .. QedBytes(*heap, (char *)\result) - 1)); \
    ensures was:     \result != \null && pointer != \null ==> \old(QedBlock(*heap, (char *)pointer)); \
    ensures moved:   \result != \null && \result != pointer ==> !QedBlock(\old(*heap), (char *)\result) && \
                     (pointer == \null || !QedBlock(*heap, (char *)pointer)); \
    ensures blocks:  heap == \null || QedKept(\old(*heap), *heap, (char *)pointer, (char *)\result); \
    ensures copied:  \result != \null && pointer != \null ==> \forall integer i; 0 <= i < bytes && \
                     i < \old(QedBytes(*heap, (char *)pointer)) ==> ((char *)\result)[i] == \old(((char *)pointer)[i]); \
    QED_HEAP_CONTENTS((\result == \null ? \null : pointer))

/* It is in the heap's memory; so many bytes behind a multiple of 8. */
#define QED_HEAP_HAS(p)  QedIn(QedMemory(*heap), QedSize(*heap), (char *)p)
#define QED_HEAP_REST(p) (((char *)p - QedMemory(*heap)) % 8)

/* A heap begins. */
#define QED_HEAP_BEGIN(same_size)                                     \
    requires heap:   heap == \null || \valid(heap);                   \
    requires config: config == \null || (\valid_read(config) && (heap == \null || \separated(heap, config))); \
    assigns *heap;                                                    \
    ensures result:  \result <==> heap != \null && (same_size) && memory != \null && \
                     (uintptr_t)memory + bytes <= UINTPTR_MAX &&      \
                     0 < QedChunks((char *)memory, bytes) <= QED_HEAP_CHUNKS && \
                     (config == \null || (config->lock == \null <==> config->unlock == \null)); \
    ensures same:    !\result && heap != \null ==> QedSame(\old(*heap), *heap); \
    ensures heap:    \result ==> QedHeap(*heap) && QedEmpty(*heap);   \
    ensures skip:    \result ==> 0 <= QedSkip((char *)memory) < QED_HEAP_ALIGN; \
    ensures memory:  \result ==> QedMemory(*heap) == (char *)memory + QedSkip((char *)memory); \
    ensures size:    \result ==> QedSize(*heap) == QedChunks((char *)memory, bytes) * QED_HEAP_CHUNK;
/* clang-format on */

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
/*@ QED_HEAP_BEGIN(size == QED_HEAP_SIZE) */
bool qed_heap_init_sized(struct qed_heap *heap, size_t size, void *memory, size_t bytes,
                         const struct qed_heap_config *config);

/* Makes *heap, whatever it held, a heap over memory[0 .. bytes), which may hold anything and is the
 * heap's from now on. config is copied; NULL is no locks and no hook. False, and *heap is left alone,
 * if heap or memory is NULL, the buffer has no whole chunk or more than QED_HEAP_CHUNKS, one of lock
 * and unlock is missing, or the library was built with another QED_HEAP_CHUNKS. */
/*@ QED_HEAP_BEGIN(\true) */
static inline bool qed_heap_init(struct qed_heap *heap, void *memory, size_t bytes,
                                 const struct qed_heap_config *config) {
    return qed_heap_init_sized(heap, QED_HEAP_SIZE, memory, bytes, config);
}

/* Frees all blocks at once: the heap is as qed_heap_init made it. Linear in the metadata. */
/*@ QED_HEAP_GIVEN(heap)
    assigns *heap;
    QED_HEAP_STAYS
    ensures empty:   heap == \null || QedEmpty(*heap); */
void qed_heap_reset(struct qed_heap *heap);

/* A block of at least `bytes`, at a multiple of 8; 0 bytes are served like 1. NULL if nothing fits. */
/*@ QED_HEAP_GIVEN(heap)
    assigns *heap;
    assigns \result \from heap, *heap, bytes;
    ensures none:    \result == \null <==> heap == \null || !QedFits(\old(*heap), 1, bytes);
    ensures aligned: (uintptr_t)\result % 8 == 0;
    QED_HEAP_NEW(\result, bytes) */
void *qed_heap_alloc(struct qed_heap *heap, size_t bytes);

/* A block of count * size bytes, all zero. NULL also if the product overflows. */
/*@ QED_HEAP_GIVEN(heap)
    assigns *heap, QedMemory(*heap)[0 .. QedSize(*heap) - 1];
    assigns \result \from heap, *heap, count, size;
    ensures none:    \result == \null <==>
                     heap == \null || count * size > SIZE_MAX || !QedFits(\old(*heap), 1, count * size);
    ensures aligned: (uintptr_t)\result % 8 == 0;
    ensures zero:    \result != \null ==> \forall integer i; 0 <= i < count * size ==> ((char *)\result)[i] == 0;
    QED_HEAP_NEW(\result, count * size)
    QED_HEAP_CONTENTS(\null) */
void *qed_heap_calloc(struct qed_heap *heap, size_t count, size_t size);

/* qed_heap_alloc at an address that is a multiple of `align`. NULL also if that is no power of two, and
 * if bytes + align > QED_HEAP_CHUNK in a buffer that is not itself aligned to the lesser of align and
 * QED_HEAP_CHUNK. */
/*@ QED_HEAP_GIVEN(heap)
    assigns *heap;
    assigns \result \from heap, *heap, align, bytes;
    ensures none:    \result == \null <==>
                     heap == \null || !QedPower(align) || !QedFits(\old(*heap), align, bytes);
    ensures aligned: (uintptr_t)\result % 8 == 0 && (\result != \null ==> (uintptr_t)\result % align == 0);
    QED_HEAP_NEW(\result, bytes) */
void *qed_heap_aligned(struct qed_heap *heap, size_t align, size_t bytes);

/* The block with its contents up to the lesser of both sizes, moved if it must be. NULL is allocated
 * anew; 0 bytes are served like 1. NULL, and the block stays as it is, if nothing fits, which cannot
 * happen to a block that shrinks, or if no block starts at `pointer`, which is misuse. */
/*@ QED_HEAP_GIVEN(heap)
    assigns *heap, QedMemory(*heap)[0 .. QedSize(*heap) - 1];
    assigns \result \from heap, *heap, pointer, bytes;
    QED_HEAP_MOVED */
void *qed_heap_realloc(struct qed_heap *heap, void *pointer, size_t bytes);

/* Frees a block; NULL is allowed and nothing happens. Any other pointer is answered exactly. */
/*@ QED_HEAP_GIVEN(heap)
    assigns *heap;
    QED_HEAP_STAYS
    ensures ok:      \result == QED_HEAP_OK <==>
                     pointer == \null || (heap != \null && \old(QedBlock(*heap, (char *)pointer)));
    ensures misuse:  \result == QED_HEAP_OK || QED_HEAP_FOREIGN <= \result <= QED_HEAP_UNALLOCATED;
    ensures foreign: heap != \null && pointer != \null ==>
                     (\result == QED_HEAP_FOREIGN <==> !\old(QED_HEAP_HAS(pointer)));
    ensures unaligned: heap != \null && pointer != \null ==>
                     (\result == QED_HEAP_UNALIGNED <==> \old(QED_HEAP_HAS(pointer) && QED_HEAP_REST(pointer) != 0));
    ensures inside:  heap != \null && pointer != \null ==>
                     (\result == QED_HEAP_INTERIOR <==> \old(QED_HEAP_HAS(pointer) && QED_HEAP_REST(pointer) == 0 &&
                                                            QedInside(*heap, (char *)pointer)));
    ensures same:    heap != \null && (\result != QED_HEAP_OK || pointer == \null) ==> QedSame(\old(*heap), *heap);
    ensures freed:   heap == \null || !QedBlock(*heap, (char *)pointer);
    ensures blocks:  heap == \null || QedKept(\old(*heap), *heap, (char *)pointer, (char *)pointer); */
enum qed_heap_verdict qed_heap_free(struct qed_heap *heap, void *pointer);

/* The bytes of the block that may be used, at least those asked for; 0 if no block starts at `pointer`. */
/*@ QED_HEAP_GIVEN(heap)
    assigns \nothing;
    ensures bytes:   heap != \null && QedBlock(*heap, (char *)pointer) ==>
                     \result == QedBytes(*heap, (char *)pointer) && 0 < \result;
    ensures none:    heap == \null || !QedBlock(*heap, (char *)pointer) ==> \result == 0; */
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
