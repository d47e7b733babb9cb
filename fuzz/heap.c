/* The heap's offset API under libFuzzer, against the model in fuzz/model.h; fuzz/ops.h says what the
 * bytes mean. The embedded preset, whose heaps are so small that a few operations meet their limits.
 *
 * The core has coverage counters, ASan and UBSan. The model and the harness have none, and heap_check has a core of
 * its own without: they only judge, and so take a fifth of the time.
 */
#include "fuzz/judge.h"
#include "fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    size_t line;
    const char *broken = oracle_run(&the_heap, input, size, &line);
    judge(broken, input, size, line);
    return 0;
}
