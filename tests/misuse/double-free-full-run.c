/* expect: double-free */
/* A small block among live ones. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p[200];
    for (int i = 0; i < 200; i++) p[i] = call.malloc(64);
    call.free(p[100]);
    call.free(p[100]);
    return 0;
}
