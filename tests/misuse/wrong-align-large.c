/* expect: wrong-align */
/* A block of whole pages is not at a chunk, or the next one is not. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB), *q = call.malloc(100 * KIB);
    call.free_aligned_sized((uintptr_t)p % (4 * MIB) == 0 ? q : p, 4 * MIB, 100 * KIB);
    return 0;
}
