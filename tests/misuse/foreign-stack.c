/* expect: foreign */
/* A variable on the stack. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    _Alignas(16) char local[64];
    call.free(local);
    call.free(p);
    return 0;
}
