/* memcheck: Invalid write of size 1; 3 bytes inside a block of size 100 free'd; main (heap-reset.c:12); alloc'd; qed_heap_aligned; main (heap-reset.c:11) */
/* asan: use-after-poison; WRITE of size 1; main */
/* A block of the embedded heap that ended with all others. */
#include "src/qed_heap.h"

static struct qed_heap heap;
static _Alignas(QED_HEAP_ALIGN) unsigned char memory[QED_HEAP_CHUNK];

int main(void) {
    qed_heap_init(&heap, memory, sizeof memory, NULL);
    volatile char *p = qed_heap_realloc(&heap, NULL, 100);
    qed_heap_reset(&heap);
    p[3] = 1;
    return 0;
}
