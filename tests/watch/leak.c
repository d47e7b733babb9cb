/* memcheck: 64 bytes in 1 blocks are definitely lost; malloc; main (leak.c:9) */
/* asan: */
/* A block that nothing points to any more, beside one that something does. */
#include "tests/misuse/misuse.h"

char *volatile kept;

int main(void) {
    char *volatile p = call.malloc(64);
    kept = call.malloc(32);
    p = NULL;
    return p != NULL;
}
