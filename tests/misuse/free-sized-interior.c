/* expect: interior */
/* The right size of the wrong place. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free_sized(p + 16, 64);
    return 0;
}
