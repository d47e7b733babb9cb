/* expect: double-free */
/* The start of a region that was never handed out is as free as one that was. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(1000), *q = p + call.usable_size(p);
    call.free(q);
    return 0;
}
