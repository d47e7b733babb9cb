/* expect: unaligned */
/* Behind the start of a block of whole pages by a word. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB);
    call.free(p + 8);
    return 0;
}
