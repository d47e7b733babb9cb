/* memcheck: Conditional jump or move depends on uninitialised value; main; created by a heap allocation; resize; main (uninitialised-grown.c:8) */
/* asan: */
/* What realloc has added in place. */
#include "tests/misuse/misuse.h"

int main(void) {
    char *p = call.calloc(100000, 1), *volatile q;
    q = call.realloc(p, 200000);
    if (q[99999] == 1 || q[100000] == 1) call.free(NULL);
    call.free(q);
    return 0;
}
