/* expect: double-free */
/* A small block. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(p);
    call.free(p);
    return 0;
}
