/* expect: interior */
/* Inside a block of whole chunks, at a chunk. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(9 * MIB);
    call.free(p + 4 * MIB);
    return 0;
}
