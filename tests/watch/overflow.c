/* memcheck: Invalid write of size 1; 0 bytes after a block of size 64 alloc'd; malloc; main (overflow.c:8) */
/* asan: use-after-poison; WRITE of size 1; main */
/* By one byte, at the edge of a size class, with a neighbour behind it. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *volatile neighbour;
    char *p = call.malloc(64);
    neighbour = call.malloc(64);
    p[64] = 1;
    call.free(neighbour);
    call.free(p);
    return 0;
}
