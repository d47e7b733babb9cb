/* expect: wrong-size */
/* A size that no block has. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free_sized(p, SIZE_MAX);
    return 0;
}
