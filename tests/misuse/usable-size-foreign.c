/* expect: foreign */
/* The size of what is no block. */
#include "tests/misuse/misuse.h"

int main(void) {
    static _Alignas(16) char variable[64];
    call.usable_size(variable);
    return 0;
}
