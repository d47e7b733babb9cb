/* memcheck: Invalid read of size 1; 3 bytes inside a block of size 64 free'd; main (use-after-free.c:9); alloc'd; malloc; main (use-after-free.c:7) */
/* asan: use-after-poison; READ of size 1; main */
/* Of a small block. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64), *volatile q = p;
    p[3] = 0;
    call.free(p);
    return q[3];
}
