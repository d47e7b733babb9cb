/* expect: wrong-align */
/* An alignment that the block does not have. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64), *q = call.malloc(64);
    call.free_aligned_sized((uintptr_t)p % 4096 == 0 ? q : p, 4 * KIB, 64);
    return 0;
}
