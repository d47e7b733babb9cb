"""What is claimed, and what each claim rests on: the table of verify/claims.txt, which says how to read it."""
import html
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST, PAGE = ROOT / "verify/claims.txt", ROOT / "verify/README.md"
SOURCES = {path: path.read_text() for pattern in ("src/*.[ch]", "spec/*.acsl", "tests/embedded/proved.c") for path in sorted(ROOT.glob(pattern))}

GROUND = re.compile(r"(proved|uncovered|tested|fuzzed): ([^:]+)(?:: (.+))?")
# A function that follows its contract, and the definition of one; indented, they are ghost code.
CONTRACT = re.compile(r"(?:/\*@(?! ghost)(?:(?!\*/).)*\*/|/@(?:(?!@/).)*@/)\n {0,2}\w[\w *]*?(\w+)\([^;{}]*[;{]", re.DOTALL)
BODY = re.compile(r"^ {0,2}(?!return|else)\w[\w *]*?(\w+)\([^;{}]*\{\n.*?^ {0,2}\}", re.MULTILINE | re.DOTALL)
MACRO = re.compile(r"^#define (\w+)(?:\(([^)]*)\))?((?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)
CLAUSE = re.compile(r"\bensures\s+(\w+):|(?<!loop )\b(assigns)\b|\bloop (variant)\b|"
                    r"\b(?P<macro>[A-Z]\w+)\b(?:\((?P<values>(?:[^()]|\([^()]*\))*)\))?")
NAMES = {"tested": re.compile(r"^(?:static )?(?:void|int) (\w+)\(", re.MULTILINE),
         "fuzzed": re.compile(r"(?:\bHOLDS\(|(?:broken|wrong) = \")(\w+)")}


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def read():
    """Line and sentence of each claim, and line, kind, place and names of what stands for it; an empty name is all of it."""
    text = LIST.read_text() + "\n"
    for entry in re.finditer(r"^((?!#).+\n)+", text, re.MULTILINE):
        line = line_of(text, entry.start())
        lines = [(number, row, GROUND.fullmatch(row)) for number, row in enumerate(entry[0].splitlines(), line)]
        yield line, " ".join(row for _, row, m in lines if not m), [
            (number, m[1], m[2], (m[3] or "").split() or [""]) for number, _, m in lines if m]


@cache
def macros():
    """Name: file, line, parameters and text of each definition."""
    found = {}
    for path, text in SOURCES.items():
        for m in MACRO.finditer(text):
            found.setdefault(m[1], []).append((path, line_of(text, m.start()), re.findall(r"\w+", m[2] or ""), m[3]))
    return found


def clauses(text, path, line):
    """Name and place of all that is ensured, be it by a macro."""
    for m in CLAUSE.finditer(text):
        for name in filter(None, (m[1], m[2] and "@assigns", m[3] and "@variant")):
            yield name, f"{path.relative_to(ROOT)}#L{line + line_of(text, m.start()) - 1}"
        for file, first, parameters, body in macros().get(m["macro"], []):
            for parameter, value in zip(parameters, (m["values"] or "").split(", ")):
                body = re.sub(rf"\b{parameter}\b", lambda _, value=value: value, body)
            yield from clauses(body, file, first)


@cache
def functions():
    """Name: its clauses, with their places."""
    found = {}
    for path, text in SOURCES.items():
        for m in [*CONTRACT.finditer(text), *BODY.finditer(text)]:
            for name, place in clauses(m[0], path, line_of(text, m.start())):
                found.setdefault(m[1], {}).setdefault(name, place)
    return found


@cache
def known(kind, where):
    """What may be named there, with its place."""
    if kind == "proved":
        return {"": "verify/goals.json"} if where == "everything" else functions().get(where, {})
    if kind == "uncovered":
        covered = where not in " ".join(PAGE.read_text().partition("## Not covered")[2].split())
        return {} if covered else {"": "verify/README.md#not-covered"}
    path = ROOT / where
    text = path.read_text() if path.is_file() else ""
    names = {m[1]: f"{where}#L{line_of(text, m.start())}" for m in reversed([*NAMES[kind].finditer(text)])}
    return {**names, "": where} if path.exists() else {}


def breaches():
    """Line and text of all that is wrong."""
    for start, sentence, grounds in read():
        if not sentence.endswith("."):
            yield start, f"is no sentence: {sentence}"
        if len({kind for _, kind, *_ in grounds} & {"proved", "uncovered"}) != 1:
            yield start, "a claim is either proved or uncovered"
        for line, kind, where, names in grounds:
            for name in names:
                if name not in known(kind, where):
                    yield line, f"{kind}: {': '.join(filter(None, (where, name)))} does not exist"


HEAD = """# The claims, and what each rests on

From [verify/claims.txt](../../verify/claims.txt), by `make verify`. [verify/README.md](../../verify/README.md) says what is assumed.
A contract holds if all goals of its function are proved, and those of the functions that it calls. Goals are those under {configs}.

| claim | is | by contract | tested by | checked by fuzzers |
|---|---|---|---|---|
"""
STYLE = """<!DOCTYPE html><meta charset="utf-8"><title>Claims</title>
<style>body {font: 15px/1.4 sans-serif} strong {color: #b00} td {border-top: 1px solid #bbb; padding: .4em; vertical-align: top}</style>
"""
HTML = [(r"^# (.*)", r"<h1>\1</h1>"), (r"`([^`]*)`", r"<code>\1</code>"), (r"\*\*([^*]*)\*\*", r"<strong>\1</strong>"),
        (r"\[([^]]*)\]\(([^)]*)\)", r'<a href="\2">\1</a>'), (r"^\|---.*\n", ""), (r"^\| (claim .*)", r"<table>\n| \1"),
        (r"^\| ", "<tr><td>"), (r" \|$", ""), (r" \| ", "<td>"), ("&lt;br&gt;", "<br>")]


def cell(grounds, wanted, more=lambda where: ""):
    """What stands for a claim, of one kind: a line each."""
    lines = []
    for _, kind, where, names in grounds:
        if kind == wanted:
            found = known(kind, where)
            links = ", ".join(f"[{name or where}](../../{found[name]})" if name in found else f"**no {name or where}**" for name in names)
            lines.append((f"`{where}`: " if names != [""] else "") + links + more(where))
    return "<br>".join(lines)


def write(folder, runs):
    """claims.md and claims.html, with the goals of these runs."""
    proved, total, configs = Counter(), Counter(), [*dict.fromkeys(run.config for run in runs)]
    for run in runs:
        total["everything", run.config] += not run.functions  # of a run that failed
        for name, count in run.functions.items():
            for key in (name, run.config), ("everything", run.config):
                proved[key] += count["proved"]
                total[key] += count["total"]

    def goals(name):
        counts = [(proved[name, config], total[name, config]) for config in configs]
        return ", " + " / ".join(f"{t}" if p == t > 0 else f"**{p} of {t}**" for p, t in counts) + " goals"

    page = HEAD.format(configs=", ".join(configs))
    for _, sentence, grounds in read():
        by, tests, checks = cell(grounds, "proved", goals), cell(grounds, "tested"), cell(grounds, "fuzzed")
        state = f"**not proved**: {cell(grounds, 'uncovered')}" if not by else "**RED**" if "**" in by else "proved"
        page += f"| {sentence} | {state} | {by} | {tests} | {checks} |\n"
    (folder / "claims.md").write_text(page)
    page = html.escape(page, quote=False)
    for old, new in HTML:
        page = re.sub(old, new, page, flags=re.MULTILINE)
    (folder / "claims.html").write_text(STYLE + page)
