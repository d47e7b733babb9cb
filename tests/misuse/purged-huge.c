/* expect: purged */
/* A block so huge that it goes back at once. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * MIB);
    call.free(p);
    call.free(p);
    return 0;
}
