/* expect: interior */
/* The same through reallocarray. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.reallocarray(p + 32, 10, 10);
    return 0;
}
