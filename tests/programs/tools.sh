#!/bin/sh
# sort, tar, xz, awk: threads, long lines, big buffers.
. "$(dirname "$0")/run"
need sort coreutils
need tar tar
need xz xz-utils
need awk mawk

numbers() {
    awk 'BEGIN { for (x = i = 1; i <= 200000; i++) { x = (x * 69069 + 1) % 4294967296; printf "%.0f %d\n", x, i } }'
}
sorting() {
    numbers | tee numbers | sort -n --parallel=4 -S 8M | sha256sum
    sort -k2,2 -r numbers | head -3
    awk '{ n[$1 % 5000]++; s[$1 % 5000] = s[$1 % 5000] $2 "," } END { for (i in n) print i, n[i], s[i] }' numbers |
        sort | sha256sum
}
packing() {
    mkdir tree
    numbers | split -l 2000 - tree/part
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf tree.tar tree
    xz -T2 --block-size=1MiB -k tree.tar
    xz -t tree.tar.xz
    sha256sum tree.tar tree.tar.xz
    mkdir out
    tar -xJf tree.tar.xz -C out
    diff -r tree out/tree && echo same tree
}
same "sort and awk: 200,000 lines" sort sorting
same "tar and xz: packing and back" xz packing
