/* os: all that the hosted library asks of the world.
 *
 * Memory is had in two steps: map takes address space, which nobody may touch yet, and
 * commit makes a part of it usable, reading as zero. The system may refuse either at any
 * time; nothing has changed then that matters to the caller.
 *
 * A test or a harness is another implementation of this header.
 */
#ifndef QED_OS_H
#define QED_OS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GRANULE = 65536, /* bytes: what is mapped is whole granules; a multiple of the system's page */
    LOCKS = 256,
};

#include "spec/os.acsl"
#include "spec/power.acsl"

/* Bytes of a page of the system; one that we cannot serve ends the program. */
/*@ assigns \nothing;
    ensures page:    \result == OsPage && PowerOfTwo(\result) && 0 < \result <= GRANULE; */
size_t os_page(void);

/* Bytes of address space that the process may have in all; SIZE_MAX if nobody sets a limit. */
size_t os_limit(void);

/* Address space of `bytes` whole granules, at a multiple of `align`, a power of two of granules: its
 * address, or 0. */
uintptr_t os_map(size_t bytes, size_t align);

/* Address space exactly at [address, address + bytes), whole granules, unless some of it is in use. */
bool os_map_at(uintptr_t address, size_t bytes);

/* Gives mapped address space back. */
void os_unmap(uintptr_t address, size_t bytes);

/* Makes the system's pages that hold [address, address + bytes) usable, all of them mapped. What was
 * usable before keeps its contents, even on failure. */
bool os_commit(uintptr_t address, size_t bytes);

/* Makes [address, address + bytes), usable memory, read as zero, its whole pages without memory
 * behind them. On failure any part of it may have been done. */
/*@ assigns errno; */
bool os_purge(uintptr_t address, size_t bytes);

/* What is in [from, from + bytes) is in [to, to + bytes) now, and the former reads as zero: both usable, whole
 * granules, and apart. False if the system does not move pages there: then it is where it was, and what was at `to` is
 * lost. */
bool os_move(uintptr_t to, uintptr_t from, size_t bytes);

/* Milliseconds since some moment: it does not matter if that is some too old. 0 if there is no clock. */
/*@ assigns errno; */
uint64_t os_clock(void);

/* The CPUs that the process may run on, 1 if nobody knows. */
unsigned os_cpus(void);

/* Locks, by their number below LOCKS. The thread that holds one may take it again; os_try_lock does so only if it need
 * not wait. */
void os_lock(uint32_t number);
bool os_try_lock(uint32_t number);
void os_unlock(uint32_t number);

/* Whether the calling thread holds it. */
bool os_holds(uint32_t number);

/* From now on fork calls `before` first, and `after` last: in the process that forks, and in the child in the thread that
 * is left, which holds what it held and finds locks that nobody else does. */
bool os_guard_fork(void (*before)(void), void (*after)(void), void (*after_in_child)(void));

/* When the calling thread ends, end(what) is called in it. `end` is the same in all calls. False if the system does not
 * do that. */
bool os_guard_thread(void (*end)(void *), void *what);

/* Writes to standard error, at once and unbuffered. */
void os_write(const char *text, size_t length);

/* Ends the program by SIGABRT. */
_Noreturn void os_abort(void);

#endif
