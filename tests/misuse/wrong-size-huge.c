/* expect: wrong-size */
/* A block of whole chunks, of a chunk more. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(6 * MIB);
    call.free_sized(p, 9 * MIB);
    return 0;
}
