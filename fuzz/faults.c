/* Lives of the heap in which the system refuses to let it grow, under libFuzzer: at the first time that a request asks for
 * it, at the second, and so on. The request fails then, as it must, and the life goes on. Inputs are those of
 * fuzz/ops.h. */
#include <stdio.h>

#include "fuzz/judge.h"
#include "fuzz/life.h"
#include "fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    uint32_t growth = 0;
    do {
        size_t line;
        oracle_refuse(growth);
        const char *broken = oracle_run(&the_heap, input, size, &line);
        if (broken != NULL && growth > 0) fprintf(stderr, "faults: growth %u is refused\n", growth);
        judge(broken, input, size, line);
    } while (growth++ < life->growths);
    return 0;
}
