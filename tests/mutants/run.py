#!/usr/bin/env python3
"""Shows that the tests find bugs: plants small ones in the core, one by one, and sees what notices.

    tests/mutants/run.py [--sample N | --only TEXT] [--matrix] [--wp] [--fresh]

A mutant that does not compile, or to the same object code, is none. The others are killed by the first
column that notices: a unit test fails, the replay of the corpus, the exhaustive search, random traces, or fuzzing
for ten seconds. One that lives fails the run, unless accepted.txt has it: an entry there is a reason, module and
function, and the line before and after. The reason begins with "equivalent:" if nobody could notice, and with
"missed:" if the harness should. An entry that fits no mutant, or one that is killed, fails as well.

A run goes on where the last one ended. It asks survivors again once the core or a test has changed, and killed ones once
their file has, or what killed them: the unit test, anything in fuzz/, the contracts. Unless it was a sample it
writes mutants.txt, mutants.json and index.html in build/mutants, with what the proof is known to say.

    --sample  some, the same ones every time, without regard to earlier answers
    --only    those with the text in "module: function: line => line"
    --matrix  ask all columns, not only up to the first that notices
    --wp      ask the proof: all goals of the function, under the hosted configuration; and nothing else, unless it is to
              be a matrix. One that it does not notice does not fail the run: no contract may speak of it
    --fresh   forget earlier answers of what is asked
"""
import argparse
import fcntl
import hashlib
import json
import os
import queue
import random
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
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


@cache
def killer(module, column, program):
    """A digest of what a column has killed a mutant of the module with."""
    if column == "wp":
        listed = subprocess.run(["gcc", "-MM", *FLAGS, f"src/{module}.c"], capture_output=True, text=True, check=True).stdout
        return digest(*listed.replace("\\\n", " ").split()[1:])
    test = Path(f"tests/{program}.c")
    tests = (str(test), "tests/*.h") if column in ("unit", "traces") else ()
    fuzz = column != "unit" or test.exists() and '"fuzz/' in test.read_text()
    return digest(*tests, *(("fuzz/**/*.[ch]", f"fuzz/corpus/{program}/*") if fuzz else ()))


class State:
    """Earlier answers: kills while the mutated file and the killers are the same, survivals while the core and its tests are."""

    def __init__(self, path, fresh):
        self.path = path
        self.files = {module: digest(f"src/{module}.c", "src/*/preset.h") for module in CORE}
        self.all, self.cells = digest("GNUmakefile", "src/**/*.[ch]", "spec/*", "tests/*.[ch]", "fuzz/**/*"), {}
        for line in path.read_text().splitlines() if path.exists() and not fresh else []:
            entry = json.loads(line)
            module, cells = entry["key"].split(":")[0], entry["cells"]
            same = entry["file"] == self.files[module] and entry.get("by") == self.killers(module, cells)
            if same and (entry["all"] == self.all or any(cells.values())):
                self.cells[entry["key"]] = cells
            else:
                self.cells.pop(entry["key"], None)

    def killers(self, module, cells):
        return [killer(module, column, "" if column == "wp" else re.match(r"\w+/(\w+):", text)[1])
                for column, text in cells.items() if text and column in COLUMNS]

    def add(self, mutant):
        cells = self.cells[mutant.key]
        with self.path.open("a") as file:
            file.write(json.dumps({"key": mutant.key, "file": self.files[mutant.module], "all": self.all,
                                   "by": self.killers(mutant.module, cells), "cells": cells}) + "\n")


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
        self.tests = State(OUT / f"{'sample' if options.sample else 'state'}.jsonl", options.sample or options.fresh and self.asks("unit"))
        self.proof = State(OUT / "proof.jsonl", options.fresh and self.asks("wp"))
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

    def asks(self, column):
        return self.options.wp if column == "wp" else self.options.matrix or not self.options.wp

    def judges(self, column):
        """Whether a mutant that the column notices has not survived: what the proof says counts where nothing else is asked."""
        return column != "wp" or not self.asks("unit")

    def columns(self, state, mutant, cells, quick):
        """Those to be asked, of which the first that notices will do. What is accepted is asked quickly."""
        reason, proved = self.reasons.get(mutant.key, ""), state is self.proof
        if proved and (quick or mutant.module not in MODULES or reason.startswith("equivalent")):
            return []
        quick |= bool(reason) and not self.options.matrix and not proved
        idle = "fuzz" if mutant.module == "check" else ""  # the fuzzer has its own check
        return [column for column in (QUICK if quick else COLUMNS) if (column == "wp") == proved and self.asks(column) and
                column != idle and column not in cells]

    def cells(self, mutant, quick):
        """What each column says of the mutant: of the tests up to the first that notices it, unless all are asked."""
        known = {}
        for state in [self.tests, self.proof] if self.asks("unit") else [self.proof]:
            cells = state.cells.setdefault(mutant.key, {})
            columns = [] if "compile" in {**known, **cells} else self.columns(state, mutant, cells, quick)
            if columns and (self.options.matrix or not any(cells.values())):
                bench = self.benches.get()
                try:
                    self.examine(mutant, columns, cells, bench)
                finally:
                    self.benches.put(bench)
                state.add(mutant)
            known = {**known, **cells}
        return known

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
        by = next((column for column, text in cells.items() if text and (column == "compile" or self.judges(column))),
                  reason.split(":")[0] or "SURVIVED")
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
    chosen = [mutant for mutant in everything if options.only in mutant.key and
              (options.matrix or not options.wp or mutant.module in MODULES)]
    if options.sample:
        chosen = [chosen[i] for i in sorted(random.Random(1).sample(range(len(chosen)), options.sample))]
    judge, verdicts = Judge(options, reasons), []
    with ThreadPoolExecutor(judge.workers) as pool:
        for quick in (True, False):
            verdicts = []
            for verdict in pool.map(lambda mutant: judge.verdict(mutant, quick), chosen):
                verdicts.append(verdict)
                show(len(verdicts), len(chosen), verdict, quick)
    print("\n".join([*page.summary(verdicts), *(page.alone(verdicts) if options.matrix else []),
                     *(page.union(verdicts) if options.matrix and options.wp else [])]))
    if not options.sample and judge.asks("unit"):
        page.write(verdicts)
    wrong = [] if not judge.asks("unit") else [*wrong_entries(reasons, everything, verdicts)]
    survivors = sum(verdict["by"] == "SURVIVED" for verdict in verdicts)
    print("\n".join([*wrong, f"mutants: {survivors} of {len(verdicts)} survived, {time.time() - started:.0f} s"]))
    return 1 if survivors and judge.asks("unit") or wrong or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
