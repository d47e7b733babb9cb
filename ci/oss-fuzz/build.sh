#!/bin/sh
# Builds all fuzz targets into $OUT with the compilers, flags and engine of OSS-Fuzz or ClusterFuzzLite, which
# set CC, CFLAGS, CXX, CXXFLAGS and LIB_FUZZING_ENGINE.
set -eu
cd "$(dirname "$0")/../.."

make clean
make targets CLANG="$CC" FUZZ="$CFLAGS -fno-sanitize-coverage=trace-cmp" FUZZ_LINK="$CXX $CXXFLAGS $LIB_FUZZING_ENGINE"

for target in build/fuzz/*; do
    [ -f "$target" ] || continue
    name=$(basename "$target")
    cp "$target" "$OUT"
    printf '[libfuzzer]\nmax_len = 2048\nentropic_scale_per_exec_time = 1\n' >"$OUT/$name.options"
    if [ -d "fuzz/corpus/$name" ]; then
        python3 -m zipfile -c "$OUT/${name}_seed_corpus.zip" "fuzz/corpus/$name"/*
    fi
done
