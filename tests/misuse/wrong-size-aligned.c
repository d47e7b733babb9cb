/* expect: wrong-size */
/* The right alignment with a wrong size. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.aligned_alloc(4 * KIB, 100);
    call.free_aligned_sized(p, 4 * KIB, 5000);
    return 0;
}
