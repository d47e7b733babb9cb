#!/bin/sh
# coverage.sh MODULE...: what the unit tests and the corpus reach of these modules, in the embedded preset: a summary,
# the lines that nothing reaches and the conditions that never are true, or never false, each with whether its function is
# proved, and all of it as build/coverage/html/index.html.
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
llvm-cov show ${objects# -object } -instr-profile="$out/profile" -show-branches=count $sources >"$out/lines.txt"
llvm-cov report ${objects# -object } -instr-profile="$out/profile" $sources |
    awk '/^[a-z_]*\.c|^TOTAL/ { printf "%-18s %5d lines %5d not reached %8s\n", $1, $8, $9, $10 }' | tee "$out/summary.txt"
awk -F'|' '
    /^\/.*\.c:$/ { file = $0; sub(/.*\/src\//, "src/", file); sub(/:$/, "", file) }
    $2 ~ /^ *0$/ { print file ":" $1 + 0 ":" $3 }
    match($0, /Branch \([0-9]+:[0-9]+\)/) { at = substr($0, RSTART + 8, RLENGTH - 9) }
    /Branch .*True: 0,/ { print file ":" at ": never true" }
    /Branch .*False: 0\]/ { print file ":" at ": never false" }' "$out/lines.txt" >"$out/unreached.txt"
fuzz/unreached.py <"$out/unreached.txt" | tee "$out/unreached-proved.txt"
if ! grep -qv ': never [a-z]*$' "$out/unreached.txt"; then
    echo "Every line is reached: there is none that the proof would have to show unreachable."
fi
echo "$out/html/index.html"
