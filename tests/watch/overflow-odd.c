/* memcheck: Invalid read of size 1; 0 bytes after a block of size 61 alloc'd; malloc; main (overflow-odd.c:7) */
/* asan: use-after-poison; READ of size 1; main */
/* By one byte, into what the size class has to spare. */
#include "tests/misuse/misuse.h"

int main(void) {
    volatile char *p = call.malloc(61);
    return p[61] == 'x';
}
