/* expect: double-free */
/* A large block that has become part of a larger free run. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB), *q = call.malloc(100 * KIB), *r = call.malloc(100 * KIB);
    call.free(q);
    call.free(p);
    call.free(r);
    call.free(q);
    return 0;
}
