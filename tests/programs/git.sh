#!/bin/sh
# git: a history of commits, branches and merges; packed, checked, read back.
. "$(dirname "$0")/run"
need git git
export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@example.org
export GIT_AUTHOR_DATE='2020-01-01T00:00:00 +0000' GIT_COMMITTER_DATE='2020-01-01T00:00:00 +0000'

# change SEED: rewrites some of 200 files
change() {
    awk -v seed="$1" 'BEGIN {
        x = seed
        for (f = 0; f < 200; f++) {
            if (seed > 1 && (f * 7 + seed) % 5) continue
            name = sprintf("d%d/f%d.txt", f % 10, f)
            for (l = 0; l < 20 + f % 180; l++) {
                x = (x * 69069 + 1) % 4294967296
                printf "line %d of %d: %.0f %.0f\n", l, f, int(x / 65536), l % 3 ? f : x > name
            }
            close(name)
        }
    }'
}

history() {
    git init -q -b main . && git config pack.threads 2
    mkdir d0 d1 d2 d3 d4 d5 d6 d7 d8 d9
    for n in 1 2 3 4 5 6; do
        change $n
        git add -A
        git commit -q -m "commit $n"
    done
    git checkout -q -b side HEAD~2
    echo side >side.txt
    git add side.txt
    git commit -q -m side
    git checkout -q main
    git merge -q -m merge side
    git tag -a -m tag v1
    git gc -q --aggressive --prune=now
    git fsck --full --strict
    git log --stat --format='%H %T %s'
    git log -p --follow d3/f3.txt | sha256sum
    git blame d1/f11.txt | sha256sum
    git grep -c 'line 1[0-9] ' | tail -5
    git rev-list --objects --all | cut -d' ' -f1 | git cat-file --batch | sha256sum
    git clone -q --no-local . copy
    git -C copy rev-parse HEAD
    git -C copy status --short
    git archive v1 | sha256sum
}
same "git: init, add, commit, merge, gc, fsck, log, blame, clone" git history
