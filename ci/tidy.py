#!/usr/bin/env python3
"""House rules that a machine can check: one line a breach. With --stats, sizes of the modules instead.

The order of the modules stands in ci/layers: one may include those before it in its line, and those
of the core."""
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "verify"))
sys.dont_write_bytecode = True
import claims  # noqa: E402
from run import MODULES  # noqa: E402

FUNCTION_NOTE, FUNCTION_MAX = 30, 60  # lines without annotations
FILE_NOTE, FILE_MAX = 250, 400
PREDICATE_MAX = 8
FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h"}
# Have contracts of functions that nobody proves.
TRUSTED = "edge.h", "os.h", "space.h", "misuse.h", "watch.h", "home.h", "move.h", "hand.h", "shell.h", "malloc.c"

FUNCTION = re.compile(r"^(?!enum|struct \w+ \{|union|typedef|#)(?P<head>[A-Za-z_][^\n;{}=]*?(?P<name>\w+)\((?:[^;{}])*\))"
                      r"(?:\s/\*@ ghost [^;{}]*?\*/)? \{\n"
                      r"(?P<body>.*?)^\}", re.MULTILINE | re.DOTALL)
ANNOTATION = re.compile(r"/\*@.*?\*/", re.DOTALL)
# The definition of a function; indented, it is ghost code.
DEFINITION = re.compile(r"^(?:  )?(?!typedef|return|else)\w[\w *]*?(?P<name>\w+)\([^;{}]*\{\n", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
CLAUSE = re.compile(r"(?<!\w)(requires|ensures|invariant|assert|check|terminates)\s+(?!\w+\s*:(?!:))")
LOGIC = re.compile(r"(?<!\w)(axiom|axiomatic|lemma|admit)\s+(?:\w+\s+)?(\w+)")
MACHINE = re.compile(r"/(?:home|root|work|Users)/\w|/tmp/\w")
HOST = re.compile(r"(?:debian|npmjs|pypi|pythonhosted|crates|golang|rubygems|maven)\.(?:org|io|com)\b")

breaches, notes = [], []


def breach(path, line, text):
    breaches.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def note(path, line, text):
    notes.append(f"note: {path.relative_to(ROOT)}:{line}: {text}")


def layers():
    lines = [line.split() for line in (ROOT / "ci/layers").read_text().splitlines()]
    return {name: modules for name, *modules in lines}


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def functions(text):
    """Name, first line, length without annotations, text."""
    for match in FUNCTION.finditer(text):
        plain = ANNOTATION.sub("", match[0])
        yield match["name"], line_of(text, match.start()), sum(bool(s.strip()) for s in plain.splitlines()), match


def check_layers(order):
    place = {}
    for layer, modules in order.items():
        for n, module in enumerate(modules):
            place[module] = (layer, n)
    for path in sorted((ROOT / "src").glob("*.c")):
        if path.stem not in place:
            breach(path, 1, "is not in ci/layers")
    for path in sorted((ROOT / "src").glob("*.[ch]")):
        if path.stem not in place:
            continue
        layer, n = place[path.stem]
        text = path.read_text()
        for include in re.finditer(r'^#include "(?:src/)?(\w+)\.h"', text, re.MULTILINE):
            other = include[1]
            if other not in place or other == path.stem:
                continue
            its_layer, m = place[other]
            if not (its_layer == layer and m < n or its_layer == "core" != layer):
                breach(path, line_of(text, include.start()), f"{path.stem} may not include {other}, see ci/layers")
        if layer == "core":
            for include in re.finditer(r"^#include <(.+)>", text, re.MULTILINE):
                if include[1] not in FREESTANDING:
                    breach(path, line_of(text, include.start()), f"the core does not know <{include[1]}>")
            for condition in re.finditer(r"^\s*#\s*(if|ifdef|ifndef|elif)\b(.*)", text, re.MULTILINE):
                if condition[0].strip() != f"#ifndef QED_{path.stem.upper()}_H":
                    breach(path, line_of(text, condition.start()), "no conditional compilation in the core")
    readme = ROOT / "README.md"
    if "  ".join(order["core"]) not in readme.read_text():
        breach(readme, 1, f"the reading order is not that of ci/layers: {'  '.join(order['core'])}")


def check_sizes(path, text):
    n = text.count("\n")
    if n > FILE_MAX:
        breach(path, 1, f"{n} lines, {FILE_MAX} at most")
    elif n > FILE_NOTE:
        note(path, 1, f"{n} lines, better at most {FILE_NOTE}")
    for name, line, length, _ in functions(text):
        if length > FUNCTION_MAX:
            breach(path, line, f"{name} has {length} lines, {FUNCTION_MAX} at most")
        elif length > FUNCTION_NOTE:
            note(path, line, f"{name} has {length} lines, better at most {FUNCTION_NOTE}")


def check_logic(path, text, allowed):
    for annotation in ANNOTATION.finditer(text):
        body = re.sub(r"//[^\n]*", lambda m: " " * len(m[0]), annotation[0])
        for clause in CLAUSE.finditer(body):
            breach(path, line_of(text, annotation.start() + clause.start()), f"'{clause[1]}' without a name")
        for logic in LOGIC.finditer(body):
            if logic[2] not in allowed:
                breach(path, line_of(text, annotation.start() + logic.start()),
                       f"{logic[1]} {logic[2]} is not in verify/assumptions.txt")
        for predicate in re.finditer(r"(?<!\w)predicate (\w+).*?;\s*$", body, re.MULTILINE | re.DOTALL):
            length = sum(bool(s.strip()) for s in predicate[0].splitlines())
            if length > PREDICATE_MAX:
                breach(path, line_of(text, annotation.start() + predicate.start()),
                       f"predicate {predicate[1]} has {length} lines, {PREDICATE_MAX} at most")


def check_loops(path, text, proved):
    """In a module that is proved, each loop has a variant right before it."""
    if not proved:
        return
    for name, line, _, match in functions(text):
        body = match[0]
        for loop in re.finditer(r"^\s*(for|while|do)\b", ANNOTATION.sub(lambda m: re.sub(r"\w", " ", m[0]), body), re.MULTILINE):
            before = ANNOTATION.findall(body[:loop.start()])
            if not before or not body[:loop.start()].rstrip().endswith(before[-1]) or "loop variant" not in before[-1]:
                breach(path, line + line_of(body, loop.start() + len(loop[0])) - 1, f"{name}: a loop without a variant")


def check_contracts(order):
    """A contract that nobody proves is a claim without ground; a function that is proved has one, at its
    prototype or its definition."""
    texts = {path: path.read_text() for folder in ("src", "spec") for path in sorted((ROOT / folder).glob("*.*"))}
    shared = {name for path, text in texts.items() if path.suffix != ".c" for name in claims.CONTRACT.findall(text)}
    for path, text in texts.items():
        if path.stem in MODULES and path.suffix != ".acsl":
            own = shared | set(claims.CONTRACT.findall(text))
            for function in DEFINITION.finditer(text):
                if function["name"] not in own:
                    breach(path, line_of(text, function.start("name")), f"{function['name']} has no contract")
        elif path.stem in order["core"] and path.suffix != ".acsl" and ANNOTATION.search(text):
            breach(path, 1, "has contracts, and is not in MODULES of verify/run.py")


def conjuncts(predicates, name):
    """What an invariant is the conjunction of; itself, if it is not one of predicates alone."""
    parts = re.sub(r"\((?:[^()]|\([^()]*\))*\)|\s", "", predicates.get(name, "")).split("&&")
    if name.endswith("Ok") and all(part in predicates for part in parts):
        return {conjunct for part in parts for conjunct in conjuncts(predicates, part)}
    return {name}


def check_twins():
    """The invariants in spec/ and their executable twins have the same names, each has been seen to fail, and
    ci/twins has the exceptions."""
    check, twins = ROOT / "src/check.c", ROOT / "ci/twins"
    spec = "".join(path.read_text() for path in sorted((ROOT / "spec").glob("*.acsl")))
    predicates = dict(re.findall(r"predicate (\w+)\([^)]*\) =\s(.*?);", spec, re.DOTALL))
    roots = {name for name in predicates if name.endswith("Ok")} | set(re.findall(r"clause \w+: +(\w+)\(", spec))
    said = {name.removesuffix("But") for root in roots for name in conjuncts(predicates, root)}
    known = {name.removesuffix("But") for name in predicates}
    checked = set(re.findall(r'(?:HOLDS\(|broken = ")([A-Z]\w+)', check.read_text()))
    excused = set(re.findall(r"^\w+", twins.read_text(), re.MULTILINE))
    for names, path, what in ((said - checked - excused, check, "a conjunct in spec/ without a check"),
                              (checked - known - excused, check, "a check without a predicate in spec/"),
                              (excused - (said - checked) - (checked - known), twins, "no exception"),
                              (checked - set(re.findall(r"BREAKS\((\w+)", (ROOT / "tests/check.c").read_text())),
                               check, "a check that no test in tests/check.c has seen fail")):
        for name in sorted(names):
            breach(path, 1, f"{name}: {what}, see ci/twins")


def check_judges():
    """The page of fuzz/ names checks that exist, and all of the oracle's."""
    page = ROOT / "fuzz/README.md"
    if not page.exists():
        return breach(page, 1, "is missing")
    text, told = page.read_text(), set()
    for match in re.finditer(r"\]\((\S+\.c)\)((?: `\w+`)+)", text):
        source = page.parent / match[1]
        there = set(re.findall(r"HOLDS\((\w+)", source.read_text())) if source.exists() else set()
        told |= {(match[1], name) for name in re.findall(r"\w+", match[2])}
        for name in re.findall(r"\w+", match[2]):
            if name not in there:
                breach(page, line_of(text, match.start()), f"{match[1]} has no check {name}")
    for name in sorted(set(re.findall(r"HOLDS\((\w+)", (ROOT / "fuzz/oracle.c").read_text()))):
        if ("oracle.c", name) not in told:
            breach(page, 1, f"the check {name} of oracle.c is missing")


def check_trusted(page):
    """What WP has no body of is named on the trust page."""
    for name in TRUSTED:
        path = ROOT / "src" / name
        text = path.read_text()
        for function in claims.CONTRACT.finditer(text):
            if function[0].endswith(";") and f"`{function[1]}`" not in page:
                breach(path, line_of(text, function.start(1)), f"{function[1]} is trusted, and not in verify/README.md")


def check_text(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in (MACHINE, "a path of one machine"), (HOST, "the name of a package registry's host"):
            if pattern.search(line) and "XXXXXX" not in line:
                breach(path, number, what)


def tracked():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    return [p for p in ROOT.rglob("*") if p.is_file() and "build" not in p.parts and ".git" not in p.parts]


def check_format(paths):
    done = subprocess.run(["clang-format", "--dry-run", *paths], cwd=ROOT, capture_output=True, text=True)
    for line in sorted(set(re.findall(r"^(\S+?):(\d+):\d+: warning: code should be clang-formatted", done.stderr, re.MULTILINE))):
        breach(ROOT / line[0] if not Path(line[0]).is_absolute() else Path(line[0]), line[1], "clang-format would change this")


def stats(order):
    print(f"{'module':<12}{'code':>6}{'spec':>6}{'functions':>11}{'median':>8}{'longest':>9}")
    for layer, modules in order.items():
        for module in modules:
            code = spec = 0
            lengths = []
            for path in [*(ROOT / "src").glob(f"{module}.[ch]"), *(ROOT / "spec").glob(f"{module}.acsl")]:
                text = path.read_text()
                spec += sum(len(a.splitlines()) for a in ANNOTATION.findall(text))
                code += sum(bool(s.strip()) for s in COMMENT.sub("", text).splitlines())
                lengths += [length for _, _, length, _ in functions(text)]
            print(f"{module:<12}{code:>6}{spec:>6}{len(lengths):>11}{median(lengths or [0]):>8.0f}{max(lengths or [0]):>9}")


def main():
    order = layers()
    if sys.argv[1:] == ["--stats"]:
        return stats(order)
    assumptions = (ROOT / "verify/assumptions.txt").read_text().splitlines()
    allowed = {line.split()[0] for line in assumptions if line.strip() and not line.startswith("#")}
    page = (ROOT / "verify/README.md").read_text()
    for name in allowed:
        if f"`{name}`" not in page or not any(name in path.read_text() for folder in ("spec", "src") for path in (ROOT / folder).glob("*.*")):
            breach(ROOT / "verify/assumptions.txt", 1, f"{name} is not in spec/ or src/, or not in verify/README.md")
    paths = tracked()
    check_layers(order)
    check_contracts(order)
    check_twins()
    check_judges()
    check_trusted(page)
    for line, text in claims.breaches():
        breach(claims.LIST, line, text)
    for path in paths:
        folder, kind = path.relative_to(ROOT).parts[0], path.suffix
        if kind in (".png", ".gz") or "corpus" in path.parts:
            continue
        text = path.read_text(errors="replace")
        check_text(path, text)
        if folder in ("src", "tests", "fuzz") and kind in (".c", ".h") and "regress" not in path.parts:
            check_sizes(path, text)
        if folder in ("src", "spec") and kind in (".c", ".h", ".acsl"):
            check_logic(path, text, allowed)
        if folder == "src" and kind == ".c":
            check_loops(path, text, path.stem in MODULES)
    check_format([p for p in paths if p.suffix in (".c", ".h") and p.relative_to(ROOT).parts[0] in ("src", "tests", "fuzz")])
    print("\n".join([*notes, *breaches, f"tidy: {len(breaches)} breaches, {len(notes)} notes"]))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
