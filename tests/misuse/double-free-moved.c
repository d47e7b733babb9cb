/* expect: double-free */
/* The old place of a block that realloc has moved. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64), *q = call.realloc(p, 1000);
    if (p != q) call.free(p);
    return 0;
}
