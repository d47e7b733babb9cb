/* The platform of a Cortex-M4 without a C library: vector table, start-up code, and semihosting,
 * by which a debugger or qemu prints text and ends the program. */
#include <stdint.h>

#include "platform.h"

enum { SYS_WRITE0 = 0x04, SYS_EXIT = 0x18 };
enum { EXIT_OK = 0x20026, EXIT_ERROR = 0x20023 }; /* reasons of SYS_EXIT */

/* From cortex-m4.ld. */
extern uint32_t stack_top[], data_start[], data_end[], data_image[], bss_start[], bss_end[];

static void semihost(uintptr_t operation, uintptr_t argument) {
    register uintptr_t r0 __asm__("r0") = operation;
    register uintptr_t r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void platform_print(const char *text) {
    semihost(SYS_WRITE0, (uintptr_t)text);
}

void platform_lock(void *context) {
    (void)context;
    __asm__ volatile("cpsid i" ::: "memory");
}

void platform_unlock(void *context) {
    (void)context;
    __asm__ volatile("cpsie i" ::: "memory");
}

void on_reset(void);
void on_reset(void) {
    for (uint32_t *to = data_start, *from = data_image; to < data_end;) *to++ = *from++;
    for (uint32_t *to = bss_start; to < bss_end;) *to++ = 0;
    semihost(SYS_EXIT, program() == 0 ? EXIT_OK : EXIT_ERROR);
    for (;;) {
    }
}

static void on_fault(void) {
    platform_print("fault\n");
    semihost(SYS_EXIT, EXIT_ERROR);
    for (;;) {
    }
}

/* Of the 16 system vectors only reset and the faults ever occur here. */
struct vectors {
    const void *stack;
    void (*handler[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    stack_top,
    {on_reset, on_fault, on_fault, on_fault, on_fault, on_fault},
};
