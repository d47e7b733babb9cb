/* expect: double-free */
/* To be resized after it was freed. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(p);
    call.realloc(p, 100);
    return 0;
}
