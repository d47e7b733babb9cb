/* expect: unaligned */
/* Behind the start of a small block by a byte. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(p + 1);
    return 0;
}
