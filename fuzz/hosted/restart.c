/* The shell, with a way back to its start: its state is nobody else's business. */
#include "src/shell.c"
#include "src/thread.c"

#include "fuzz/hosted/platform.h"

void shell_restart(void) {
    space = (struct space){0};
    started = false;
    grant = GRANT_ALL;
    keep = (struct keep)KEEP_FIRST;
    allocations = 0;
    thread = (struct thread){0};
    all = idle = NULL;
}

bool shell_has_heap(void) {
    return space.heap != NULL;
}

bool shell_may_grow(size_t bytes, size_t align) {
    if (space.heap == NULL) return true;
    uint32_t need = heap_needs(space.heap, bytes, align);
    return need > 0 && need <= space.chunks - chunks_now();
}
