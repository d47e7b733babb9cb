/* memcheck: Invalid write of size 1; 0 bytes after a block of size 100,000 alloc'd; calloc; main (overflow-calloc.c:7) */
/* asan: use-after-poison; WRITE of size 1; main */
/* Of whole pages that are zero as they come. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.calloc(1000, 100);
    p[1000 * 100] = 1;
    call.free(p);
    return 0;
}
