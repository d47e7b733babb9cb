#!/usr/bin/env python3
"""Proves the annotated modules with Frama-C WP.

    verify/run.py [--fresh] [--pin] [MODULE...]

A run is one module under one configuration. Its goals come from WP with run-time-error guards and
smoke tests; a goal whose answer is in the proof cache is not asked again. Any red goal, any warning
and any difference from the pinned goal counts fails the run.

    --fresh   start from an empty proof cache
    --pin     when all is proved, write the goal counts and the proof cache that are committed
"""
import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/verify"
GOALS = ROOT / "verify/goals.json"
CACHE = ROOT / "verify/cache"

# name: preset, machine. The last is the embedded preset where size_t has 32 bits, as on a Cortex-M.
CONFIGS = {
    "hosted": ("hosted", "gcc_x86_64"),
    "embedded": ("embedded", "gcc_x86_64"),
    "embedded-32": ("embedded", "gcc_x86_32"),
}

# What is annotated so far: the provers in the order they are asked, and their time for a goal.
MODULES = {
    "verdict": ("cvc4,z3", 20),
    "size": ("cvc4,z3", 60),
    "tree": ("cvc4,cvc4-unfold", 30),
    "tree_turn": ("cvc4,cvc4-unfold", 30),
    "tree_insert": ("cvc4,cvc4-unfold", 30),
    "tree_mend": ("cvc4,cvc4-unfold", 30),
    "tree_remove": ("cvc4,cvc4-unfold", 30),
}

OPTIONS = ("-c11 -wp -wp-rte -warn-unsigned-overflow -warn-unsigned-downcast -wp-model Typed+ref "
           "-wp-check-memory-model -wp-no-warn-memory-model -wp-smoke-tests -wp-smoke-timeout 1 -wp-par 8").split()

PROVED = {"Valid", "Passed"}
GOAL = re.compile(r"\[wp\] \[(?P<by>[^]]*)\](?: \([^)]*\))? (?P<sort>Goal|Smoke-test) typed_ref_(?P<goal>\w+)"
                  r"(?: : (?P<answer>\w+)(?P<rest>.*))?")
CACHE_LINE = re.compile(r"\[wp\] \[Cache\] (?:found:(\d+))?(?:, )?(?:updated:(\d+))?")
SECONDS = re.compile(r"\(([\d.]+)(ms|s)\)")


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def why3_config():
    """Writes the configuration of Why3 for this machine; its path."""
    BUILD.mkdir(parents=True, exist_ok=True)
    words = {prover: re.search(r"version ([\d.]+)", output(prover, "--version"))[1] for prover in ("cvc4", "z3")}
    words["drivers"] = output("why3", "--print-datadir").strip() + "/drivers"
    words["build"] = str(BUILD)
    for name in "why3.conf", "cvc4-unfold.drv":
        text = (ROOT / "verify" / name).read_text()
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value)
        (BUILD / name).write_text(text)
    return BUILD / "why3.conf"


def core_modules():
    """The core, in the order of its layers."""
    for line in (ROOT / "ci/layers").read_text().splitlines():
        name, *modules = line.split()
        if name == "core":
            return modules
    raise SystemExit("ci/layers: no line 'core'")


class Run:
    """One module under one configuration."""

    def __init__(self, module, config, fresh):
        self.module, self.config = module, config
        self.packed = CACHE / config / f"{module}.txt"
        self.session = BUILD / "session" / config / module
        self.dir = BUILD / "log" / config
        self.dir.mkdir(parents=True, exist_ok=True)
        if fresh:
            shutil.rmtree(self.session, ignore_errors=True)
        else:
            self.unpack()

    def unpack(self):
        """Lays the committed answers beside those of earlier runs."""
        cache = self.session / "cache"
        cache.mkdir(parents=True, exist_ok=True)
        if self.packed.exists():
            for line in self.packed.read_text().splitlines():
                goal, answer = line.split(maxsplit=1)
                (cache / f"{goal}.json").write_text(answer)

    def pack(self):
        """One line a goal, in the order of their hashes."""
        self.packed.parent.mkdir(parents=True, exist_ok=True)
        answers = {entry.stem: " ".join(entry.read_text().split()) for entry in (self.session / "cache").iterdir()}
        self.packed.write_text("".join(f"{goal} {answer}\n" for goal, answer in sorted(answers.items())))

    def prove(self, pin, why3):
        provers, timeout = MODULES[self.module]
        preset, machine = CONFIGS[self.config]
        report = self.dir / f"{self.module}.json"
        places = self.dir / f"{self.module}.csv"
        for old in report, places:
            old.unlink(missing_ok=True)
        layer = self.module.split("_")[0].upper()  # whose invariant is open
        command = ["frama-c", "-machdep", machine,
                   f"-cpp-extra-args=-I. -Isrc -Isrc/{preset} -DPROVE_{layer}", *OPTIONS,
                   "-wp-prover", provers, "-wp-timeout", str(timeout),
                   "-wp-session", self.session, "-wp-cache", "cleanup" if pin else "update",
                   "-wp-report-json", report, f"src/{self.module}.c", "-then", "-report-csv", places]
        started = time.time()
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "WHY3CONFIG": str(why3)},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.seconds = time.time() - started
        (self.dir / f"{self.module}.log").write_text(done.stdout)
        self.red = []
        if done.returncode != 0 or not report.exists():
            self.functions, self.cached, self.asked = {}, 0, 0
            self.red.append({"file": f"src/{self.module}.c", "line": 0, "function": "", "goal": "frama-c failed",
                             "provers": done.stdout.strip().splitlines()[-3:]})
            return
        self.read_log(done.stdout.splitlines(), report, places)

    def read_log(self, lines, report, places):
        counts = {}
        for function, goals in json.loads(report.read_text())["wp:functions"].items():
            sums = [g["wp:main"] for name, g in goals.items() if name != "wp:section"]
            counts[function] = (sum(s.get("valid", 0) for s in sums), sum(s["total"] for s in sums))
        times, red, smoke_lines = defaultdict(float), {}, {}
        self.cached, self.asked = next((map(int, m.groups(0)) for m in map(CACHE_LINE.match, lines) if m), (0, 0))
        for number, line in enumerate(lines):
            match = GOAL.match(line)
            if match:
                goal = match["goal"]
                for amount, unit in SECONDS.findall(match["rest"] or ""):
                    times[goal] += float(amount) / (1000 if unit == "ms" else 1)
                answer = match["answer"] or match["by"]
                if answer not in PROVED:
                    tried = [] if match["answer"] is None else [f"{match['by']}: {answer}"]
                    for more in lines[number + 1:]:
                        if not more.startswith("  "):
                            break
                        tried.append(more.strip())
                    red[goal] = tried
                    if match["sort"] == "Smoke-test":
                        red[goal] = ["contradictory assumptions, or code that nothing reaches"]
                        smoke_lines[goal] = " ".join(lines[number:number + 4])
            elif "Warning:" in line and "Failed smoke-test" not in line:
                self.red.append({"file": f"src/{self.module}.c", "line": 0, "function": "", "goal": line.strip(),
                                 "provers": lines[number + 1:number + 2]})
        rows = list(csv.DictReader(places.open(), delimiter="\t")) if places.exists() else []
        for goal, tried in red.items():
            function = self.function_of(goal, counts)
            file, line = self.place_of(goal, function, rows, smoke_lines.get(goal, ""))
            self.red.append({"file": file, "line": line, "function": function,
                             "goal": goal[len(function) + 1:], "provers": tried})
        self.functions = {f: {"proved": p, "total": t,
                              "seconds": round(sum(s for g, s in times.items() if self.function_of(g, counts) == f), 1)}
                          for f, (p, t) in sorted(counts.items())}
        unexplained = sum(t - p for p, t in counts.values()) - len(red)
        if unexplained > 0:
            self.red.append({"file": f"src/{self.module}.c", "line": 0, "function": "",
                             "goal": f"{unexplained} more goals not proved", "provers": []})

    @staticmethod
    def function_of(goal, functions):
        return max((f for f in functions if goal.startswith(f + "_")), key=len, default="")

    @staticmethod
    def place_of(goal, function, rows, smoke):
        match = re.search(r"(\S+):(\d+): Warning", smoke)
        if match:
            return match[1], int(match[2])
        for row in rows:
            name = row["property"].partition(":")[0]
            if row["function"] == function and row["status"] not in ("Valid", "Considered valid") and (
                    re.search(rf"_{re.escape(name)}(_|$)", goal) or row["property kind"].split()[0] in goal.split("_")):
                return f"{row['directory']}/{row['file']}", int(row["line"])
        return "", 0

    def print(self):
        proved, total = (sum(f[k] for f in self.functions.values()) for k in ("proved", "total"))
        print(f"{self.module}, {self.config}: {proved}/{total} in {self.seconds:.1f} s, answers: {self.cached} cached, {self.asked} new")
        for name, f in self.functions.items():
            print(f"    {name:<24} {f['proved']:>4}/{f['total']:<4} {f['seconds']:>7.1f} s")
        for r in self.red:
            place = f"{r['file']}:{r['line']}" if r["line"] else r["file"]
            print(f"    RED {place}: {r['function']}: {r['goal']}")
            for tried in r["provers"]:
                print(f"        {tried}")
        sys.stdout.flush()

    def compare(self, pinned):
        """Each difference from the pinned goal counts, in words."""
        now = {name: f["total"] for name, f in self.functions.items()}
        return [f"{self.module}, {self.config}: {name or 'a lemma'}: {now.get(name, 'no')} goals, "
                f"pinned are {pinned.get(name, 'none')}"
                for name in sorted({*now, *pinned}) if now.get(name) != pinned.get(name)]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--fresh", action="store_true")
    options.add_argument("--pin", action="store_true")
    options.add_argument("module", nargs="*")
    options = options.parse_args()
    for module in options.module:
        if module not in MODULES:
            raise SystemExit(f"{module}: not annotated; annotated are {', '.join(MODULES)}")
    modules = [m for m in core_modules() if m in MODULES and (not options.module or m in options.module)]
    pinned = json.loads(GOALS.read_text()) if GOALS.exists() else {}
    why3 = why3_config()
    runs, wrong = [], []
    for module in modules:
        for config in CONFIGS:
            run = Run(module, config, options.fresh)
            run.prove(options.pin, why3)
            run.print()
            runs.append(run)
            if not options.pin:
                wrong += run.compare(pinned.get(config, {}).get(module, {}))
    red = [{"module": run.module, "config": run.config, **r} for run in runs for r in run.red]
    if options.pin and not red:
        for run in runs:
            pinned.setdefault(run.config, {})[run.module] = {n: f["total"] for n, f in run.functions.items()}
            run.pack()
        GOALS.write_text(json.dumps(pinned, indent=1, sort_keys=True) + "\n")
    proved, total = (sum(f[k] for run in runs for f in run.functions.values()) for k in ("proved", "total"))
    (BUILD / "summary.json").write_text(json.dumps({
        "proved": proved, "total": total, "seconds": round(sum(run.seconds for run in runs), 1),
        "runs": [{"module": run.module, "config": run.config, "seconds": round(run.seconds, 1),
                  "cached": run.cached, "functions": run.functions} for run in runs],
        "red": red, "unpinned": wrong}, indent=1) + "\n")
    for difference in wrong:
        print(f"DIFFERS {difference}; if it is meant: make verify-pin")
    print(f"verify: {proved}/{total} goals proved")
    return 1 if red or wrong or proved != total or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
