/* expect: foreign */
/* Size and alignment of what is no block. */
#include "tests/misuse/misuse.h"

int main(void) {
    static _Alignas(16) char variable[64];
    call.free_aligned_sized(variable, 3, 64);
    return 0;
}
