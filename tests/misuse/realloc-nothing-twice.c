/* expect: double-free */
/* realloc to no bytes frees, so the second time is one too many. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.realloc(p, 0);
    call.realloc(p, 0);
    return 0;
}
