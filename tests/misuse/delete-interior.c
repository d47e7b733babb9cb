/* expect: interior */
/* By the operator delete. */
#include "tests/misuse/misuse.h"

void _ZdlPv(void *);

int main(void) {
    char *p = call.malloc(64);
    _ZdlPv(p + 16);
    return 0;
}
