#!/usr/bin/env python3
"""Makes a test of a finding: fuzz/repro.py FILE [TARGET]

Leaves out lines and simplifies fields as long as the same check fails, prints what is left, and writes it to
fuzz/corpus/TARGET, which `make check` replays; of one for the targets heap, hostile and faults also tests/regress/NAME.c,
the same calls in C. What a hostile client does is written out first, and is an input for the target heap then.
The target is that of the file's name, unless it is given. Commit both once they pass."""
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from engines import BUILD, ROOT, replay, seeds, targets, verdict  # noqa: E402

LINE = 8
PLAIN = b"00b0=00\n"  # a field that may as well be as here is
HEADLESS = "tree", "cache"  # whose first line is one like the others
RETOLD = "heap", "hostile", "faults"
CALLS = "its lines are calls of one module, and all of it is judged after each"
NO_C = {  # why there is no test in C; of the others: CALLS
    "heap-tiny": "tests/regress has another preset",
    "embedded": "what its calls must answer is known from what the client has done before",
    "shell": "the system that refuses is not there",
    "schedule": "no program can say which thread goes on"}
ATTEMPT = re.compile(r'"(h\d.{5})\\n"')  # in fuzz/hostile.c; the slot is put in
TELL = """/* {what}, found by fuzzing; fuzz/corpus/{target}/{name} is the same. Made by `make repro`. */
#include "check.h"
#include "tests/test.h"

static struct heap h;

int main(void) {{
{declared}{calls}    return 0;
}}
"""


CALL = re.compile(r"(    CHECK\(heap_(?:alloc\(&h, [^)]*\) == |free\(&h, ))(\d+)(\D.*)")


def folded(calls):
    """Equal calls at offsets of one distance are a loop."""
    lines = calls.splitlines()
    while lines:
        head = CALL.fullmatch(lines[0])
        offsets = []
        for line in lines if head else []:
            match = CALL.fullmatch(line)
            if not match or match.group(1, 3) != head.group(1, 3):
                break
            offset = int(match[2])
            if len(offsets) > 1 and offset - offsets[-1] != offsets[1] - offsets[0] or offsets and offset <= offsets[-1]:
                break
            offsets.append(offset)
        if len(offsets) < 4:
            yield lines.pop(0)
            continue
        yield f"    for (size_t off = {offsets[0]}; off <= {offsets[-1]}; off += {offsets[1] - offsets[0]})"
        yield f"    {head[1]}off{head[3]}"
        lines = lines[len(offsets):]


class Case:
    """The target, and how an input makes it fail."""

    def __init__(self, target, data):
        self.head = 0 if target in HEADLESS else 1
        self.target, self.file = target, tempfile.NamedTemporaryFile()
        self.sanitized = not self.fails(data, False)
        self.said = self.fails(data, self.sanitized)
        self.what = verdict(self.said)

    def fails(self, data, sanitized):
        Path(self.file.name).write_bytes(data)
        return replay(self.target, self.file.name, sanitized, seconds=10)

    def same(self, lines):
        said = self.fails(b"".join(lines), self.sanitized)
        return bool(said) and verdict(said) == self.what


def fewer(case, lines):
    """Without as many lines as possible: halves first, then less, down to each one."""
    step = max(1, (len(lines) - 1) // 2)
    while True:
        i = case.head
        while i < len(lines):
            shorter = lines[:i] + lines[i + step:]
            if case.same(shorter):
                lines = shorter
            else:
                i += step
        if step == 1:
            return lines
        step //= 2


def simpler(case, lines):
    """Each field as in PLAIN, if that fails too."""
    for i in range(case.head, len(lines)):
        for k in range(1, LINE):
            line = lines[i][:k] + PLAIN[k:k + 1] + lines[i][k + 1:]
            if line != lines[i] and case.same(lines[:i] + [line] + lines[i + 1:]):
                lines = lines[:i] + [line] + lines[i + 1:]
    return lines


def minimal(case, data):
    lines = [data[i:i + LINE] for i in range(0, len(data), LINE)]
    before = None
    while lines != before:
        before = lines
        lines = simpler(case, fewer(case, lines))
        print(f"repro: {len(lines)} lines", file=sys.stderr)
    return b"".join(lines)


def c_test(case, name, path):
    """tests/regress/NAME.c: the calls of the input, the questions of the line that failed. None if it does not fail."""
    said = replay(case.target, path, case.sanitized)
    line, growth = re.search(r"line (\d+) of", said), re.search(r"growth (\d+) is refused", said)
    numbers = [line[1], growth[1] if growth else "0"] if line else []
    told = subprocess.run([BUILD / "fuzz/retell", path, *numbers], capture_output=True, text=True)
    if told.returncode != 0:
        sys.exit(f"repro: {told.stderr.strip()}")
    calls = "\n".join(folded(told.stdout)) + "\n"
    declared = "    uint32_t page;\n" * ("&page" in calls) + "    static struct heap_stats s;\n" * ("&s)" in calls)
    test = ROOT / "tests/regress" / f"{name}.c"
    test.parent.mkdir(exist_ok=True)
    test.write_text(TELL.format(what=case.what, target=case.target, name=name, declared=declared, calls=calls))
    subprocess.run(["clang-format", "-i", test])
    subprocess.run(["make", "-s", "-C", ROOT, f"build/regress/{name}"], check=True, env={**os.environ, "MAKEFLAGS": ""})
    run = subprocess.run([BUILD / "regress" / name], capture_output=True, text=True)
    print(run.stderr, end="")
    if run.returncode != 0:
        return [test]
    test.unlink()
    print("repro: what is wrong is not seen by calls alone: the input is the test", file=sys.stderr)
    return []


def written_out(data):
    """What a hostile client does with the input, as one for the target heap."""
    attempts = [text.encode() + b"\n" for text in ATTEMPT.findall((ROOT / "fuzz/hostile.c").read_text())]
    lines = [data[i:i + LINE] for i in range(LINE, len(data) - LINE + 1, LINE)]
    return data[:LINE] + b"".join(line + b"".join(a[:1] + line[1:2] + a[2:] for a in attempts) for line in lines)


def case_of(target, data):
    """The target and the input to go on with."""
    if target == "hostile":
        case = Case("heap", written_out(data))
        if case.said:
            return case, written_out(data)
    return Case(target, data), data


def main():
    if len(sys.argv) not in (2, 3) or not Path(sys.argv[1]).is_file():
        sys.exit("usage: make repro F=FILE: an input that makes a fuzz target fail, from build/findings")
    path = Path(sys.argv[1]).resolve()
    target = sys.argv[2] if len(sys.argv) == 3 else max((t for t in targets() if path.name.startswith(t)), key=len, default="heap")
    if target not in targets():
        sys.exit(f"repro: there is no target {target}; there are {' '.join(targets())}")
    case, data = case_of(target, path.read_bytes())
    target = case.target
    if not case.said:
        sys.exit(f"repro: target {target} does not fail on {path.name}")
    data = minimal(case, data)
    name = f"{case.what.split()[0].lower()}-{hashlib.sha1(data).hexdigest()[:6]}"
    kept = seeds(target) / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    print("\n".join(replay(target, kept, case.sanitized).splitlines()[:40]))
    if target not in RETOLD:
        print(f"repro: there is no test in C, for {NO_C.get(target, CALLS)}: the input is the test", file=sys.stderr)
    made = [kept] + (c_test(case, name, kept) if target in RETOLD else [])
    print(f"{target}: {case.what}: " + " ".join(str(p.relative_to(ROOT)) for p in made))


if __name__ == "__main__":
    main()
