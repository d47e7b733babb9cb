/* memcheck: Conditional jump or move depends on uninitialised value; main; created by a heap allocation; malloc; main (uninitialised.c:10) */
/* asan: */
/* What malloc gives, though it was written before it was freed. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.malloc(64);
    memset(p, 1, 64);
    call.free(p);
    char *volatile q = call.malloc(64);
    if (q[5] == 1) call.free(NULL);
    call.free(q);
    return 0;
}
