/* The shell, with a way back to its start: its state is nobody else's business. */
#include "src/shell.c"
#include "src/thread.c"

#include "fuzz/hosted/platform.h"

void shell_restart(void) {
    homes = (struct homes)HOMES_FIRST;
    thread = (struct thread){0};
    all = idle = NULL;
}

bool shell_has_heap(void) {
    return homes_started() > 0;
}

bool shell_may_grow(size_t bytes, size_t align) {
    if (!shell_has_heap()) return true;
    uint32_t need = heap_needs(homes.home[0].space.heap, bytes, align);
    return need > 0 && need <= homes.home[0].space.chunks - supply_chunks(&homes.home[0]);
}
