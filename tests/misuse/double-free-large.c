/* expect: double-free */
/* A block of whole pages. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB);
    call.free(p);
    call.free(p);
    return 0;
}
