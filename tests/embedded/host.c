/* The platform of a hosted C library. */
#include <stdio.h>

#include "platform.h"

void platform_print(const char *text) {
    fputs(text, stdout);
}

void platform_lock(void *context) {
    (void)context;
}

void platform_unlock(void *context) {
    (void)context;
}

int main(void) {
    return program();
}
