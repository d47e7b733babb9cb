#!/usr/bin/env python3
"""Each fuzz target finds bugs: with one of tests/planted.txt in the sources its corpus fails, by the check that
stands with the bug. So does a test of tests/api; and each of the tools that look for races sees tests/api/threads.c race,
in the function that does.

    tests/planted.py [TARGET...]

The replays must have been built: `make build/fuzz/NAME-replay`, `make build/tiny/exhaustive`; and
build/tsan/threads and build/small/libqedmalloc.so."""
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
MINE = BUILD / "planted"
PROGRAM = MINE / "program"
VALGRIND = ["valgrind", "--soname-synonyms=somalloc=nouserintercepts", "--suppressions=tests/watch/races.supp"]
RACES = {"helgrind": [*VALGRIND, "--tool=helgrind", PROGRAM, "100"], "drd": [*VALGRIND, "--tool=drd", PROGRAM, "100"], "tsan": [PROGRAM, "20"]}
SAID = re.compile(r"^oracle: (\w+) does not hold|: failed: (\w+)$|"
                  r"(?:Possible data race|Conflicting|data race \().*\n(?:.*\n)*?.*(?:#0| at 0x\w+:) (\w+)", re.MULTILINE)


class Bug(NamedTuple):
    title: str
    target: str
    file: str
    check: str
    old: str
    new: str


def bugs():
    text = re.sub(r"^#.*\n", "", (ROOT / "tests/planted.txt").read_text(), flags=re.MULTILINE)
    for entry in text.strip().split("\n\n"):
        match = re.fullmatch(r"(.+)\n(\S+): (\S+) (\w+)\n- (.+)(?:\n\+ (.+))?", entry.strip())
        if not match:
            raise SystemExit(f"tests/planted.txt: not a bug: {entry}")
        yield Bug(*match.groups(""))


def parts(bug):
    """Of the program with the bug: the preset's folder, the other objects, the file that holds the bug, how it is run, the
    flags to compile it with."""
    name, file = bug.target, f"src/{bug.file}"
    if name == "exhaustive":
        return "fuzz/tiny", ["build/tiny/fuzz/tiny/exhaustive.o", "build/tiny/core.a"], file, [PROGRAM, "5"], []
    if not (ROOT / "fuzz/corpus" / name).exists():
        flags = ["-fsanitize=thread"] if name == "tsan" else []
        build, test = ("tsan", "build/tsan/tests/api/threads.o") if flags else ("small", f"tests/api/{'threads' if name in RACES else name}.c")
        objects = [o for o in (BUILD / build / "src").glob("*.o") if o.stem != Path(file).stem]
        return "build/small", [*flags, *objects, "-I.", test], file, RACES.get(name, [PROGRAM]), flags
    seeds = sorted(ROOT.glob(f"fuzz/corpus/{name}/*"), key=lambda p: (len(p.name), p.name))  # not by hand: behind
    corpus = [PROGRAM, *seeds]
    if name not in ("shell", "schedule"):
        build, preset = ("build/tiny", "fuzz/tiny") if name.endswith("-tiny") else ("build/embedded", "src/embedded")
        return preset, [f"{build}/fuzz/{name.removesuffix('-tiny')}.o", f"{build}/fuzz/replay.o", f"{build}/core.a"], file, corpus, []
    file = "fuzz/hosted/restart.c" if bug.file in ("shell.c", "thread.c") else file
    objects = [str(o) for o in (BUILD / name).glob("*/**/*.o") if o != BUILD / name / file.replace(".c", ".o")]
    judges = [str(o) for o in (BUILD / "schedule-judge").glob("*/**/*.o") if name == "schedule"]
    return "build/shell", objects + judges, file, corpus, ["-fsanitize=thread"] if judges else []


def find(bug):
    """What is wrong, or nothing."""
    source = (ROOT / "src" / bug.file).read_text()
    if source.count(bug.old) != 1:
        return f"src/{bug.file} has {source.count(bug.old)} times: {bug.old}"
    preset, objects, file, command, flags = parts(bug)
    (MINE / "src").mkdir(parents=True, exist_ok=True)
    planted = MINE / "src" / bug.file
    planted.write_text(source.replace(bug.old, bug.new))
    compiled = planted if file == f"src/{bug.file}" else ROOT / file
    compile_it = ["gcc", "-std=c11", "-O1", "-g", *flags, f"-I{MINE}", f"-I{preset}", "-I.", "-Isrc", "-c", compiled, "-o", MINE / "bug.o"]
    built = subprocess.run(compile_it, cwd=ROOT, capture_output=True, text=True)
    planted.unlink()
    if built.returncode == 0:
        built = subprocess.run(["gcc", MINE / "bug.o", *objects, "-pthread", "-o", PROGRAM], cwd=ROOT, capture_output=True, text=True)
    if built.returncode != 0:
        return built.stderr
    try:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, errors="replace")
    except subprocess.TimeoutExpired:
        return "no end after 60 s"
    said = {"".join(found) for found in SAID.findall(ran.stderr)}
    if bug.check in said:
        return ""
    return f"{bug.check} does not object, but {', '.join(said) or 'nothing'} (exit status {ran.returncode})"


def main():
    without = {p.name for p in ROOT.glob("fuzz/corpus/*")} - {bug.target for bug in bugs()}
    failed = len(without)
    for target in without:
        print(f"FAIL {target}: no bug is planted for it")
    for bug in bugs():
        if sys.argv[1:] and bug.target not in sys.argv[1:]:
            continue
        wrong = find(bug)
        failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok  '} {bug.target}: {bug.title}{': ' * bool(wrong)}{wrong}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
