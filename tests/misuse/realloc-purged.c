/* expect: purged */
/* To be resized after the system has it back. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(100 * KIB);
    call.free(p);
    malloc_trim(0);
    call.realloc(p, 100);
    return 0;
}
