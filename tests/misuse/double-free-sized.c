/* expect: double-free */
/* By the function that names the size. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    call.free_sized(p, 64);
    call.free_sized(p, 64);
    return 0;
}
