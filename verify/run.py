#!/usr/bin/env python3
"""Proves the annotated modules with Frama-C WP.

    verify/run.py [--fresh] [--pin | --solo] [--config CONFIG] [MODULE...]

A run is one module under one configuration. Its goals come from WP with run-time-error guards and
smoke tests. verify/goals.json pins, for each run that was proved, how many goals each function has, and the hash of
all that the proof depends on; while that is the same, the run is not repeated. Any red goal, any warning,
any difference from the pinned goal counts, and any new answer that took more than ALLOWED seconds
fails the run. Writes summary.json, goals.txt, junit.xml and verify.sarif in build/verify, and if it is asked of all
modules, in claims.md and claims.html what each claim rests on.

    --fresh   prove everything anew, without the pinned hashes and the answers in build/verify
    --pin     write those that are proved to goals.json
    --config  one configuration: hosted, embedded, or embedded-32
    --solo    ask each prover for all goals, and write in solo.txt which goals only one proves
"""
import argparse
import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import claims
import report
from answers import answers, clause_of, warnings, watch

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/verify"
GOALS = ROOT / "verify/goals.json"

# name: preset, machine. The last is the embedded preset where size_t has 32 bits, as on a Cortex-M.
CONFIGS = {
    "hosted": ("hosted", "gcc_x86_64"),
    "embedded": ("embedded", "gcc_x86_64"),
    "embedded-32": ("embedded", "gcc_x86_32"),
}

LIMIT, ALLOWED = 120, 20  # seconds that the provers have for a goal, and that it may need
ALONE_LIMIT = 5  # seconds that each has when it is asked alone
BOTH, UNFOLD = "both", "both,cvc4-unfold"
ALONE = {BOTH: ("z3", "cvc4"), UNFOLD: ("z3", "cvc4", "cvc4-unfold")}

# What is annotated so far, and the provers, see why3.conf.
MODULES = {
    "verdict": BOTH,
    "size": BOTH,
    "tree": UNFOLD,
    "tree_turn": UNFOLD,
    "tree_insert": UNFOLD,
    "tree_mend": UNFOLD,
    "tree_remove": UNFOLD,
    "run": BOTH,
    "run_dirty": BOTH,
    "region": BOTH,
    "bin": BOTH,
    "huge": BOTH,
    "large": BOTH,
    "arena": BOTH,
    "block": BOTH,
    "request": BOTH,
    "extent": BOTH,
    "heap": BOTH,
    "magazine": BOTH,
    "cache": BOTH,
    "keep": BOTH,
    "supply": BOTH,
    "inside": BOTH,
    "shell": BOTH,
    "malloc": BOTH,
    "qed_heap": BOTH,
    "proved": BOTH,
}
PROGRAMS = {"proved": "tests/embedded/proved.c"}  # what is proved of a header alone

OPTIONS = ("-c11 -wp -wp-rte -warn-unsigned-overflow -warn-unsigned-downcast -wp-model Typed+ref "
           "-wp-check-memory-model -wp-no-warn-memory-model -wp-smoke-tests -wp-smoke-timeout 1 -wp-par 6 "
           "-wp-no-ground").split()  # which takes longer, and proves no more

COMMENT = re.compile(r"/\*[^@].*?\*/|//[^@\n][^\n]*", re.DOTALL)
CACHE_LINE = re.compile(r"\[wp\] \[Cache\] (?:found:(\d+))?(?:, )?(?:updated:(\d+))?")


def output(*command, cwd=None):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=cwd).stdout


def why3_config():
    """Writes the configuration of Why3 for this machine; its path."""
    BUILD.mkdir(parents=True, exist_ok=True)
    words = {prover: re.search(r"version ([\d.]+)", output(prover, "--version"))[1] for prover in ("cvc4", "z3")}
    words["drivers"] = output("why3", "--print-datadir").strip() + "/drivers"
    words["build"], words["verify"] = str(BUILD), str(ROOT / "verify")
    for name in "why3.conf", "cvc4-unfold.drv":
        text = (ROOT / "verify" / name).read_text()
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value)
        (BUILD / name).write_text(text)
    return BUILD / "why3.conf"


@cache
def tools():
    """The versions of the tools, and how Why3 calls the provers."""
    versions = [output(*command) for command in (("frama-c", "-version"), ("why3", "--version"))]
    return "\n".join([*versions, *((BUILD / name).read_text().replace(str(ROOT), "") for name in ("why3.conf", "cvc4-unfold.drv")),
                      (ROOT / "verify/ask").read_text()])


def source(module):
    return PROGRAMS.get(module, f"src/{module}.c")


@cache
def layers():
    """The modules in the order of their layers, programs last: the layer of each."""
    lines = [line.split() for line in (ROOT / "ci/layers").read_text().splitlines()]
    return {module: name for name, *modules in [*lines, ["embedded", *PROGRAMS]] for module in modules}


def configs(module):
    """Those under which the module is proved: a shell has but one preset."""
    return [name for name, (preset, _) in CONFIGS.items() if layers()[module] in ("core", preset)]


def wp(module, config, session, provers=None, timeout=None):
    """The command that asks for the goals of a module; what to ask them of is still to be added."""
    preset, machine = CONFIGS[config]
    layer = module.split("_")[0].upper()  # whose invariant is open
    return ["frama-c", "-machdep", machine, f"-cpp-extra-args=-I. -Isrc -Isrc/{preset} -DPROVE_{layer}", *OPTIONS,
            "-wp-prover", provers or MODULES[module], "-wp-timeout", str(timeout or LIMIT),
            "-wp-session", session]


class Run:
    """One module under one configuration."""

    def __init__(self, module, config, session="session"):
        self.module, self.config = module, config
        self.session = BUILD / session / config / module
        self.dir = BUILD / "log" / config
        self.dir.mkdir(parents=True, exist_ok=True)
        self.seconds, self.cached, self.asked = 0, 0, 0
        self.red, self.answers, self.functions, self.repeated = [], [], {}, False

    def key(self):
        """The hash of what the proof depends on: the sources without mere comments, the command, the tools."""
        preset, _ = CONFIGS[self.config]
        listed = output("gcc", "-MM", "-I.", "-Isrc", f"-Isrc/{preset}", source(self.module), cwd=ROOT)
        digest = hashlib.sha256("\n".join([*wp(self.module, self.config, ""), tools()]).encode())
        for name in sorted({*listed.replace("\\\n", " ").split()[1:]}):
            digest.update(" ".join(COMMENT.sub(" ", (ROOT / name).read_text()).split()).encode())
        return digest.hexdigest()

    def settle(self, pinned, fresh, pin, why3):
        """Proves, unless the same has been proved before."""
        if fresh:
            shutil.rmtree(self.session, ignore_errors=True)
        for answer in self.session.glob("cache/*.json"):
            if f'"timeout", "time": {LIMIT}.' in answer.read_text():  # the machine may have been busy
                answer.unlink()
        self.proved_key = self.key()
        if fresh or pin or pinned.get("key") != self.proved_key:
            self.prove(pin, why3)
            return
        self.functions = {f: {"proved": n, "total": n, "seconds": 0} for f, n in pinned["goals"].items()}

    def prove(self, pin, why3):
        self.repeated = True
        counted = self.dir / f"{self.module}.json"
        places = self.dir / f"{self.module}.csv"
        for old in counted, places:
            old.unlink(missing_ok=True)
        command = [*wp(self.module, self.config, self.session), "-wp-cache", "cleanup" if pin else "update",
                   "-wp-report-json", counted, source(self.module), "-then", "-report-csv", places]
        started = time.time()
        status, lines = watch(command, f"{self.module}, {self.config}", ROOT, why3)
        self.seconds = time.time() - started
        (self.dir / f"{self.module}.log").write_text("\n".join(lines) + "\n")
        if status != 0 or not counted.exists():
            self.add_red("frama-c failed", lines[-3:])
        else:
            self.read_log(lines, counted, places)

    def add_red(self, goal, tried, clause="frama-c", function="", file="", line=0):
        self.red.append({"module": self.module, "config": self.config, "file": file or source(self.module), "line": line,
                         "function": function, "goal": goal, "clause": clause, "provers": tried})

    def read_log(self, lines, counted, places):
        counts = {}
        for function, goals in json.loads(counted.read_text())["wp:functions"].items():
            sums = [g["wp:main"] for name, g in goals.items() if name != "wp:section"]
            counts[function] = (sum(s.get("valid", 0) for s in sums), sum(s["total"] for s in sums))
        rows = list(csv.DictReader(places.open(), delimiter="\t")) if places.exists() else []
        self.cached, self.asked = next((map(int, m.groups(0)) for m in map(CACHE_LINE.match, lines) if m), (0, 0))
        self.answers = list(answers(lines))
        for warning, behind in warnings(lines):
            self.add_red(warning, [behind], "warning")
        times = defaultdict(float)
        for answer in self.answers:
            function = self.function_of(answer.goal, counts)
            times[function] += answer.seconds
            goal, clause = answer.goal[len(function) + 1:], clause_of(answer.goal)
            if not answer.proved:
                self.add_red(goal, answer.tried, clause, function, *self.place_of(answer, function, rows))
            elif answer.seconds > ALLOWED and not answer.cached:
                self.add_red(goal, [f"{answer.by}: {answer.seconds:.1f} s, more than {ALLOWED} s"],
                             clause, function, *self.place_of(answer, function, rows))
        self.functions = {f: {"proved": p, "total": t, "seconds": round(times[f], 1)} for f, (p, t) in sorted(counts.items())}
        unexplained = sum(t - p for p, t in counts.values()) - sum(not answer.proved for answer in self.answers)
        if unexplained > 0:
            self.add_red(f"{unexplained} more goals not proved", [])

    @staticmethod
    def function_of(goal, functions):
        return max((f for f in functions if goal.startswith(f + "_")), key=len, default="")

    @staticmethod
    def place_of(answer, function, rows):
        """File and line of a goal: those of the property of its function that is most like it."""
        match = re.search(r"(\S+):(\d+): Warning", answer.text)
        if answer.smoke and match:
            return match[1], int(match[2])
        clause = clause_of(answer.goal)

        def likeness(row):
            file = ROOT / row["directory"] / row["file"]
            source = file.read_text().splitlines()[int(row["line"]) - 1] if file.exists() else ""
            return (row["status"] == "Unknown", f" {clause}:" in f" {row['property']} {source}",
                    row["property kind"] == clause, row["property kind"].split()[0] in answer.goal.split("_"))

        row = max((row for row in rows if row["function"] == function), key=likeness, default=None)
        return (f"{row['directory']}/{row['file']}", int(row["line"])) if row else ("", 0)

    def print(self):
        proved, total = (sum(f[k] for f in self.functions.values()) for k in ("proved", "total"))
        if not self.repeated:
            print(f"{self.module}, {self.config}: {proved}/{total}, the same as when they were pinned")
            return
        print(f"{self.module}, {self.config}: {proved}/{total} in {self.seconds:.1f} s, answers: {self.cached} cached, {self.asked} new")
        for name, f in self.functions.items():
            print(f"    {name:<24} {f['proved']:>4}/{f['total']:<4} {f['seconds']:>7.1f} s")
        for r in self.red:
            print(f"    RED {report.place(r)}: {r['function']}: {r['goal']}")
            for tried in r["provers"]:
                print(f"        {tried}")
        sys.stdout.flush()

    def compare(self, pinned):
        """Each difference from the pinned goal counts."""
        now = {name: f["total"] for name, f in self.functions.items()}
        return [{"module": self.module, "config": self.config, "file": "verify/goals.json", "line": 0, "function": name,
                 "clause": "goal-count", "provers": [],
                 "goal": f"{self.module}, {self.config}: {name or 'a lemma'}: {now.get(name, 'no')} goals, "
                         f"pinned are {pinned.get(name, 'none')}"}
                for name in sorted({*now, *pinned}) if now.get(name) != pinned.get(name)]


def pin(run, pinned):
    goals = {name: f["total"] for name, f in run.functions.items()}
    pinned.setdefault(run.config, {})[run.module] = {"key": run.proved_key, "goals": goals}
    GOALS.write_text(json.dumps(pinned, indent=1, sort_keys=True) + "\n")


def ask_alone(module, prover, why3):
    """What the prover alone proves of a module under its first configuration, in a time that does for nearly all, and what it
    was asked."""
    config = configs(module)[0]
    run = Run(module, config, "solo")
    _, lines = watch([*wp(module, config, run.session, prover, ALONE_LIMIT), "-wp-no-smoke-tests", "-wp-cache", "update",
                      source(module)], f"{module}, {prover}", ROOT, why3)
    asked = [answer for answer in answers(lines) if answer.by != "Qed"]
    return {answer.goal for answer in asked if answer.proved}, {answer.goal for answer in asked}


def solo(modules, why3):
    """Asks each prover alone for all goals."""
    table = BUILD / "solo.txt"
    table.unlink(missing_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = {module: {prover: pool.submit(ask_alone, module, prover, why3) for prover in ALONE[MODULES[module]]}
                for module in modules}
        for module in modules:
            mine = {prover: answer.result() for prover, answer in told[module].items()}
            print("\n".join(report.write_solo(table, module, mine, ALONE_LIMIT)), flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--fresh", action="store_true")
    options.add_argument("--pin", action="store_true")
    options.add_argument("--solo", action="store_true")
    options.add_argument("--config", choices=CONFIGS)
    options.add_argument("module", nargs="*")
    options = options.parse_args()
    for module in options.module:
        if module not in MODULES:
            raise SystemExit(f"{module}: not annotated; annotated are {', '.join(MODULES)}")
    modules = [m for m in layers() if m in MODULES and (not options.module or m in options.module)]
    pinned = json.loads(GOALS.read_text()) if GOALS.exists() else {}
    why3 = why3_config()
    if options.solo:
        return solo(modules, why3)
    runs = [Run(module, config) for module in modules for config in configs(module) if options.config in (None, config)]
    wrong = []
    with ThreadPoolExecutor(os.cpu_count() + 2) as pool:  # two more, as Frama-C often waits
        entries = {run: pinned.get(run.config, {}).get(run.module, {"goals": {}}) for run in runs}
        largest_first = sorted(runs, key=lambda run: -sum(entries[run]["goals"].values()))  # lest one is left at the end
        settled = {run: pool.submit(run.settle, entries[run], options.fresh, options.pin, why3) for run in largest_first}
        for run in runs:
            settled[run].result()
            goals = entries[run]["goals"]
            run.print()
            if not options.pin:
                wrong += run.compare(goals)
            elif not run.red:
                pin(run, pinned)
    red = [r for run in runs for r in run.red]
    proved, total = report.write(BUILD, runs, red, wrong)
    if not options.module and not options.config:
        claims.write(BUILD, runs)
    for line in report.slowest(runs, ALLOWED):
        print(line)
    for difference in wrong:
        print(f"DIFFERS {difference['goal']}; if it is meant: make verify-pin")
    print(f"verify: {proved}/{total} goals proved")
    return 1 if red or wrong or proved != total or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
