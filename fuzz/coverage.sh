#!/bin/sh
# coverage.sh MODULE...: what the unit tests and the corpus reach of these modules, in the embedded preset: a summary,
# the lines that nothing reaches, and all of it as build/coverage/html/index.html.
set -eu
cd "$(dirname "$0")/.."
out=build/coverage
rm -rf "$out/raw" "$out/html"
mkdir -p "$out/raw"

for test in "$out"/unit/*; do
    [ -x "$test" ] && LLVM_PROFILE_FILE="$out/raw/unit-%p" "$test" >/dev/null || echo "coverage: $test fails"
done
for target in "$out"/replay/*; do
    [ -x "$target" ] || continue
    LLVM_PROFILE_FILE="$out/raw/replay-%p" "$target" fuzz/corpus/"$(basename "$target")"/* 2>/dev/null ||
        echo "coverage: $target fails"
done

objects=
for program in "$out"/unit/* "$out"/replay/*; do
    if [ -x "$program" ]; then objects="$objects -object $program"; fi
done
sources=
for module; do sources="$sources src/$module.c"; done
llvm-profdata merge -o "$out/profile" "$out"/raw/*
llvm-cov show ${objects# -object } -instr-profile="$out/profile" -format=html -output-dir="$out/html" $sources
llvm-cov show ${objects# -object } -instr-profile="$out/profile" $sources >"$out/lines.txt"
llvm-cov report ${objects# -object } -instr-profile="$out/profile" $sources |
    awk '/^[a-z_]*\.c|^TOTAL/ { printf "%-18s %5d lines %5d not reached %8s\n", $1, $8, $9, $10 }' | tee "$out/summary.txt"
awk -F'|' '/^\/.*\.c:$/ { file = $0 } $2 ~ /^ *0$/ { sub(/.*\/src\//, "src/", file); print file $1 ":" $3 }' "$out/lines.txt" |
    sed 's/: *\([0-9]*\):/:\1:/' >"$out/unreached.txt"
if [ -s "$out/unreached.txt" ]; then echo "not reached:" && cat "$out/unreached.txt"; fi
echo "$out/html/index.html"
