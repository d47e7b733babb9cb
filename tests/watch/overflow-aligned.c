/* memcheck: Invalid write of size 1; 0 bytes after a block of size 4,096 alloc'd; aligned_alloc; main (overflow-aligned.c:7) */
/* asan: use-after-poison; WRITE of size 1; main */
/* Of a block that fills its page. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.aligned_alloc(4 * KIB, 4 * KIB);
    p[4 * KIB] = 1;
    call.free(p);
    return 0;
}
