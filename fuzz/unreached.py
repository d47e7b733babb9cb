#!/usr/bin/env python3
"""Says of what the corpus and the unit tests never reach whether it is proved: a table of build/coverage/unreached.txt.

The goals are those of verify/goals.json, under the embedded configuration. That a line cannot be reached would be told by
a smoke test of the proof, and be red: a proved function has no such line as far as the provers see. So what stands here
is right if it is proved, and else only read."""
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "ci"))
from tidy import functions  # noqa: E402


def function_at(path, line):
    """The function of the line, or none."""
    return next((name for name, first, _, match in functions(path.read_text())
                 if first <= line <= first + match[0].count("\n")), "")


def rows(unreached, goals):
    for entry in unreached:
        file, line, what = entry.split(":", 2)
        function = function_at(ROOT / file, int(line))
        n = goals.get(Path(file).stem, {"goals": {}})["goals"].get(function, 0)
        yield f"{file}:{line}", function or "-", f"proved, {n} goals" if n else "NOT PROVED", re.sub(r"^(\d+): never", r"column \1 never", what.strip())


def main():
    goals = json.loads((ROOT / "verify/goals.json").read_text())["embedded"]
    table = [("not reached", "function", "proof", "what"), *rows(sys.stdin.read().splitlines(), goals)]
    widths = [max(len(row[k]) for row in table) for k in range(3)]
    for row in table:
        print("  ".join([*(row[k].ljust(widths[k]) for k in range(3)), row[3]]))


if __name__ == "__main__":
    main()
