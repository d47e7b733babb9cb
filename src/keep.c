#include "keep.h"

uint32_t keep_of(struct keep *k, uint32_t active, uint32_t dirty) {
    const uint64_t now = (uint64_t)active + dirty;
    if (k->gone > 0 && now >= k->resident && now - k->resident >= k->gone / 2) {
        /*@ assert few:   k->resident <= now < 2 * 0x100000000; */
        const uint64_t before = k->resident + k->gone;
        k->needed = before < UINT32_MAX ? (uint32_t)before : UINT32_MAX;
        k->gone = 0;
    } else if (k->gone > k->needed) {
        k->needed = 0;
    }
    const uint64_t bound = (uint64_t)k->needed + k->needed / 8; /* some more, lest each free asks */
    k->most = bound > active ? bound - active : 0;
    if (k->most < active / 8) k->most = active / 8;
    if (k->most < KEEP_LEAST) k->most = KEEP_LEAST;
    if (dirty <= k->most) return dirty;
    return k->needed > 0 ? (uint32_t)(k->most / 2) : 0;
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
    k->needed = k->needed > go ? k->needed - go : 0;
    return go;
}
