#!/usr/bin/env python3
"""Shows that the tests find bugs: plants small ones in the core, one by one, and sees what notices.

    tests/mutants/run.py [--sample N | --only TEXT] [--matrix | --wp] [--fresh]

A mutant that does not compile, or to the same object code, is none. The others are killed by the first
column that notices: a unit test fails, the replay of the corpus, the exhaustive search, random traces, or fuzzing
for ten seconds. One that lives fails the run, unless accepted.txt has it: an entry there is a reason, module and
function, and the line before and after. The reason begins with "equivalent:" if nobody could notice, and with
"missed:" if the harness should. An entry that fits no mutant, or one that is killed, fails as well.

A run goes on where the last one ended, and asks survivors again once the tests have changed. Unless it was a sample it
writes mutants.txt, mutants.json and index.html in build/mutants.

    --sample  some, the same ones every time, without regard to earlier answers
    --only    those with the text in "module: function: line => line"
    --matrix  ask all columns, not only up to the first that notices
    --wp      ask the proof and nothing else: all goals of the function, under the hosted configuration. One that it
              does not notice does not fail the run: no contract may speak of it
    --fresh   forget earlier answers
"""
import argparse
import fcntl
import hashlib
import json
import os
import queue
import random
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
os.chdir(HERE.parent.parent)
import page  # noqa: E402
from bench import COLUMNS, CORE, MODULES, OUT, PRESETS, QUICK, REFUSED, Bench, Flavour, prove  # noqa: E402
from mutate import mutants  # noqa: E402

FLAGS = "-std=c11", "-I.", "-Isrc", "-Isrc/embedded"


def digest(*patterns):
    hashed = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(p for p in Path().glob(pattern) if p.is_file()):
            hashed.update(path.read_bytes())
    return hashed.hexdigest()[:16]


class State:
    """Earlier answers: kills while the mutated file is the same, survivals while the core and its tests are."""

    def __init__(self, path, fresh):
        self.path = path
        self.files = {module: digest(f"src/{module}.c", "src/*/preset.h") for module in CORE}
        self.all, self.cells = digest("GNUmakefile", "src/**/*.[ch]", "spec/*", "tests/*.[ch]", "fuzz/**/*"), {}
        for line in path.read_text().splitlines() if path.exists() and not fresh else []:
            entry = json.loads(line)
            same = entry["file"] == self.files[entry["key"].split(":")[0]]
            if same and (entry["all"] == self.all or any(entry["cells"].values())):
                self.cells[entry["key"]] = entry["cells"]

    def add(self, mutant):
        with self.path.open("a") as file:
            file.write(json.dumps({"key": mutant.key, "file": self.files[mutant.module], "all": self.all,
                                   "cells": self.cells[mutant.key]}) + "\n")


def accepted():
    """The reasons, by the key of the mutant."""
    reasons = {}
    for entry in (HERE / "accepted.txt").read_text().split("\n\n"):
        lines = [line for line in entry.splitlines() if not line.startswith("#")]
        if lines:
            match = re.fullmatch(r"((?:equivalent|missed): .+)\n(\w+: \w+)\n- (.+)\n\+ (.+)", "\n".join(lines))
            if not match:
                raise SystemExit(f"accepted.txt: no entry: {lines[0]}")
            reason, place, old, new = match.groups()
            reasons[f"{place}: {old} => {new}"] = reason
    return reasons


class Judge:
    """Asks about mutants, each on a bench that is free."""

    def __init__(self, options, reasons):
        self.options, self.reasons, self.benches = options, reasons, queue.Queue()
        name, once = ("proof", False) if options.wp else ("sample", True) if options.sample else ("state", False)
        self.state = State(OUT / f"{name}.jsonl", options.fresh or once)
        flavours = {name: Flavour(name) for name in (*PRESETS, "tiny", "fuzz") if (OUT / name).exists()}
        self.workers = len(os.sched_getaffinity(0))
        for number in range(self.workers):
            self.benches.put(Bench(number, flavours))
        self.originals = {module: self.original(module) for module in CORE}

    def original(self, module):
        """The object code of the module as it is; when all have been seen, nothing must be noticed."""
        bench = self.benches.queue[0]
        bench.load(module, Path(f"src/{module}.c").read_text())
        found = module == CORE[-1] and "".join(bench.ask(column) for column in COLUMNS if column not in ("fuzz", "wp"))
        if found:
            raise SystemExit(f"without any mutant: {found}")
        return bench.object_codes()

    def columns(self, mutant, cells, quick):
        """Those to be asked, of which the first that notices will do. What is accepted is asked quickly."""
        if self.options.wp:
            return [] if quick or "wp" in cells else ["wp"]
        quick |= mutant.key in self.reasons and not self.options.matrix
        idle = {"wp", "fuzz" if mutant.module == "check" else ""}  # the fuzzer has its own check
        return [column for column in (QUICK if quick else COLUMNS) if column not in idle and column not in cells]

    def cells(self, mutant, quick):
        """What each column says of the mutant, up to the first that notices it."""
        cells = self.state.cells.setdefault(mutant.key, {})
        columns = self.columns(mutant, cells, quick)
        if columns and "compile" not in cells and (self.options.matrix or not any(cells.values())):
            bench = self.benches.get()
            try:
                self.examine(mutant, columns, cells, bench)
            finally:
                self.benches.put(bench)
            self.state.add(mutant)
        return cells

    def is_same(self, mutant, bench):
        return bench.object_codes() == self.originals[mutant.module]

    def examine(self, mutant, columns, cells, bench):
        bench.load(mutant.module, mutant.text)
        for column in columns:
            same = column == "wp" and self.is_same(mutant, bench)
            cells[column] = "" if same else prove(mutant) if column == "wp" else bench.ask(column)
            if same or cells[column] == REFUSED or column == "unit" and not cells[column] and self.is_same(mutant, bench):
                cells["compile"] = cells.pop(column) or "same object code"
                return
            if cells[column] and not self.options.matrix:
                return

    def verdict(self, mutant, quick):
        cells, reason = self.cells(mutant, quick), self.reasons.get(mutant.key, "")
        by = next((column for column, text in cells.items() if text), reason.split(":")[0] or "SURVIVED")
        return {"key": mutant.key, "module": mutant.module, "function": mutant.function, "old": mutant.old,
                "new": mutant.new, "by": by, "reason": reason, "cells": cells}


def show(number, total, verdict, quick):
    """A line for each survivor; how far it is, on a terminal all the time and in a log now and then."""
    terminal = sys.stderr.isatty()
    if verdict["by"] == "SURVIVED" and not quick:
        print(f"SURVIVED: make mutants ONLY='{verdict['module']}: {verdict['function']}:'\n"
              f"- {verdict['old']}\n+ {verdict['new']}", flush=True)
    if terminal or number % 200 == 0:
        how = "quickly" if quick else "thoroughly"
        print(f"mutants: {number}/{total} {how}, now in {verdict['module']}" + "\033[K" * terminal,
              end="\r" if terminal else "\n", file=sys.stderr, flush=True)


def wrong_entries(reasons, everything, verdicts):
    for key in sorted(set(reasons) - {mutant.key for mutant in everything}):
        yield f"accepted.txt: fits no mutant: {key}"
    for verdict in verdicts:
        if verdict["reason"] and verdict["by"] in ("compile", *COLUMNS):
            yield f"accepted.txt: {verdict['by']} notices: {verdict['key']}"


def lock():
    """The benches are for one run at a time."""
    file = (OUT / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit("another run is on in build/mutants") from None
    return file


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sample", type=int)
    options.add_argument("--only", default="")
    for name in "matrix", "wp", "fresh":
        options.add_argument(f"--{name}", action="store_true")
    options = options.parse_args()
    _locked, started, reasons = lock(), time.time(), accepted()
    everything = [mutant for module in CORE for mutant in mutants(Path(f"src/{module}.c"), FLAGS)]
    chosen = [mutant for mutant in everything if options.only in mutant.key and not (options.wp and mutant.module not in MODULES)]
    if options.sample:
        chosen = [chosen[i] for i in sorted(random.Random(1).sample(range(len(chosen)), options.sample))]
    judge, verdicts = Judge(options, reasons), []
    with ThreadPoolExecutor(judge.workers) as pool:
        for quick in (True, False):
            verdicts = []
            for verdict in pool.map(lambda mutant: judge.verdict(mutant, quick), chosen):
                verdicts.append(verdict)
                show(len(verdicts), len(chosen), verdict, quick)
    print("\n".join([*page.summary(verdicts), *(page.alone(verdicts) if options.matrix else [])]))
    if not options.sample and not options.wp:
        page.write(verdicts)
    wrong = [] if options.wp else [*wrong_entries(reasons, everything, verdicts)]
    survivors = sum(verdict["by"] == "SURVIVED" for verdict in verdicts)
    print("\n".join([*wrong, f"mutants: {survivors} of {len(verdicts)} survived, {time.time() - started:.0f} s"]))
    return 1 if survivors and not options.wp or wrong or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
