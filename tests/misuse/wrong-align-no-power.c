/* expect: wrong-align */
/* An alignment that is no power of two. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free_aligned_sized(p, 24, 64);
    return 0;
}
