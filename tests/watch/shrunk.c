/* memcheck: Invalid write of size 1; 0 bytes after a block of size 50,000 alloc'd; malloc; main (shrunk.c:7) */
/* asan: use-after-poison; WRITE of size 1; main */
/* What realloc has cut off in place. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100000), *q = call.realloc(p, 50000);
    q[50000] = 1;
    call.free(q);
    return p != q;
}
