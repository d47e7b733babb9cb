/* expect: wrong-size */
/* An object deleted as another class than it was made as. */
#include "tests/misuse/misuse.h"

void *_Znwm(size_t);
void _ZdlPvm(void *, size_t);

int main(void) {
    call.free(call.malloc(1));
    _ZdlPvm(_Znwm(64), 200);
    return 0;
}
