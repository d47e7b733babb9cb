/* expect: wrong-size */
/* A small block, of the size after the next class. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free_sized(p, 81);
    return 0;
}
