/* expect: double-free */
/* A block with an alignment. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.aligned_alloc(64 * KIB, 100);
    call.free(p);
    call.free(p);
    return 0;
}
