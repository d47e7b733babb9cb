/* expect: purged */
/* A small block whose page the system has back. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64), *rest[100];
    for (int i = 0; i < 100; i++) rest[i] = call.malloc(64);
    for (int i = 0; i < 100; i++) call.free(rest[i]);
    call.free(p);
    malloc_trim(0);
    call.free(p);
    return 0;
}
