/* platform: what a program of this directory gets from the machine below it.
 *
 * A program is one file with `program`, a platform one with the rest: a hosted C library, Linux
 * without one, a Cortex-M4 under qemu. Every program runs on every platform.
 */
#ifndef QED_PLATFORM_H
#define QED_PLATFORM_H

/* The program. Its result is the exit code: 0 is success. */
int program(void);

/*@ assigns \nothing; */
void platform_print(const char *text);

/* Nothing else runs between these two: interrupts are off where there are any. They do not nest. */
void platform_lock(void *context);
void platform_unlock(void *context);

#endif
