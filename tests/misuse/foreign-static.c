/* expect: foreign */
/* A variable of the program. */
#include "tests/misuse/misuse.h"

int main(void) {
    static _Alignas(16) char variable[64];
    call.free(variable);
    return 0;
}
