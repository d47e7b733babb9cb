/* memcheck: Invalid read of size 1; inside a block of size 102,400 free'd; main (use-after-purge.c:8); alloc'd; malloc; main (use-after-purge.c:7) */
/* asan: use-after-poison; READ of size 1; main */
/* Of a large block, when the system has its pages back. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB), *volatile q = p;
    call.free(p);
    malloc_trim(0);
    return q[50 * KIB];
}
