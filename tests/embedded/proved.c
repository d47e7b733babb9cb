/* proved: a program that is proved of what qed_heap.h says, and of nothing else, see verify/README.md: an example of how
 * a program's own proof begins where that of the heap ends. It needs no check of a verdict where the proof has shown
 * what it will be, and it shows that
 *
 *   - what alloc and realloc return may be given to free, and is then freed;
 *   - the contents of a block stay as they are, whatever is done to other blocks;
 *   - a heap that is empty has what it promises;
 *   - nothing that is done to one heap is seen by another.
 */
#include "platform.h"
#include "qed_heap.h"

/* A text that grows: a block of the heap, or NULL as long as it is empty. */
struct text {
    char *start;
    size_t length;
};

/* clang-format off */
/*@
  predicate TextOk(struct qed_heap h, struct text t) =
      t.start == \null ? t.length == 0 : QedSound(h, t.start) && t.length <= QedBytes(h, t.start);
*/

/* The memory of a heap is not that of *t. */
#define TEXT_GIVEN                                                    \
    requires given:  heap != \null && \valid(t) && TextOk(*heap, *t); \
    requires apart:  \separated(t, heap) && \separated(t, QedMemory(*heap) + (0 .. QedSize(*heap) - 1));

/* clang-format on */

/* Appends a character. False, and the text stays as it is, if there is no memory. */
/*@ QED_HEAP_GIVEN(heap)
    TEXT_GIVEN
    assigns *heap, *t, QedMemory(*heap)[0 .. QedSize(*heap) - 1];
    QED_HEAP_STAYS
    ensures text:    TextOk(*heap, *t);
    ensures same:    !\result ==> *t == \old(*t) && QedSame(\old(*heap), *heap);
    ensures longer:  \result ==> t->start != \null && t->length == \old(t->length) + 1 && t->start[t->length - 1] == c;
    ensures prefix:  \forall integer i; 0 <= i < \old(t->length) ==> t->start[i] == \old(t->start[i]);
    ensures blocks:  QedKept(\old(*heap), *heap, \old(t->start), t->start);
    QED_HEAP_CONTENTS(\old(t->start)) */
static bool text_add(struct qed_heap *heap, struct text *t, char c) {
    if (t->length == SIZE_MAX) return false;
    char *start = qed_heap_realloc(heap, t->start, t->length + 1);
    if (start == NULL) return false;
    start[t->length] = c;
    t->start = start;
    t->length++;
    return true;
}

/* Ends the text, and its block. */
/*@ QED_HEAP_GIVEN(heap)
    TEXT_GIVEN
    assigns *heap, *t;
    QED_HEAP_STAYS
    ensures text:    TextOk(*heap, *t) && t->length == 0;
    ensures freed:   \result == QED_HEAP_OK && (\old(t->start) != \null ==> !QedBlock(*heap, \old(t->start)));
    ensures blocks:  QedKept(\old(*heap), *heap, \old(t->start), \old(t->start)); */
static enum qed_heap_verdict text_free(struct qed_heap *heap, struct text *t) {
    enum qed_heap_verdict verdict = qed_heap_free(heap, t->start);
    t->start = NULL;
    t->length = 0;
    return verdict;
}

/* Makes a heap, and its first block. What is reserved can be had: any size up to that of the whole chunks in the buffer. */
/*@ requires mem:    \valid(heap) && \valid(buffer + (0 .. bytes - 1)) && \separated(heap, buffer + (0 .. bytes - 1));
    assigns *heap;
    assigns \result \from heap, buffer, bytes, n;
    ensures served:  0 < QedChunks(buffer, bytes) <= QED_HEAP_CHUNKS && (uintptr_t)buffer + bytes <= UINTPTR_MAX &&
                     n <= QedChunks(buffer, bytes) * QED_HEAP_CHUNK ==> \result != \null;
    ensures block:   \result != \null ==> QedSound(*heap, \result) && n <= QedBytes(*heap, \result);
    ensures heap:    \result != \null ==> QedHeap(*heap) && QedMemory(*heap) == buffer + QedSkip(buffer);
    ensures memory:  \result != \null ==> 0 <= QedSkip(buffer) && 0 < QedSize(*heap) <= bytes - QedSkip(buffer); */
static char *reserve(struct qed_heap *heap, char *buffer, size_t bytes, size_t n) {
    if (!qed_heap_init(heap, buffer, bytes, NULL)) return NULL;
    return qed_heap_alloc(heap, n);
}

/* Whatever is done here to one heap, the other, and what its blocks hold, is not even named in `assigns`. */
/*@ QED_HEAP_GIVEN(heap)
    requires one:    heap != \null && other != \null;
    requires apart:  \separated(heap, other);
    requires other:  \valid(QedMemory(*other) + (0 .. QedSize(*other) - 1));
    requires theirs: \separated(QedMemory(*other) + (0 .. QedSize(*other) - 1), heap);
    requires two:    \separated(QedMemory(*other) + (0 .. QedSize(*other) - 1),
                                QedMemory(*heap) + (0 .. QedSize(*heap) - 1));
    requires mine:   \separated(QedMemory(*heap) + (0 .. QedSize(*heap) - 1), other);
    assigns *heap, QedMemory(*heap)[0 .. QedSize(*heap) - 1];
    ensures heap:    *other == \old(*other);
    ensures held:    \forall integer i; 0 <= i < QedSize(*other) ==> QedMemory(*other)[i] == \old(QedMemory(*other)[i]); */
static void two_heaps(struct qed_heap *heap, const struct qed_heap *other, size_t n) {
    (void)other;
    char *a = qed_heap_alloc(heap, n), *b = qed_heap_calloc(heap, n, 2);
    if (b != NULL && n > 0) b[n] = 1;
    qed_heap_free(heap, a);
    qed_heap_reset(heap);
}

static struct qed_heap heap, other;
static char memory[2 * QED_HEAP_CHUNK], more[2 * QED_HEAP_CHUNK];

/*@ assigns heap, other, memory[0 .. sizeof(memory) - 1], more[0 .. sizeof(more) - 1];
    ensures done:    0 <= \result <= 2; */
int program(void) {
    static const char words[] = "proved: ok\n";
    struct text t = {NULL, 0};
    if (!qed_heap_init(&heap, memory, sizeof(memory), NULL)) return 1;
    if (reserve(&other, more, sizeof(more), QED_HEAP_CHUNK) == NULL) return 1;
    /*@ loop invariant length: 0 <= i <= sizeof(words) && t.length == i;
        loop invariant heap:   QedHeap(heap) && TextOk(heap, t) && QedMemory(heap) == \at(QedMemory(heap), LoopEntry) &&
                               QedSize(heap) == \at(QedSize(heap), LoopEntry);
        loop invariant text:   \forall integer k; 0 <= k < i ==> t.start[k] == words[k];
        loop assigns i, t, heap, memory[0 .. sizeof(memory) - 1];
        loop variant sizeof(words) - i; */
    for (size_t i = 0; i < sizeof(words); i++) {
        if (!text_add(&heap, &t, words[i])) return 2;
    }
    two_heaps(&other, &heap, 100);
    /*@ assert intact: \forall integer k; 0 <= k < sizeof(words) ==> t.start[k] == words[k]; */
    platform_print(t.start);
    text_free(&heap, &t);
    return 0;
}
