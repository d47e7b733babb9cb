/* memcheck: Invalid write of size 1; 15 bytes after a block of size 64 alloc'd; malloc; main (underflow.c:7) */
/* asan: use-after-poison; WRITE of size 1; main */
/* By one byte, with a neighbour before it. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *neighbour = call.malloc(64), *p = call.malloc(64);
    p[-1] = 1;
    call.free(neighbour);
    call.free(p);
    return 0;
}
