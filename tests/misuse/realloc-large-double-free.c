/* expect: double-free */
/* The same of a block of whole pages. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB);
    call.free(p);
    call.realloc(p, 200 * KIB);
    return 0;
}
