/* expect: unallocated */
/* Behind the last region of a run: 85 of 48 bytes leave 16 of a page. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(48);
    call.free((char *)((uintptr_t)p & ~(uintptr_t)(4 * KIB - 1)) + 85 * 48);
    return 0;
}
