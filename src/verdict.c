#include "verdict.h"

const char *verdict_name(enum verdict v) {
    static const char *const name[HEAP_VERDICTS] = {
        [HEAP_OK] = "ok",
        [HEAP_NO_ROOM] = "no-room",
        [HEAP_FOREIGN] = "foreign",
        [HEAP_UNALIGNED] = "unaligned",
        [HEAP_INTERIOR] = "interior",
        [HEAP_DOUBLE_FREE] = "double-free",
        [HEAP_PURGED] = "purged",
        [HEAP_UNALLOCATED] = "unallocated",
        [HEAP_WRONG_SIZE] = "wrong-size",
        [HEAP_WRONG_ALIGN] = "wrong-align",
    };
    return name[v];
}
