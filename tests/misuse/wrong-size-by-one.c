/* expect: wrong-size */
/* A byte more than the block has. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free_sized(p, 65);
    return 0;
}
