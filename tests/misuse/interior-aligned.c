/* expect: interior */
/* A block aligned by hand, as if malloc had given that. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(3000), *q = (char *)(((uintptr_t)p + 1024) & ~(uintptr_t)1023);
    if (q == p) q += 1024;
    call.free(q);
    return 0;
}
