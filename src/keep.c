#include "keep.h"

uint32_t keep_of(struct keep *k, uint32_t active, uint32_t dirty) {
    if (active + dirty >= k->resident + k->gone / 2) {
        k->much = true;
        k->gone = 0;
    } else if (k->gone > active) {
        k->much = false;
    }
    const uint32_t part = k->much ? active : active / 8;
    k->most = part > KEEP_LEAST ? part : KEEP_LEAST;
    return k->much ? k->most / 2 : 0;
}

void keep_note(struct keep *k, uint32_t active, uint32_t dirty, uint32_t left) {
    k->gone += dirty > left ? dirty - left : 0;
    k->resident = active + left;
    if (left > k->most) k->most = 2 * left;
}

uint32_t keep_idle(struct keep *k, uint32_t dirty, uint64_t now) {
    if (dirty < k->idle) k->idle = dirty;
    if (now - k->since < k->patience) return 0;
    const uint32_t go = k->idle;
    k->since = now;
    k->idle = dirty - go;
    return go;
}
