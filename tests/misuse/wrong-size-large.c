/* expect: wrong-size */
/* A block of whole pages, of a page less. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB);
    call.free_sized(p, 96 * KIB);
    return 0;
}
