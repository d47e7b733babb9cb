/* expect: unaligned */
/* To be resized from its second byte. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.realloc(p + 1, 100);
    return 0;
}
