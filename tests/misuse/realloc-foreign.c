/* expect: foreign */
/* To be resized, and no block. */
#include "tests/misuse/misuse.h"

int main(void) {
    static _Alignas(16) char variable[64];
    call.realloc(variable, 100);
    return 0;
}
