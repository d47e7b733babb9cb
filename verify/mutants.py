#!/usr/bin/env python3
"""Shows that the proof finds bugs: each one-line bug in verify/mutants/ turns the goal red that stands with it.

    verify/mutants.py [--fresh] [NAME...]

A file has the mutants of a module and of its parts (run.txt those of run_dirty too). A mutant is four lines
or five, and a blank line: what is wrong; the function that is proved and the clause that must go red; the
function that is changed, if it is another; what is taken from that function or its contract, and what it gets
instead, if anything:

    the last class is forgotten
    sizes_init: table
    - q <= SMALL_QUANTA
    + q < SMALL_QUANTA

    class_bytes does not say what it returns
    class_quanta: value
    in class_bytes
    - ensures value:  \\result == ClassBytes(c);

Only that clause's goals are asked, under the module's first configuration, for a short time. Any other answer
than red fails: SURVIVED, the goals are proved in spite of the bug; UNPROVED, they are not proved without
it either, so that red would say nothing; NO GOAL has the clause's name; NO LINE, it is not there, or not
once; FAILS, Frama-C refuses the bug. A clause without a name is asked by its kind: @assigns, @variant,
index_bound.
"""
import argparse
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

sys.dont_write_bytecode = True
from answers import answers, watch  # noqa: E402
from run import BUILD, MODULES, ROOT, configs, source, why3_config, wp  # noqa: E402

LIMIT = 10  # seconds
COPY = BUILD / "mutated"
FOLDERS = "src", "spec", "tests/embedded"
SESSION = BUILD / "session-mutants"


class Mutant(NamedTuple):
    layer: str
    title: str
    function: str
    clause: str
    changed: str  # the function that is
    old: str
    new: str


def read(path):
    for entry in re.split(r"\n\s*\n", path.read_text()):
        lines = [line for line in entry.strip().splitlines() if not line.startswith("#")]
        if lines:
            match = re.fullmatch(r"(.+)\n(\w+): (@?\w+)(?:\nin (\w+))?\n- (.+)(?:\n\+ (.+))?", "\n".join(lines))
            if not match:
                raise SystemExit(f"{path.relative_to(ROOT)}: not a mutant: {lines[0]}")
            title, function, clause, changed, old, new = match.groups("")
            yield Mutant(path.stem, title, function, clause, changed or function, old, new)


def places(function, layer="*"):
    """Where the function is declared or defined in the files of the layer, with its contract: file, start, end."""
    for path in sorted(path for folder in FOLDERS for kind in ("[ch]", "acsl") for path in (COPY / folder).glob(f"*.{kind}")):
        if layer != "*" and path.stem != layer and not path.stem.startswith(f"{layer}_"):
            continue
        for match in re.finditer(rf"^(?:(?:/\*@| */@)(?:(?!\*/|@/).)*(?:\*/|@/)\n)?(?:  )?(?!return)\w[\w *]*?\b{function}\("
                                 rf"[^;{{}}]*(?:;|\{{\n.*?^(?:  )?\}})", path.read_text(), re.MULTILINE | re.DOTALL):
            yield path, match.start(), match.end()


def module_of(mutant):
    for path, _, end in places(mutant.function, mutant.layer):
        if path.stem in MODULES and path.read_text()[end - 1] == "}":
            return path.stem
    raise SystemExit(f"{mutant.layer}: {mutant.function}: no module that is proved defines it")


def prove(module, function, clause, why3):
    """Whether the goals of the clause are proved in the copy: yes, no, or in a word why there is no answer."""
    status, lines = watch([*wp(module, configs(module)[0], SESSION / module, timeout=LIMIT), "-wp-no-smoke-tests",
                           "-wp-cache", "update", "-wp-fct", function, "-wp-prop", clause, source(module)],
                          f"{function}: {clause}", COPY, why3)
    goals = list(answers(lines))
    return "FAILS" if status != 0 else all(answer.proved for answer in goals) if goals else "NO GOAL"


def change(mutant):
    """Puts the bug into the copy: the file and its text before, or None if the line is not there, or not once."""
    layer = mutant.layer if mutant.changed == mutant.function else "*"
    found = [(path, start, end) for path, start, end in places(mutant.changed, layer)
             if mutant.old in path.read_text()[start:end]]
    if len(found) == 1:
        path, start, end = found[0]
        text = path.read_text()
        if text.count(mutant.old, start, end) == 1:
            at = text.index(mutant.old, start)
            path.write_text(text[:at] + mutant.new + text[at + len(mutant.old):])
            return path, text
    return None


def judge(mutant, goals, sound, why3):
    if sound is not True:
        return sound or "UNPROVED"
    changed = change(mutant)
    if changed is None:
        return "NO LINE"
    path, text = changed
    proved = prove(*goals, why3)
    path.write_text(text)
    return {True: "SURVIVED", False: "red"}.get(proved, proved)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--fresh", action="store_true")
    options.add_argument("name", nargs="*")
    options = options.parse_args()
    why3 = why3_config()
    shutil.rmtree(COPY, ignore_errors=True)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, COPY / folder)
    if options.fresh:
        shutil.rmtree(SESSION, ignore_errors=True)
    mutants = [mutant for path in sorted((ROOT / "verify/mutants").glob("*.txt"))
               if not options.name or path.stem in options.name for mutant in read(path)]
    sound, missed = {}, 0
    for mutant in mutants:
        goals = module_of(mutant), mutant.function, mutant.clause
        if goals not in sound:
            sound[goals] = prove(*goals, why3)
        verdict = judge(mutant, goals, sound[goals], why3)
        missed += verdict != "red"
        print(f"{goals[0]:<12} {': '.join(goals[1:]):<32} {verdict:<9} {mutant.title}", flush=True)
    print(f"mutants: {len(mutants) - missed} of {len(mutants)} turn the goal red that stands with them")
    return 1 if missed or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
