/* memcheck: Invalid write of size 1; 0 bytes after a block of size 6,291,456 alloc'd; malloc; main (overflow-huge.c:7) */
/* asan: use-after-poison; WRITE of size 1; main */
/* Of a block of whole chunks. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(6 * MIB);
    p[6 * MIB] = 1;
    call.free(p);
    return 0;
}
