/* memcheck: Invalid write of size 1; 0 bytes after a block of size 61 alloc'd; qed_heap_aligned; main (heap-overflow.c:12) */
/* asan: use-after-poison; WRITE of size 1; main */
/* By one byte, of a block of the embedded heap. */
#include "src/qed_heap.h"

static struct qed_heap heap;
static _Alignas(QED_HEAP_ALIGN) unsigned char memory[QED_HEAP_CHUNK];

int main(void) {
    qed_heap_init(&heap, memory, sizeof memory, NULL);
    qed_heap_reset(&heap);
    volatile char *p = qed_heap_alloc(&heap, 61);
    p[61] = 1;
    return 0;
}
