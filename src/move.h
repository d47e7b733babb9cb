/* move: contents of a block on their way to another. */
#ifndef QED_MOVE_H
#define QED_MOVE_H

#include "home.h"

/* Copies `bytes` from the one block of the program's to the other; of so many first ones the pages were moved, and there
 * are zeroes now: whole chunks. Both blocks are the program's: there is no need of the lock. (Not proved: WP takes it at its
 * word, and says of contents nothing.) */
/*@ assigns HOMES_ASSIGNS;
    ensures chunks:  \result % CHUNK == 0 && \result <= bytes;
    ensures inside:  g_inside == \old(g_inside);
    ensures error:   errno == \old(errno); */
size_t move_contents(void *to, void *from, size_t bytes);

#endif
