/* expect: interior */
/* To be resized from its middle. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.realloc(p + 16, 100);
    return 0;
}
