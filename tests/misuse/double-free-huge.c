/* expect: double-free */
/* A block of whole chunks. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(6 * MIB);
    call.free(p);
    call.free(p);
    return 0;
}
