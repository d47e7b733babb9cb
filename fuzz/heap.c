/* The heap's offset API under libFuzzer, against the model in fuzz/model.h; fuzz/ops.h says what the
 * bytes mean. The embedded preset, whose heaps are so small that a few operations meet their limits.
 *
 * The core has coverage counters, ASan and UBSan; the invariant, the model and the harness, which
 * only judge, have none, which makes it several times faster:
 *
 *   F="-std=c11 -O2 -g -I. -Isrc -Isrc/embedded"
 *   clang $F -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
 *       -fno-sanitize-coverage=trace-cmp -c   (each of the core's files but src/check.c)
 *   clang $F -c src/check.c fuzz/ops.c fuzz/model.c fuzz/oracle.c fuzz/heap.c
 *   clang -fsanitize=fuzzer,address,undefined *.o -o heap
 *   heap -max_len=2048 -only_ascii=0 corpus-directory fuzz/corpus/heap
 *
 * The replay, which any compiler builds and any checker may run:
 *
 *   cc $F (the core's files) fuzz/ops.c fuzz/model.c fuzz/oracle.c fuzz/heap.c fuzz/replay.c -o replay
 *   replay fuzz/corpus/heap/...
 */
#include "fuzz/judge.h"
#include "fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    size_t line;
    const char *broken = oracle_run(&the_heap, input, size, &line);
    judge(broken, input, size, line);
    return 0;
}
