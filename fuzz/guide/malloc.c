/* Fuzzes whatever malloc the process has: the C library's, or one that is preloaded. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>

#include "fuzz/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    static const struct allocator any = {malloc, free, realloc, calloc, aligned_alloc, malloc_usable_size};
    client_judge(&any, input, size);
    return 0;
}
