/* expect: wrong-align */
/* No alignment at all. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free_aligned_sized(p, 0, 64);
    return 0;
}
