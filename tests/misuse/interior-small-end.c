/* expect: interior */
/* The last bytes of a small block. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(1000);
    call.free(p + call.usable_size(p) - 16);
    return 0;
}
