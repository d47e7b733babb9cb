/* replay: runs a fuzz target once on each file that is named. No engine, no sanitizer: a finding
 * counts if it can be reproduced here. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static unsigned char input[1 << 20];

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        size_t size = fread(input, 1, sizeof input, file);
        fclose(file);
        fprintf(stderr, "%s: %zu bytes\n", argv[i], size);
        LLVMFuzzerTestOneInput(input, size);
    }
    if (argc < 2) fprintf(stderr, "usage: %s FILE...\n", argv[0]);
    return argc < 2;
}
