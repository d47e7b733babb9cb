#!/usr/bin/env python3
"""Measures qedmalloc beside other allocators: tests/bench/run.py [--rounds N] [--only TEXT] [--peers NAME...] [--out DIR]

All peers run a benchmark one after the other, then again, for each of the rounds, so that what else the machine does
meets all of them. Instructions are counted by valgrind, in two runs of which one is longer: the difference is that of the
operations alone, and the same on any machine. Writes results.csv, results.md and plots; what is not installed is
skipped, and named."""
import argparse
import csv
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
os.chdir(HERE.parent.parent)
import report  # noqa: E402

BUILT = Path("build/bench").resolve()
# Where the libraries are, and the Debian packages that bring them. The second jemalloc is a copy: what differs is noise.
PEERS = {
    "libc": ("", ""),
    "qedmalloc": ("build/libqedmalloc.so", ""),
    "jemalloc": ("/usr/lib/*/libjemalloc.so.2", "libjemalloc2"),
    "jemalloc again": ("/usr/lib/*/libjemalloc.so.2", "libjemalloc2"),
    "mimalloc": ("/usr/lib/*/libmimalloc.so.2", "libmimalloc2.0"),
    "tcmalloc": ("/usr/lib/*/libtcmalloc_minimal.so.4", "libtcmalloc-minimal4"),
    "tbbmalloc": ("/usr/lib/*/libtbbmalloc_proxy.so.2", "libtbbmalloc2"),
    "scudo": ("/usr/lib/llvm-14/lib/clang/14*/lib/linux/libclang_rt.scudo_standalone-x86_64.so", "libclang-rt-14-dev"),
    "free lists": ("build/bench/libfreelist.so", ""),
}
COUNTED = 10**4  # operations, and twice that, are enough to count instructions
MISSING = 3  # exit status of a program that lacks another


@dataclass
class Bench:
    """Arguments of build/bench/micro, or a script of tests/programs."""
    group: str
    name: str
    pattern: str = ""
    operations: int = 1
    live: int = 1
    bytes: int = 16
    threads: int = 1
    script: str = ""

    def command(self, operations):
        if self.script:  # with the `run` of this folder instead of its own
            return ["sh", "-c", f". {self.script}", HERE / "script"]
        return [BUILT / "micro", self.pattern, *map(str, (operations, self.live, self.bytes, self.threads))]


    def done(self, operations):
        """By all threads; a block that is handed off has one that allocates it and one that frees it."""
        return operations * self.threads // (2 if self.pattern == "handoff" else 1)


def benches():
    for size, operations in (16, 30), (64, 30), (512, 20), (4096, 20), (32768, 8):
        yield Bench("micro", f"pair {size}", "pair", operations * 10**6, 1, size)
    for order in "lifo", "fifo", "random":
        yield Bench("micro", f"{order} 1000 of 64", order, 16 * 10**6, 1000, 64)
    yield Bench("micro", "churn 100000 to 256", "churn", 8 * 10**6, 10**5, 256)
    yield Bench("micro", "mix 1000 to 16384", "mix", 6 * 10**6, 1000, 16384)
    yield Bench("micro", "handoff to 256", "handoff", 3 * 10**6, 1, 256, 2)
    yield Bench("micro", "server 1000 to 256", "server", 5 * 10**6, 1000, 256, 2)
    yield Bench("micro", "grow 100 to 65536", "grow", 15 * 10**5, 100, 65536)
    yield Bench("micro", "huge 16 to 8 MiB", "churn", 300, 16, 8 << 20)
    yield Bench("micro", "refill 100000 of 64", "refill", 3 * 10**6, 10**5, 64)
    for script in sorted(set(glob.glob("tests/programs/*.sh")) - {"tests/programs/tools.sh"}):  # that is mostly xz's own work
        yield Bench("program", Path(script).stem, script=script)
    for live in (10**k for k in range(3, 8)):
        if live * 400 < memory():
            yield Bench("live", f"churn of {live}", "churn", max(2 * 10**6, live), live, 128)
    for pattern in "mix", "server":
        for threads in 1, 2, 4:
            yield Bench("threads", f"{pattern} in {threads} threads", pattern, 10**6, 1000, 256, threads)


def memory():
    """Bytes that are free, of which no benchmark takes more than half."""
    return 1024 * int(re.search(r"MemAvailable: *(\d+)", Path("/proc/meminfo").read_text())[1])


def found(names, folder):
    """The libraries of the peers; a copy of its own for "again"."""
    libraries = {}
    for name in names:
        pattern, package = PEERS[name]
        files = glob.glob(pattern) if pattern else [""]
        if not files:
            print(f"skipped: {name}: apt-get install {package}" if package else f"skipped: {name}: make bench builds it")
        elif name.endswith(" again"):
            libraries[name] = shutil.copy(files[0], folder / "again.so")
        else:
            libraries[name] = files[0] and os.path.abspath(files[0])
    return libraries


class Run:
    """The peers, a folder for what is passing, and why something is left out, by benchmark and peer."""

    def __init__(self, libraries, folder):
        self.libraries, self.folder, self.skipped = libraries, folder, {}
        self.instructions, self.outputs = {}, {}

    def skip(self, bench, peer, why):
        self.skipped[bench.name, peer] = why
        print(f"skipped: {bench.name}{f' on {peer}' if peer else ''}: {why}", flush=True)

    def wanted(self, bench, peer):
        return not {(bench.name, peer), (bench.name, "")} & self.skipped.keys()

    def measure(self, bench, peer):
        """CPU and wall time in microseconds, peak memory in KiB; None if it fails, or does something else than on
        the first peer."""
        file = self.folder / "measured"
        file.unlink(missing_ok=True)
        done = subprocess.run([BUILT / "measure", file, self.libraries[peer], *bench.command(bench.operations)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        if "cannot be preloaded" in done.stderr:
            return self.skip(bench, peer, "it cannot be preloaded")
        if done.returncode == 0:
            if self.outputs.setdefault(bench.name, done.stdout) != done.stdout:
                return self.skip(bench, peer, f"another result than on {next(iter(self.libraries))}")
            return [int(number) for number in file.read_text().split()]
        lines = (done.stdout + done.stderr).strip().splitlines() or [f"exit status {done.returncode}"]
        return self.skip(bench, "" if done.returncode == MISSING else peer, lines[-1])

    def count(self, bench, peer):
        """Instructions of an operation."""
        few = max(bench.live, min(bench.operations, COUNTED))  # a whole batch
        totals = []
        for operations in few, 2 * few:
            done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *bench.command(operations)],
                                  env={**os.environ, "LD_PRELOAD": self.libraries[peer]}, capture_output=True, text=True)
            collected = re.search(r"Collected : (\d+)", done.stderr)
            if done.returncode != 0 or not collected:
                return None
            totals.append(int(collected[1]))
        return (totals[1] - totals[0]) / bench.done(few)

    def count_all(self, chosen):
        """On all cores: a load does not change the counts."""
        cells = [(bench, peer) for bench in chosen if bench.group == "micro" for peer in self.libraries]
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            counts = pool.map(lambda cell: self.count(*cell), cells)
            self.instructions = {(bench.name, peer): round(count, 1)
                                 for (bench, peer), count in zip(cells, counts) if count is not None}
        for peer in self.libraries:
            failed = [bench.name for bench, other in cells if other == peer and (bench.name, peer) not in self.instructions]
            if failed:
                print(f"skipped: instructions on {peer}, which valgrind cannot run: {', '.join(failed)}")

    def rows(self, chosen, rounds):
        for number in range(1, rounds + 1):
            for bench in chosen:
                for peer in self.libraries:
                    measured = self.wanted(bench, peer) and self.measure(bench, peer)
                    if measured:
                        yield dict(zip(report.COLUMNS, (bench.group, bench.name, bench.pattern, bench.live, bench.threads,
                                                        bench.done(bench.operations + bench.live), peer, number, *measured,
                                                        self.instructions.get((bench.name, peer), ""))))
            print(f"round {number} of {rounds} done", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", default="", help="benchmarks with this in \"group: name\"")
    options.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    options.add_argument("--out", type=Path, default=BUILT)
    options = options.parse_args()
    chosen = [bench for bench in benches() if options.only in f"{bench.group}: {bench.name}"]
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(found(options.peers, Path(folder)), Path(folder))
        run.count_all(chosen)
        with (options.out / "results.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, report.COLUMNS, lineterminator="\n")
            table.writeheader()
            for row in run.rows(chosen, options.rounds):
                table.writerow(row)
                file.flush()
    return report.write(options.out)


if __name__ == "__main__":
    sys.exit(main())
