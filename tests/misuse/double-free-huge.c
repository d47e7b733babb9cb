/* expect: double-free */
/* A block of whole chunks, which is not worth giving back where so much is in use. */
#include "tests/misuse/misuse.h"

int main(void) {
    void *volatile much = call.malloc(80 * MIB);
    char *p = call.malloc(6 * MIB);
    call.free(p);
    call.free(p);
    return much == NULL;
}
