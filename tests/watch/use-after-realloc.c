/* memcheck: Invalid read of size 1; 0 bytes inside a block of size 64 free'd; (malloc.c:; main (use-after-realloc.c:9); alloc'd; malloc; main (use-after-realloc.c:7) */
/* asan: use-after-poison; READ of size 1; main */
/* Of the place that realloc has moved the block from. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64), *volatile q = p;
    p[0] = 0;
    p = call.realloc(p, 10000);
    int value = q[0];
    call.free(p);
    return value;
}
