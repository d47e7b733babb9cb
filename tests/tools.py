#!/usr/bin/env python3
"""The tools see what they are for: in a copy of the sources with a bug, or without a contract, they fail and say where."""
import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
# verify/run.py and verify/mutants.py with one small module and a prover that soon gives up
SHORT = "import sys; sys.path.insert(0, 'verify'); import run, mutants; run.MODULES.clear(); " \
        "run.MODULES['verdict'] = run.BOTH; run.LIMIT = 5; sys.exit({}.main())"


def run(copy, *command):
    done = subprocess.run(command, cwd=copy, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def replace(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1, f"{path}: {old}"
    path.write_text(text.replace(old, new))


WRONG = """
/*@ requires small:  6 < n < 100;
    assigns \\nothing;
    ensures more:    \\result > n;
    ensures less:    \\result < n;
    ensures even:    \\result != 7; */
static inline int one_more(int n) {
    return n + 1;
}
"""

CONTRADICTORY = """
/*@ axiomatic F { logic integer f(integer i) reads \\nothing; } */

/*@ requires large:  \\forall integer i; 0 <= i < n ==> f(i) < i;
    requires small:  n > 2 && f(0) == 0;
    assigns \\nothing;
    ensures one:     \\result == 1; */
static inline int never(int n) {
    return n;
}
"""


def test_smoke(copy):
    """A contract that contradicts itself is red, though all of it can be proved."""
    replace(copy / "src/verdict.h", "\n#endif", CONTRADICTORY + "\n#endif")
    status, text = run(copy, sys.executable, "-B", "-c", SHORT.format("run"))
    assert status == 1 and text.count("never: wp_smoke_default_requires") == text.count("RED") == 3, text


def test_red_goal(copy):
    """A red goal is told with file, line and clause, in words, in JUnit and in SARIF."""
    header = copy / "src/verdict.h"
    replace(header, "\n#endif", WRONG + "\n#endif")
    line = header.read_text().split("ensures less")[0].count("\n") + 1
    status, text = run(copy, sys.executable, "-B", "-c", SHORT.format("run"))
    assert status == 1 and f"RED src/verdict.h:{line}: one_more: ensures_less\n        Z3-CVC4 " in text, text
    suites = ElementTree.parse(copy / "build/verify/junit.xml").getroot()
    for suite in suites:
        [failure] = suite.findall("testcase[@name='one_more']/failure")
        assert suite.get("failures") == "1" and f"src/verdict.h:{line}: less: " in failure.text, failure.text
    assert len(suites) == 3
    results = json.loads((copy / "build/verify/verify.sarif").read_text())["runs"][0]["results"]
    assert sorted(result["ruleId"] for result in results) == ["goal-count"] * 3 + ["less"] * 3
    place = next(r for r in results if r["ruleId"] == "less")["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("src/verdict.h", line), place
    table = (copy / "build/verify/claims.md").read_text()
    assert "| **RED** | [everything](../../verify/goals.json), " in table and "| proved | " not in table, table


def test_mutants(copy):
    """A bug that leaves its goal proved survives, and a goal or a line that is not there is told."""
    for old in (copy / "verify/mutants").glob("*.txt"):
        old.unlink()
    (copy / "verify/mutants/verdict.txt").write_text(
        "too far\nverdict_name: index_bound\n- name[v]\n+ name[v + 1]\n\n"
        "the same\nverdict_name: index_bound\n- name[v]\n+ name[v + 0]\n\n"
        "no such clause\nverdict_name: named\n- name[v]\n+ name[v + 1]\n\n"
        "no such line\nverdict_name: index_bound\n- name[w]\n")
    status, text = run(copy, sys.executable, "-B", "-c", SHORT.format("mutants"))
    assert status == 1 and re.findall(r": \w+ +(red|SURVIVED|NO [A-Z]+) ", text) == ["red", "SURVIVED", "NO GOAL", "NO LINE"], text


def test_contract(copy):
    """A function without a contract is a breach in a module that is proved."""
    status, text = run(copy, "ci/tidy.py")
    assert "contract" not in text.replace("has contracts, and", ""), text
    replace(copy / "src/verdict.h", "/*@ requires verdict: v < HEAP_VERDICTS;\n    assigns \\result \\from v; */\n", "")
    status, text = run(copy, "ci/tidy.py")
    assert status == 1 and "src/verdict.c:3: verdict_name has no contract" in text, text


def test_twins(copy):
    """A check has the name of its predicate, and a test that has seen it fail."""
    replace(copy / "src/check.c", "HOLDS(RunSpan", "HOLDS(RunTiles")
    status, text = run(copy, "ci/tidy.py")
    assert status == 1 and sorted(re.findall(r"^src/check.c:1: (\w+): (.*), see", text, re.MULTILINE)) == [
        ("RunSpan", "a conjunct in spec/ without a check"),
        ("RunTiles", "a check that no test in tests/check.c has seen fail"),
        ("RunTiles", "a check without a predicate in spec/")], text


def test_judges(copy):
    """The page of the checks names what there is, and all that the oracle has."""
    shutil.copytree(ROOT / "fuzz", copy / "fuzz", ignore=shutil.ignore_patterns("corpus"))
    status, text = run(copy, "ci/tidy.py")
    assert "fuzz/README.md" not in text, text
    replace(copy / "fuzz/README.md", "`KnownZero`", "`NoneZero`")
    status, text = run(copy, "ci/tidy.py")
    assert status == 1 and re.findall(r"^fuzz/README.md:\d+: (.*)", text, re.MULTILINE) == [
        "oracle.c has no check NoneZero", "the check KnownZero of oracle.c is missing"], text


def test_claims(copy):
    """A claim that names what does not exist is a breach; one is told as proved if all goals of its functions are."""
    shutil.copytree(ROOT / "fuzz", copy / "fuzz", ignore=shutil.ignore_patterns("corpus"))
    told = "import sys; sys.path.insert(0, 'verify'); import claims; from pathlib import Path; " \
           "claims.write(Path(), [type('Run', (), {'config': 'toy', 'functions': {f: {'proved': p, 'total': 7}" \
           " for f, p in (('heap_alloc', 7), ('heap_free', 6))}})])"
    status, text = run(copy, "ci/tidy.py")
    assert "claims.txt" not in text, text
    (copy / "verify/claims.txt").write_text(
        "It holds.\nproved: heap_alloc: fresh blocks @assigns\ntested: tests/heap.c: test_script\nfuzzed: fuzz/oracle.c: Enough\n\n"
        "It is red.\nproved: heap_free: ok\n\nIt is not there.\nproved: heap_alloc: arena align\nfuzzed: fuzz/oracle.c: Enoug\n\n"
        "It is tested.\nuncovered: what nobody says\ntested: tests/heap.c: test_scrip\ntested: tests/none.c\n\n"
        "It has no ground.\ntested: tests\n\nIt is misspelt.\nproofed: heap_alloc: fresh\n")
    status, text = run(copy, "ci/tidy.py")
    assert status == 1 and re.findall(r"^verify/claims.txt:(\d+): (.*)", text, re.MULTILINE) == [
        ("10", "proved: heap_alloc: align does not exist"), ("11", "fuzzed: fuzz/oracle.c: Enoug does not exist"),
        ("14", "uncovered: what nobody says does not exist"), ("15", "tested: tests/heap.c: test_scrip does not exist"),
        ("16", "tested: tests/none.c does not exist"), ("18", "a claim is either proved or uncovered"),
        ("21", "is no sentence: It is misspelt. proofed: heap_alloc: fresh"),
        ("21", "a claim is either proved or uncovered")], text
    status, text = run(copy, sys.executable, "-B", "-c", told)
    states = re.findall(r"^\| It (.*?)\. .*?\| (.*?) \|", (copy / "claims.md").read_text(), re.MULTILINE)
    assert [state for _, state in states][:3] == ["proved", "**RED**", "**RED**"] and states[3][1].startswith("**not proved**"), text + str(states)
    line = (copy / "spec/heap.acsl").read_text().split("ensures blocks")[0].count("\n") + 1
    assert f'<a href="../../spec/heap.acsl#L{line}">blocks</a>' in (copy / "claims.html").read_text(), line


ENGINE = """#!/bin/sh
echo "$$" >>build/engines
echo "#7 NEW cov: 1 ft: 3"
while :; do sleep 0.1; done
"""


def test_campaign(copy):
    """A campaign that is told to stop ends its engine, keeps what it knows, and goes on from there."""
    shutil.copytree(ROOT / "fuzz", copy / "fuzz", ignore=shutil.ignore_patterns("corpus"))
    (copy / "build/fuzz").mkdir(parents=True)
    for name in "toy", "toy-replay":
        (copy / "build/fuzz" / name).write_text(ENGINE)
        (copy / "build/fuzz" / name).chmod(0o755)
    started = copy / "build/engines"
    for part, stop in (1, signal.SIGINT), (2, signal.SIGTERM):
        ran = subprocess.Popen(["fuzz/fuzz.py", "campaign"], cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        while not started.exists() or len(started.read_text().split()) < part:
            assert ran.poll() is None, ran.returncode
            time.sleep(0.1)
        time.sleep(2)  # for its first line to be read
        ran.send_signal(stop)
        ran.communicate(timeout=20)
        assert ran.returncode == 0, ran.returncode
    parts = [json.loads(line) for line in (copy / "build/campaign/results.jsonl").read_text().splitlines()]
    told = [(part["part"], part["seed"], part["execs"], part["interrupted"]) for part in parts]
    assert told == [(1, 1, 7, True), (2, 2, 7, True)], told
    engines = (copy / "build/engines").read_text().split()
    assert len(engines) == 2 and not any(Path("/proc", pid).exists() for pid in engines), engines


ENDING = """#!/bin/sh
for option; do case $option in -artifact_prefix=*) place=${option#*=} ;; esac; done
[ "$place" ] || exit 0 # a replay
echo "#7 NEW cov: 1 ft: 3"
%s
"""
STATS = "echo stat::number_of_executed_units: 9\n"
ENDS = (  # how an engine ends, its exit status, and what is said of it
    (STATS, 0, "toy         libfuzzer "), ("kill -9 $$", 1, "ended with SIGKILL after 7 executions"),
    ("exit 3", 1, "ended with exit status 3 after 7 executions"), ("exit 0", 1, "ended with exit status 0 after 7 executions"),
    (STATS + "echo x >$place/crash-1; exit 77", 1, "that does not fail again, which does not count"),
    (STATS + "echo x >$place/timeout-1; exit 70", 1, "has not the time or the memory for"),
    (STATS + "echo x >$place/oom-1; exit 71", 1, "has not the time or the memory for"))
AFL = """#!/bin/sh
mkdir -p "$4/default/hangs"
echo "execs_done : 9" >"$4/default/fuzzer_stats"
%s
"""


def test_engines(copy):
    """An engine that does not end well is no pass, nor is an input that is too slow, nor is it when nothing is built."""
    shutil.copytree(ROOT / "fuzz", copy / "fuzz", ignore=shutil.ignore_patterns("corpus"))
    status, text = run(copy, "fuzz/fuzz.py", "run")
    assert status == 1 and "no target is built" in text, text
    (copy / "build/fuzz").mkdir(parents=True)
    for path in copy / "build/fuzz/toy", copy / "build/fuzz/toy-replay", copy / "afl-fuzz":
        path.touch()
        path.chmod(0o755)
    (copy / "build/fuzz/toy-replay").write_text(ENDING % "")
    for end, expected, said in ENDS:
        (copy / "build/fuzz/toy").write_text(ENDING % end)
        status, text = run(copy, "fuzz/fuzz.py", "run", "--seconds", "1")
        assert (status, said in text) == (expected, True), f"{end}: {status}: {text}"
    for end, expected in ("", 0), ("kill -9 $$", 1), ("exit 1", 1), ("echo x >$4/default/hangs/id:0", 1):
        (copy / "afl-fuzz").write_text(AFL % end)
        status, text = run(copy, "env", f"PATH={copy}:/usr/bin:/bin", "fuzz/fuzz.py", "run", "--engine", "afl", "--seconds", "1")
        assert status == expected, f"{end}: {status}: {text}"


def test_canary(copy):
    """A bug in the core is found within seconds, by libFuzzer and by AFL++, and by its check."""
    shutil.copytree(ROOT / "fuzz", copy / "fuzz", ignore=shutil.ignore_patterns("corpus"))
    for name in "fuzz", "afl", "judge", "embedded":
        shutil.copytree(ROOT / "build" / name, copy / "build" / name)
    (copy / "fuzz/corpus/heap").mkdir(parents=True)
    (copy / "fuzz/corpus/heap/seed").write_text("0110000\na0b1=00\n")
    replace(copy / "src/block.c", "? HEAP_DOUBLE_FREE : HEAP_PURGED", "? HEAP_PURGED : HEAP_PURGED")
    status, text = run(copy, "env", "MAKEFLAGS=", "make", "-s", "build/fuzz/heap", "build/fuzz/heap-replay", "build/afl/heap", "build/afl/mutator.so")
    assert status == 0, text
    for engine in "libfuzzer", "afl":
        status, text = run(copy, "env", "AFL_BENCH_UNTIL_CRASH=1", "fuzz/fuzz.py", "run", "--engine", engine, "--seconds", "90",
                           "--seed", "1", "heap")
        assert status == 1 and "heap: Verdict\n" in text, f"{engine}: {status}: {text}"


def test_repro(copy):
    """An input that a hostile client fails on becomes a few calls in C, which fail by the same check."""
    for name in "fuzz", "build/fuzz", "build/embedded":
        shutil.copytree(ROOT / name, copy / name)
    replace(copy / "src/block.c", "? HEAP_DOUBLE_FREE : HEAP_PURGED", "? HEAP_PURGED : HEAP_PURGED")
    status, text = run(copy, "env", "MAKEFLAGS=", "make", "-s", "build/fuzz/retell", "build/fuzz/heap-replay", "build/fuzz/hostile-replay")
    assert status == 0, text
    status, text = run(copy, "fuzz/repro.py", "fuzz/corpus/hostile/huge", "hostile")
    [test] = (copy / "tests/regress").glob("*.c")
    assert status == 0 and re.search(rf"regress/{test.name}:\d+: failed: heap_\w+\(.*\) == HEAP_DOUBLE_FREE", text), text
    assert 5 < test.read_text().count("CHECK(") < 15, test.read_text()
    [line] = re.findall(r"heap: Verdict: (.*)", text)
    assert line == f"fuzz/corpus/heap/{test.stem} tests/regress/{test.name}", line
    shutil.copy(ROOT / "src/block.c", copy / "src")
    replace(copy / "src/magazine.c", "k->off[to + i] = k->off[from + i];", ";")
    status, text = run(copy, "env", "MAKEFLAGS=", "make", "-s", "build/fuzz/cache-replay")
    assert status == 0, text
    failing = next(path for path in (copy / "fuzz/corpus/cache").iterdir() if run(copy, "build/fuzz/cache-replay", path)[0])
    status, text = run(copy, "fuzz/repro.py", failing, "cache")
    assert status == 0 and "no test in C, for its lines are calls of one module" in text and len(list(test.parent.iterdir())) == 1, text
    assert re.search(r"^cache: Tag: fuzz/corpus/cache/tag-\w+$", text, re.MULTILINE), text


def test_bench_report(copy):
    """Of the ratios of several rounds the median counts, and of several benchmarks the geometric mean."""
    times = {("one", "qedmalloc"): (20, 30, 100), ("one", "jemalloc"): (10, 10, 10), ("one", "jemalloc again"): (10, 10, 20),
             ("two", "qedmalloc"): (12, 24, 48), ("two", "jemalloc"): (1, 2, 4), ("two", "jemalloc again"): (1, 3, 6)}
    columns = "group,bench,pattern,live,threads,operations,peer,round,cpu_us,wall_us,peak_kib,instructions"
    rows = [f"micro,{bench},pair,1,1,1,{peer},{k},{cpu},{cpu},1000," for (bench, peer), cpus in times.items() for k, cpu in enumerate(cpus)]
    (copy / "results.csv").write_text("\n".join([columns, *rows, ""]))
    status, text = run(copy, "tests/bench/report.py", ".")
    page = (copy / "results.md").read_text()
    assert status == 0 and "| one | 3.00 | 1.00 | 1.00 |" in page and "| two | 12.00 | 1.00 | 1.50 |" in page, text + page
    assert "| **mean** | **6.00** | **1.00** | **1.22** |" in page and "farthest off is 1.500 (two)" in page, page
    svg = ElementTree.parse(copy / "ratio-micro.svg").getroot()
    assert len(svg.findall("{*}circle")) == 6 + 3, "a dot for each ratio, and the legend"


def test_bench(copy):
    """One benchmark on two allocators: measured, counted, compared and drawn."""
    (copy / "build").symlink_to(ROOT / "build")
    status, text = run(copy, "tests/bench/run.py", "--rounds", "1", "--only", "pair 32768", "--peers", "libc", "qedmalloc", "--out", "out")
    assert status == 0 and sorted(path.name for path in (copy / "out").iterdir()) == ["ratio-micro.svg", "results.csv", "results.md"], text
    with (copy / "out/results.csv").open() as file:
        libc, ours = csv.DictReader(file)
    assert (libc["peer"], ours["peer"], libc["round"]) == ("libc", "qedmalloc", "1"), (libc, ours)
    for row in libc, ours:
        assert float(row["cpu_us"]) > 10**4 and 500 < int(row["peak_kib"]) < 10**5 and 20 < float(row["instructions"]) < 5000, row
    assert libc["instructions"] != ours["instructions"], "the library was not loaded"
    ratio = float(ours["cpu_us"]) / float(libc["cpu_us"])
    assert f"| pair 32768 | 1.00 | {ratio:.2f} |" in (copy / "out/results.md").read_text(), ratio
    ElementTree.parse(copy / "out/ratio-micro.svg")
    library = ROOT / "build/libqedmalloc.so"
    status, text = run(copy, "build/bench/measure", "measured", library, "grep", "-q", library, "/proc/self/maps")
    assert status == 0 and len((copy / "measured").read_text().split()) == 3, text
    status, text = run(copy, "tests/bench/run.py", "--rounds", "1", "--only", "sqlite", "--peers", "qedmalloc", "--out", "out")
    assert status == 0 and "skipped" not in text and "program,sqlite," in (copy / "out/results.csv").read_text(), text
    status, text = run(copy, "tests/bench/run.py", "--rounds", "1", "--only", "no such", "--out", "none")
    assert status == 1 and "nothing was measured" in text, text


def main():
    for test in test_smoke, test_red_goal, test_mutants, test_contract, test_twins, test_judges, test_claims, test_campaign, \
            test_engines, test_canary, test_repro, test_bench_report, test_bench:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder)
            for name in "ci", "spec", "src", "tests", "verify":
                shutil.copytree(ROOT / name, copy / name)
            for name in "README.md", ".clang-format", "GNUmakefile":
                shutil.copy(ROOT / name, copy)
            test(copy)
        print(f"ok {test.__doc__}")


if __name__ == "__main__":
    main()
