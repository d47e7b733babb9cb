/* expect: foreign */
/* The last address there is. */
#include "tests/misuse/misuse.h"

int main(void) {
    call.free((void *)~(uintptr_t)15);
    return 0;
}
