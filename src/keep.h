/* keep: how much dirty memory stays with the heap, and how long.
 *
 * A dirty page is had again without a fault, but no other program has it meanwhile. So after a free
 *
 *   - up to an eighth of what is in use is kept, and 2 MiB in any case; of more than that, nothing;
 *   - if half of what had gone back was needed again, as much as makes up what was in use or dirty before it went, and an
 *     eighth more; of more than that the lower half; until as much has gone back as that.
 *
 * And what was not needed for a while goes back. As the lowest pages are taken first, the highest are those, as many as
 * there were dirty pages throughout. Nothing wakes us up: it goes when the program comes by the next time, or stays.
 *
 * All is counted in pages.
 */
#ifndef QED_KEEP_H
#define QED_KEEP_H

#include "run.h"

enum {
    KEEP_LEAST = 2 << 20 >> 12, /* dirty pages, never worth a call: 2 MiB */
    KEEP_FEW = 64,              /* dirty pages, not even worth a look at the clock: 256 KiB */
    KEEP_PATIENCE = 10000,      /* milliseconds, unless told otherwise */
};
_Static_assert(PAGE == 4096, "KEEP_LEAST counts pages");

struct keep {
    uint64_t most;   /* dirty pages, after a free */
    uint32_t needed; /* so many were in use or dirty before some went that were needed again; 0: none were */
    uint32_t gone;   /* have gone back, and were not needed again as far as is known */
    uint64_t resident; /* were in use, or dirty, when the last ones had gone */
    uint32_t idle;     /* at least so many were dirty at any time since */
    uint64_t since;    /* milliseconds */
    uint64_t patience; /* milliseconds */
};
#define KEEP_FIRST \
    { KEEP_LEAST, 0, 0, SLOTS, 0, 0, KEEP_PATIENCE }

/* More than `most` are dirty: how many of them are to be left, now that so many are in use. */
/*@ requires mem:    \valid(k);
    assigns *k; */
uint32_t keep_of(struct keep *k, uint32_t active, uint32_t dirty);

/* Then `left` were left. What the system did not take back, it is not to be asked for again until there is twice as
 * much. */
/*@ requires mem:    \valid(k);
    assigns *k; */
void keep_note(struct keep *k, uint32_t active, uint32_t dirty, uint32_t left);

/* Whether so many dirty pages are more than a few; else there has been a time now when nothing was idle. */
/*@ requires mem:    \valid(k);
    assigns k->idle;
    ensures worth:   \result <==> dirty >= KEEP_FEW; */
static inline bool keep_is_worth_a_look(struct keep *k, uint32_t dirty) {
    if (dirty < KEEP_FEW) k->idle = 0;
    return dirty >= KEEP_FEW;
}

/* Whether the time is over after which something goes; a clock that was put back says so, too. */
/*@ requires mem:    \valid_read(k);
    assigns \nothing;
    ensures over:    \result <==> now < k->since || now >= k->since + k->patience; */
static inline bool keep_is_over(const struct keep *k, uint64_t now) {
    return now < k->since || now - k->since >= k->patience;
}

/* So many are dirty now: how many of them are to go because they were not needed for long. */
/*@ requires mem:    \valid(k);
    assigns *k;
    ensures some:    \result <= dirty; */
uint32_t keep_idle(struct keep *k, uint32_t dirty, uint64_t now);

#endif
