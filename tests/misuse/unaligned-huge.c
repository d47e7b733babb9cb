/* expect: unaligned */
/* In front of the end of a huge block by a byte. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(6 * MIB);
    call.free(p + 6 * MIB - 1);
    return 0;
}
