/* expect: purged */
/* A block of whole pages that the system has back. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB);
    call.free(p);
    malloc_trim(0);
    call.free(p);
    return 0;
}
