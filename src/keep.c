#include "keep.h"

uint32_t keep_of(struct keep *k, uint32_t active, uint32_t dirty) {
    const uint64_t now = (uint64_t)active + dirty;
    if (now >= k->resident && now - k->resident >= k->gone / 2) {
        k->much = true;
        k->gone = 0;
    } else if (k->gone > active) {
        k->much = false;
    }
    const uint32_t part = k->much ? active : active / 8;
    const uint32_t most = part > KEEP_LEAST ? part : KEEP_LEAST;
    k->most = most;
    return k->much ? most / 2 : 0;
}

void keep_note(struct keep *k, uint32_t active, uint32_t dirty, uint32_t left) {
    const uint32_t gone = dirty > left ? dirty - left : 0;
    k->gone = gone < UINT32_MAX - k->gone ? k->gone + gone : UINT32_MAX;
    k->resident = (uint64_t)active + left;
    if (left > k->most) k->most = 2 * (uint64_t)left;
}

uint32_t keep_idle(struct keep *k, uint32_t dirty, uint64_t now) {
    if (dirty < k->idle) k->idle = dirty;
    if (!keep_is_over(k, now)) return 0;
    const uint32_t go = k->idle;
    k->since = now;
    k->idle = dirty - go;
    return go;
}
