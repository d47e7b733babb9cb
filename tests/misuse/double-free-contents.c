/* expect: double-free */
/* What the block holds does not matter. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free(p);
    memset(p, 0xFF, 64);
    call.free(p);
    return 0;
}
