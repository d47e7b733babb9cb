"""The matrix of mutants as text, JSON and HTML."""
import html
import json
from collections import Counter

from bench import COLUMNS, OUT

STYLE = """body { font: 14px sans-serif; } td, th { padding: 1px 6px; text-align: left; vertical-align: top; }
code { white-space: pre-wrap; } td:nth-child(n+4) { font-size: 11px; }
.killed { background: #cfc; } .not { background: #eee; } .accepted { background: #ffc; } .SURVIVED { background: #f99; }"""


def summary(verdicts):
    """A line for each module: what became of its mutants."""
    words = "mutants", "no change", *COLUMNS, "equivalent", "missed", "SURVIVED", "killed"
    yield f"{'module':<14}" + "".join(f"{word:>11}" for word in words)
    modules = dict.fromkeys(verdict["module"] for verdict in verdicts)
    for module in (*modules, "all"):
        mine = [verdict for verdict in verdicts if module in (verdict["module"], "all")]
        by = Counter(verdict["by"] for verdict in mine)
        living = by["missed"] + by["SURVIVED"]
        killed = sum(by[column] for column in COLUMNS)
        counts = [len(mine), *(by[word] for word in ("compile", *COLUMNS, "equivalent", "missed", "SURVIVED"))]
        score = f"{100 * killed / (killed + living):.1f} %" if killed + living else ""
        yield f"{module:<14}" + "".join(f"{count:>11}" for count in counts) + f"{score:>11}"


def alone(verdicts):
    """A line for each column: of how many mutants it was asked, how many it notices, how many nothing else does."""
    yield f"{'column':<14}{'asked':>11}{'notices':>11}{'alone':>11}"
    for column in COLUMNS:
        by = [{c for c in COLUMNS if verdict["cells"].get(c)} for verdict in verdicts if column in verdict["cells"]]
        if by:
            yield f"{column:<14}{len(by):>11}{sum(column in found for found in by):>11}{by.count({column}):>11}"


def union(verdicts):
    """A line for each module: of the mutants that can be noticed, how many the tests notice, how many the proof of those
    that it was asked of, how many it alone, and how many either."""
    yield f"{'module':<14}" + "".join(f"{word:>12}" for word in ("noticeable", "by tests", "proof asked", "by proof", "proof alone", "by either"))
    real = [verdict for verdict in verdicts if verdict["by"] not in ("compile", "equivalent")]
    for module in (*dict.fromkeys(verdict["module"] for verdict in real), "all"):
        mine = [verdict["cells"] for verdict in real if module in (verdict["module"], "all")]
        tests = [any(cells.get(column) for column in COLUMNS if column != "wp") for cells in mine]
        proof = [bool(cells.get("wp")) for cells in mine]
        counts = (len(mine), sum(tests), sum("wp" in cells for cells in mine), sum(proof),
                  sum(p and not t for t, p in zip(tests, proof)), sum(p or t for t, p in zip(tests, proof)))
        yield f"{module:<14}" + "".join(f"{count:>12}" for count in counts)


def row(verdict):
    kind = {"compile": "not", "SURVIVED": "SURVIVED", "equivalent": "accepted", "missed": "accepted"}.get(verdict["by"], "killed")
    cells = "".join(f"<td>{html.escape(verdict['cells'].get(column, '-') or 'alive')}" for column in ("compile", *COLUMNS))
    code = "".join(f"<code>{html.escape(mark + verdict[side])}</code><br>" for mark, side in (("- ", "old"), ("+ ", "new")))
    return f"<tr class={kind}><td>{verdict['module']}<td>{verdict['function']}<td>{code}{html.escape(verdict['reason'])}{cells}\n"


def write(verdicts):
    lines = [*summary(verdicts), "", *alone(verdicts), "", *union(verdicts)]
    (OUT / "mutants.txt").write_text("\n".join([*lines, "", *(
        f"{verdict['by']:<11}{verdict['key']}" for verdict in verdicts)]) + "\n")
    (OUT / "mutants.json").write_text(json.dumps(verdicts, indent=1) + "\n")
    head = "".join(f"<th>{word}" for word in ("module", "function", "mutant", "compile", *COLUMNS))
    text = html.escape("\n".join(lines))
    (OUT / "index.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>mutants</title><style>{STYLE}</style>\n"
        f"<pre>{text}</pre>\n<table><tr>{head}\n{''.join(map(row, verdicts))}</table>\n")
