/* memcheck: */
/* asan: */
/* All that a program may do with the embedded heap, it may do unseen. */
#include <stdlib.h>
#include <string.h>

#include "src/qed_heap.h"

static struct qed_heap heap;
static _Alignas(QED_HEAP_ALIGN) unsigned char memory[8 * QED_HEAP_CHUNK];

static char *resize(char *p, size_t bytes) {
    p = qed_heap_realloc(&heap, p, bytes);
    if (p == NULL || qed_heap_usable(&heap, p) < bytes) abort();
    memset(p, 7, qed_heap_usable(&heap, p));
    return p;
}

int main(void) {
    if (!qed_heap_init(&heap, memory, sizeof memory, NULL)) return 1;
    for (int round = 0; round < 2; round++) {
        for (size_t bytes = 0; bytes < 5000; bytes = bytes * 3 / 2 + 1) {
            char *p = resize(resize(resize(NULL, bytes), 3 * bytes), bytes / 4);
            char *q = qed_heap_calloc(&heap, bytes, 1);
            for (size_t i = 0; i < bytes; i++) {
                if (q[i] != 0) return 1;
            }
            if (qed_heap_free(&heap, p) != QED_HEAP_OK || qed_heap_free(&heap, p) == QED_HEAP_OK) return 1;
            if (bytes % 4 != 0) qed_heap_free(&heap, q);
        }
        qed_heap_reset(&heap);
    }
    return qed_heap_check(&heap) != NULL;
}
