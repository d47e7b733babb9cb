/* expect: foreign */
/* A number that is no address. */
#include "tests/misuse/misuse.h"

int main(void) {
    call.free((void *)(uintptr_t)16);
    return 0;
}
