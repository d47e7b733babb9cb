/* memcheck: Invalid write of size 1; after a block of size 64 alloc'd; Invalid write of size 1; Invalid read */
/* asan: use-after-poison; WRITE of size 1; main */
/* Over all that lies between two blocks: memcheck lets it happen, and both blocks can still be used. */
#include "tests/misuse/misuse.h"

int main(void) {
    volatile char *p = call.malloc(64);
    char *neighbour = call.malloc(64);
    for (int i = 64; i < 80; i++) p[i] = 'x';
    p = call.realloc((char *)p, 1000);
    call.free(neighbour);
    call.free((char *)p);
    return 0;
}
