/* expect: foreign */
/* In front of the first chunk. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(p - 4 * MIB);
    return 0;
}
