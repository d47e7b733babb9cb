/* expect: interior */
/* Inside a block of whole pages, at a page. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB);
    call.free(p + 8 * KIB);
    return 0;
}
