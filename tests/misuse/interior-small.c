/* expect: interior */
/* Inside a small block. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(p + 16);
    return 0;
}
