/* expect: double-free */
/* The size of a block that is free. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(p);
    call.usable_size(p);
    return 0;
}
