#!/bin/sh
# What a newcomer sees first: programs that know nothing of this allocator run on it, then a firmware
# on a static heap. make demo builds what it needs.
set -eu
cd "$(dirname "$0")/.."
library=$(realpath build/libqedmalloc.so)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export HOME="$dir" LC_ALL=C GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=demo GIT_AUTHOR_EMAIL=demo@example.org GIT_COMMITTER_NAME=demo GIT_COMMITTER_EMAIL=demo@example.org

# on WHAT COMMAND...: runs it on the allocator; its words, then what the allocator says of it.
on() {
    what=$1
    shift
    printf '\n%s\n' "$what"
    if ! QEDMALLOC_STATS=1 LD_PRELOAD="$library" "$@" >"$dir/out" 2>"$dir/err"; then
        cat "$dir/out" "$dir/err" >&2
        echo "demo: $what failed" >&2
        exit 1
    fi
    sed 's/^/    /' "$dir/out"
    awk '/^qedmalloc/ { n++ }
        /^mapped/ { mapped = $2 }
        /blocks allocated/ { total += $1; if (mapped > most) most = mapped }
        END {
            if (total == 0) exit 1
            printf "    qedmalloc: %d blocks allocated in %d process%s, at most %d MiB mapped at the end of one\n",
                total, n, n == 1 ? "" : "es", most / 1048576
        }' "$dir/err" || { echo "demo: the allocator said nothing, so it did not run" >&2; exit 1; }
}

python=/usr/bin/python3 # rather than a wrapper script that comes first in PATH
[ -x $python ] || python=python3
on "python3: a million numbers, sorted and summed by four threads" env PYTHONMALLOC=malloc $python -c '
from concurrent.futures import ThreadPoolExecutor
import random
def work(seed):
    r = random.Random(seed)
    return sum(sorted(r.randrange(1 << 40) for _ in range(250_000))[::2])
with ThreadPoolExecutor(4) as pool:
    print("checksum", sum(pool.map(work, range(4))))'

mkdir "$dir/repo"
on "git: a commit of this project, packed and checked" sh -c "
    git init -q '$dir/repo' && cp -r src tests '$dir/repo' && cd '$dir/repo' &&
    git add . && git commit -q -m demo && git gc -q && git fsck --strict --no-progress && git count-objects -v | grep in-pack"

on "sqlite3: 200,000 rows with an index" sqlite3 "$dir/demo.db" "
    CREATE TABLE t (a INTEGER, b TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
        INSERT INTO t SELECT i * 7919 % 1000003, hex(i) FROM n;
    CREATE INDEX x ON t (a, b);
    SELECT count(*) || ' rows, ' || count(DISTINCT b) || ' distinct, integrity ' ||
        (SELECT * FROM pragma_integrity_check) FROM t;"

printf '\nA firmware on a static heap, first here, then on a Cortex-M4 under qemu\n'
LIBQEDHEAP=$(realpath build/libqedheap.a) tests/embedded/run.sh demo | sed '/messages waiting/d; s/^/    /'
