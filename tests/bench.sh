#!/bin/sh
# Instructions of a malloc and free pair (valgrind counts them, so they are the same on any machine and
# under any load), and CPU time, as ratios to the C library's own allocator in the same run. make bench.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
pairs=20000 many=2000000

allocators() {
    echo "libc"
    echo "qedmalloc $(realpath build/libqedmalloc.so)"
    for name in jemalloc mimalloc tcmalloc_minimal; do
        for file in /usr/lib/*/lib$name.so.[0-9]; do
            [ ! -e "$file" ] || echo "$name $file"
        done
    done
}

instructions() { # PATTERN N
    LD_PRELOAD=$library valgrind --tool=callgrind --callgrind-out-file=/dev/null build/bench "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : *\([0-9]*\).*/\1/p'
}

pair() { # PATTERN: instructions of a pair, those of start-up taken away
    few=$(instructions "$1" $pairs) more=$(instructions "$1" $((2 * pairs)))
    echo $(((more - few) / pairs))
}

milliseconds() { # PATTERN: the least CPU time of three runs
    for _ in 1 2 3; do
        { LD_PRELOAD=$library bash -c 'TIMEFORMAT="%U %S"; time build/bench "$@"' bench "$1" $many; } 2>&1
    done | awk '{ t = 1000 * ($1 + $2); if (NR == 1 || t < least) least = t } END { print least }'
}

for pattern in same fifo mixed large; do
    echo "$pattern: instructions of a pair, CPU time of $many pairs; (ratio to libc)"
    allocators | while read -r name library; do
        i=$(pair $pattern) t=$(milliseconds $pattern)
        [ "$name" != libc ] || echo "$i $t" >"$dir/base"
        echo "$name $i $t $(cat "$dir/base")" |
            awk '{ printf "    %-18s %8d (%.2f) %8d ms (%.2f)\n", $1, $2, $2 / $4, $3, $3 / $5 }'
    done
done
