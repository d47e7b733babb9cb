/* expect: unallocated */
/* To be resized, and never was a block. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.realloc((char *)((uintptr_t)p & ~(uintptr_t)(4 * MIB - 1)) + 3 * MIB, 100);
    return 0;
}
