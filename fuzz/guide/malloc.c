/* Fuzzes whatever malloc the process has: the C library's, or one that is preloaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/client.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static struct allocator any = {malloc,         free, realloc, calloc, aligned_alloc, malloc_usable_size,
                               posix_memalign, false};

/* The loader only warns of a library that it cannot preload: what is fuzzed then is another. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *wanted = getenv("LD_PRELOAD");
    Dl_info found = {0};
    (void)argc, (void)argv;
    any.strict = dlsym(RTLD_DEFAULT, "qed_set_misuse_hook") != NULL; /* as this library is */
    if (dladdr(dlsym(RTLD_DEFAULT, "malloc"), &found) == 0) abort();
    fprintf(stderr, "malloc is that of %s\n", found.dli_fname);
    if (wanted == NULL || *wanted == 0 || strstr(wanted, found.dli_fname) != NULL) return 0;
    fprintf(stderr, "and not that of LD_PRELOAD=%s\n", wanted);
    exit(1);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    client_judge(&any, input, size);
    return 0;
}
