"""What WP prints, goal by goal."""
import os
import re
import signal
import subprocess
import sys
from typing import NamedTuple

PROVED = {"Valid", "Passed"}
GOAL = re.compile(r"\[wp\] \[(?P<by>[^]]*)\](?: \([^)]*\))? (?P<sort>Goal|Smoke-test) typed_ref_(?P<goal>\w+)"
                  r"(?: : (?P<answer>\w+)(?P<rest>.*))?")
SCHEDULED = re.compile(r"\[wp\] (\d+) goals scheduled")
# Warnings that say nothing: a smoke test counts as a goal; of a void pointer WP has no range to keep apart from globals.
EXPECTED = "Failed smoke-test", "Warning: void object"
SECONDS = re.compile(r"\(([\d.]+)(ms|s)\)")
CLAUSE = re.compile(r"(wp_typed_ref_(?:requires|ensures)|smoke)|(?:ensures|requires|invariant|assert|rte)_(?!rte_|part\d)(\w+?)"
                    r"(?:_established|_preserved)?(?:_\d+|_part\d+)*$|(loop_assigns|assigns|variant|decreases|terminates)")


class Answer(NamedTuple):
    goal: str  # the function, and what is asked of it
    proved: bool
    smoke: bool
    by: str  # the prover, or Qed
    seconds: float
    cached: bool
    tried: list  # of a red goal: what each prover said
    text: str


def watch(command, title, folder, why3, until_red=False):
    """Runs Frama-C in the folder, to its end or to the first red goal: its exit status and its lines. On a terminal, shows
    how far it is."""
    lines, done, total = [], 0, "?"
    env = {**os.environ, "WHY3CONFIG": str(why3), "PWD": str(folder),  # Frama-C believes PWD
           "OCAMLRUNPARAM": "s=4M,o=400"}  # words: collects garbage less often, a fifth of Frama-C's time
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, cwd=folder, env=env, start_new_session=until_red) as process:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            scheduled = SCHEDULED.match(line)
            total = scheduled[1] if scheduled else total
            goal = GOAL.match(line)
            done += goal is not None
            if until_red and goal and (goal["answer"] or goal["by"]) not in PROVED | {"Qed"}:
                os.killpg(process.pid, signal.SIGKILL)  # the provers too
                break
            if sys.stderr.isatty():
                print(f"\r\033[K{title}: {done}/{total} goals", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return process.returncode, lines


def warnings(lines):
    """The others, each with the line behind it. One is of code that is certain to go wrong, of which nothing is asked then."""
    for line, behind in zip(lines, [*lines[1:], ""]):
        if "Warning:" in line and not any(text in line for text in EXPECTED):
            yield line.strip(), behind.strip()


def answers(lines):
    told = set()  # a smoke test that fails is printed twice
    for number, line in enumerate(lines):
        match = GOAL.match(line)
        if not match or match["goal"] in told:
            continue
        told.add(match["goal"])
        rest = match["rest"] or ""
        seconds = sum(float(amount) / (1000 if unit == "ms" else 1) for amount, unit in SECONDS.findall(rest))
        answer, smoke = match["answer"] or match["by"], match["sort"] == "Smoke-test"
        tried = []
        if smoke:
            tried = ["contradictory assumptions, or code that nothing reaches"]
        elif answer not in PROVED:
            tried = [f"{match['by']}: {answer}"] if match["answer"] else []
            for more in lines[number + 1:]:
                if not more.startswith("  "):
                    break
                tried.append(more.strip())
        yield Answer(match["goal"], answer in PROVED, smoke, match["by"], seconds, "(cached)" in rest,
                     tried, " ".join(lines[number:number + 4]))


def clause_of(goal):
    """The name of the clause that a goal comes from; its kind, if that has no name."""
    match = CLAUSE.search(goal)
    return next(filter(None, match.groups())) if match else goal
