/* expect: foreign */
/* Address space that the heap may grow into. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(p + 1024 * (size_t)MIB);
    return 0;
}
