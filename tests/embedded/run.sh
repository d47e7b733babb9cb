#!/bin/sh
# The embedded library's tests, demo and size:  run.sh [host] [freestanding] [cortex-m4] [demo] [size]
#
#   host          every program with a C library, plain and with sanitizers, at two capacities
#   freestanding  the library needs no symbol, and every program runs without a C library (x86-64)
#   cortex-m4     the same for a Cortex-M4, under qemu
#   demo          the firmware, here and on the Cortex-M4
#   size          bytes of code and read-only data on the Cortex-M4
#
# Without arguments: the first three. Tools are $CC, $CXX, $ARM_CC, $ARM_SIZE, $QEMU; $LIBQEDHEAP, if set, is the
# archive that the host's plain programs are linked with instead of the sources.
set -eu
cd "$(dirname "$0")/../.."

CC=${CC:-gcc} CXX=${CXX:-g++} ARM_CC=${ARM_CC:-arm-none-eabi-gcc} QEMU=${QEMU:-qemu-system-arm}
modules=$(sed -n 's/ magazine cache / /; s/^core //p; s/^embedded //p' ci/layers)
programs='api misuse clients firmware proved'
warnings='-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wundef -Wshadow -Werror'
includes='-I. -Isrc -Isrc/embedded'
# A freestanding gcc may still turn loops into calls of memset and memcpy, and some check the stack by default.
freestanding='-ffreestanding -nostdlib -fno-tree-loop-distribute-patterns -fno-stack-protector'
cortex_m4='-mcpu=cortex-m4 -mthumb -Os -ffunction-sections -fdata-sections'
limit=120 # seconds for a program

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

need() { # TOOL PACKAGE
    command -v "$1" >/dev/null && return
    echo "tests/embedded/run.sh: $1 is missing: install the package $2" >&2
    exit 1
}

# The flags that $1 understands: clang has no -fno-tree-loop-distribute-patterns, and needs none.
flags_of() { # COMPILER FLAG...
    compiler=$1
    shift
    for flag; do
        if "$compiler" -Werror "$flag" -x c -c /dev/null -o "$out/probe.o" 2>/dev/null; then printf '%s ' "$flag"; fi
    done
}

# Ends the script unless the program succeeds and its last words are "ok". Its output is in $out/log.
passes() { # WHAT COMMAND...
    what=$1
    shift
    if timeout "$limit" "$@" >"$out/log" 2>&1 </dev/null && tail -n 1 "$out/log" | grep -q ': ok$'; then
        echo "embedded: $what: ok"
    else
        echo "embedded: $what: FAILED" >&2
        tail -n 20 "$out/log" >&2
        exit 1
    fi
}

# The whole library as one object, $out/library.o.
library() { # COMPILER FLAG...
    compiler=$1
    shift
    for m in $modules; do "$compiler" $warnings $includes "$@" -c "src/$m.c" -o "$out/$m.o"; done
    (cd "$out" && for m in $modules; do echo "$m.o"; done | xargs "$compiler" -nostdlib -r -o library.o)
}

# The same; ends the script if it refers to anything outside.
complete_library() { # COMPILER FLAG...
    library "$@"
    missing=$(nm -u "$out/library.o")
    [ -z "$missing" ] && return
    echo "embedded: $*: the library needs" $missing >&2
    exit 1
}

on_host() { # PROGRAM WHAT LIBRARY FLAG...
    program=$1 what=$2 library=$3
    shift 3
    "$CC" $warnings $includes "$@" "tests/embedded/$program.c" tests/embedded/host.c "$library" -o "$out/$program"
    passes "$program$what" "$out/$program"
}

host() {
    need "$CC" gcc
    need "$CXX" g++
    echo '#include "qed_heap.h"' >"$out/header.cc"
    "$CXX" -Isrc -Wall -Wextra -Wpedantic -Wconversion -Wundef -Wshadow -Werror -fsyntax-only "$out/header.cc"
    [ -n "${LIBQEDHEAP:-}" ] || library "$CC" -O2
    for p in $programs; do on_host "$p" "" "${LIBQEDHEAP:-$out/library.o}" -O2; done
    flags='-O1 -g -DQED_HEAP_CHUNKS=4 -fsanitize=address,undefined -fno-sanitize-recover'
    library "$CC" $flags
    for p in $programs; do on_host "$p" ", sanitized, capacity of 4 chunks" "$out/library.o" $flags; done
    flags='-O2 -DQED_HEAP_CHUNKS=1022'
    library "$CC" $flags
    on_host clients ", capacity of 1022 chunks" "$out/library.o" $flags
}

freestanding() {
    need "$CC" gcc
    flags=$(flags_of "$CC" $freestanding)
    for level in -O3 -O2 -Os; do complete_library "$CC" $flags $level; done
    echo "embedded: the library needs no symbol: ok"
    if [ "$("$CC" -dumpmachine | cut -d - -f 1)" != x86_64 ]; then
        echo "embedded: programs without a C library: skipped, they are for x86-64"
        return
    fi
    for p in $programs; do
        "$CC" $warnings $includes $flags -Os -static "tests/embedded/$p.c" tests/embedded/linux.c "$out/library.o" \
            -o "$out/$p"
        passes "$p without a C library" "$out/$p"
    done
}

firmware_image() { # PROGRAM
    "$ARM_CC" $warnings $includes $freestanding $cortex_m4 -Wl,--gc-sections -T tests/embedded/cortex-m4.ld \
        "tests/embedded/$1.c" tests/embedded/cortex-m4.c "$out/library.o" -o "$out/$1.elf"
}

on_cortex_m4() { # PROGRAM
    echo "$QEMU -M mps2-an386 -display none -serial none -monitor none -semihosting -kernel $out/$1.elf"
}

cortex_m4() {
    need "$ARM_CC" gcc-arm-none-eabi
    need "$QEMU" qemu-system-arm
    complete_library "$ARM_CC" $freestanding $cortex_m4
    echo "embedded: the library needs no symbol on a Cortex-M4: ok"
    for p in $programs; do
        firmware_image "$p"
        passes "$p on a Cortex-M4" $(on_cortex_m4 "$p")
    done
}

demo() {
    need "$CC" gcc
    need "$ARM_CC" gcc-arm-none-eabi
    need "$QEMU" qemu-system-arm
    [ -n "${LIBQEDHEAP:-}" ] || library "$CC" -O2
    on_host firmware ", a data logger on a static heap" "${LIBQEDHEAP:-$out/library.o}" -O2
    sed 's/^/    /' "$out/log"
    library "$ARM_CC" $freestanding $cortex_m4
    firmware_image firmware
    passes "the same on a Cortex-M4, under qemu" $(on_cortex_m4 firmware)
    sed 's/^/    /' "$out/log"
}

# Bytes of a program that only refers to these functions.
linked_size() { # FUNCTION...
    wanted=$(printf -- '-Wl,-u,qed_heap_%s ' "$@")
    "$ARM_CC" $cortex_m4 $freestanding -Wl,--gc-sections -Wl,-e,qed_heap_init_sized $wanted "$out/library.o" -o "$out/size.elf"
    "${ARM_SIZE:-arm-none-eabi-size}" "$out/size.elf" | awk 'NR == 2 { print $1 }'
}

size() {
    need "$ARM_CC" gcc-arm-none-eabi
    library "$ARM_CC" $freestanding $cortex_m4
    base='init_sized alloc free'
    most="$base calloc aligned realloc usable reset verdict_name"
    echo "libqedheap on a Cortex-M4 at -Os, bytes of code and read-only data:"
    printf '%8d  init, alloc, free\n' "$(linked_size $base)"
    printf '%8d  all but check and statistics\n' "$(linked_size $most)"
    printf '%8d  all\n' "$(linked_size $most check stats)"
}

[ $# -gt 0 ] || set -- host freestanding cortex_m4
for part; do
    case $part in
        host | freestanding | demo | size) "$part" ;;
        cortex-m4 | cortex_m4) cortex_m4 ;;
        *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
