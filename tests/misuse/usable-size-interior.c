/* expect: interior */
/* The size of the middle of a block. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB);
    call.usable_size(p + 4 * KIB);
    return 0;
}
