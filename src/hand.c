#include "hand.h"

#include "supply.h"
#include "watch.h"

/* The thread ends. What it has in hand now it does not put down. */
static void end_thread(void *what) {
    struct visit visit;
    (void)what;
    thread_pick_up();
    for (struct home *h = homes.home; h < homes.home + homes_started(); h++) {
        struct cache *k = thread_cache(home_number(h));
        if (k == NULL || !home_enter(&visit, h, GRANT_FREE)) continue;
        cache_empty(k, h->space.heap);
        supply_leave(&visit);
    }
    if (thread.own == NULL || !home_enter(&visit, homes.home, GRANT_FREE)) return;
    thread_leave();
    homes.home[thread.home].threads--;
    thread.home = 0;
    home_leave(&visit);
}

static void join(void) {
    struct home *h = home_choose();
    thread_join(home_number(h), &h->space, end_thread);
    if (thread.own != NULL) h->threads++;
}

/* Makes the thread at home somewhere, if it never was. Whether somebody watches is known inside. */
void hand_settle_down(void) {
    struct visit visit;
    if (watched || home_is_inside() || !home_enter(&visit, homes.home, GRANT_ALL)) return;
    visit.home->grant = GRANT_ALL;
    if (!watched) join();
    visit.home->grant = GRANT_NOTHING;
    home_leave(&visit);
}

/* Has it a cache for the blocks of h, if there is room for one. */
void hand_meet(const struct home *h) {
    struct visit visit;
    if (!thread_may_meet(home_number(h)) || home_is_inside() || !home_enter(&visit, homes.home, GRANT_ALL))
        return;
    visit.home->grant = GRANT_ALL;
    thread_meet(home_number(h));
    visit.home->grant = GRANT_NOTHING;
    home_leave(&visit);
}
