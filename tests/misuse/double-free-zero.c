/* expect: double-free */
/* A block of no bytes is a block. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(0);
    call.free(p);
    call.free(p);
    return 0;
}
