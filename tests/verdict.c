/* verdict: the names, which clients may print, compare and parse. */
#include "verdict.h"

#include <string.h>

#include "tests/test.h"

int main(void) {
    static const char *const names[] = {"ok",          "no-room", "foreign",     "unaligned",  "interior",
                                        "double-free", "purged",  "unallocated", "wrong-size", "wrong-align"};
    CHECK(sizeof names / sizeof names[0] == HEAP_VERDICTS);
    for (int v = 0; v < HEAP_VERDICTS; v++) CHECK(strcmp(verdict_name((enum verdict)v), names[v]) == 0);
}
