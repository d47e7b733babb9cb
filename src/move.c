#include "move.h"

#include <string.h>

#include "watch.h"

/* By chunks, each of which is one mapping, whatever has been moved before. */
static size_t move_chunks(void *to, void *from, size_t bytes) {
    const int error = errno;
    size_t done = 0;
    while (bytes - done >= CHUNK && os_move((uintptr_t)to + done, (uintptr_t)from + done, CHUNK))
        done += CHUNK;
    errno = error;
    return done;
}

size_t move_contents(void *to, void *from, size_t bytes) {
    const size_t moved = watched ? 0 : move_chunks(to, from, bytes);
    memcpy((unsigned char *)to + moved, (unsigned char *)from + moved, bytes - moved);
    return moved;
}
