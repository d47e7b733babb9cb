/* expect: foreign */
/* What the program has mapped for itself. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(mmap(NULL, 4 * KIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    call.free(p);
    return 0;
}
