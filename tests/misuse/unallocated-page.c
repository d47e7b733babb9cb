/* expect: unallocated */
/* A page that no block has ever had. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free((char *)((uintptr_t)p & ~(uintptr_t)(4 * MIB - 1)) + 3 * MIB);
    return 0;
}
