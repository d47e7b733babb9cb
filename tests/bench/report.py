#!/usr/bin/env python3
"""What results.csv says, as tables and plots: tests/bench/report.py FOLDER

Ratios are taken within a round, where both ran soon after each other; of the rounds the median counts, of several
benchmarks the geometric mean, if all of them ran."""
import csv
import datetime
import os
import re
import sys
from collections import defaultdict
from math import exp, log
from pathlib import Path
from statistics import median

sys.dont_write_bytecode = True
import svg  # noqa: E402

COLUMNS = ("group", "bench", "pattern", "live", "threads", "operations", "peer", "round",
           "cpu_us", "wall_us", "peak_kib", "instructions")
BASES = "jemalloc", "libc"  # what others are compared to: the first that is there


def mean(values):
    return exp(sum(map(log, values)) / len(values))


def ratios(rows, column, base):
    """By benchmark and peer, one ratio to the base for each round that both ran in."""
    values, found = {}, defaultdict(list)
    for row in rows:
        values[row["bench"], row["peer"], row["round"]] = float(row[column])
    for (bench, peer, number), value in values.items():
        against = values.get((bench, base, number))
        if value and against:
            found[bench, peer].append(value / against)
    return found


def table(benches, peers, cell):
    """In Markdown; a cell that is None is empty."""
    lines = [f"| | {' | '.join(peers)} |", "|---|" + "--:|" * len(peers)]
    for bench in benches:
        cells = [cell(bench, peer) for peer in peers]
        lines.append(f"| {bench} | {' | '.join('' if c is None else format(c, '.2f' if c < 100 else '.0f') for c in cells)} |")
    return lines


def compare(rows, peers, base, column, what):
    """A table of ratios for each group, and a line of their means."""
    lines = [f"## {what}, as a ratio to {base}", ""]
    for group in "micro", "program":
        mine = [row for row in rows if row["group"] == group]
        found = {cell: median(values) for cell, values in ratios(mine, column, base).items()}
        benches = list(dict.fromkeys(row["bench"] for row in mine))
        if benches:
            lines += table(benches, peers, lambda bench, peer: found.get((bench, peer)))
            complete = [[found.get((bench, peer)) for bench in benches] for peer in peers]
            lines += [f"| **mean** | {' | '.join(f'**{mean(c):.2f}**' if all(c) else '' for c in complete)} |", ""]
    return lines


def noise(rows, base):
    """How far the copy of the base is from the base: below that, a difference means nothing."""
    lines = []
    for column, what in ("cpu_us", "CPU time"), ("peak_kib", "peak memory"):
        found = {bench: values for (bench, peer), values in ratios(rows, column, base).items() if peer == f"{base} again"}
        if found:
            medians = {bench: median(values) for bench, values in found.items()}
            worst = max(medians, key=lambda bench: abs(log(medians[bench])))
            single = max(abs(log(value)) for values in found.values() for value in values)
            lines.append(f"* {what}: a copy of {base} has a mean ratio of {mean(medians.values()):.3f} to it; that which is "
                         f"farthest off is {medians[worst]:.3f} ({worst}), of a single round by a factor of {exp(single):.2f}.")
    return ["## Noise", "", *(lines or [f"No copy of {base} ran, so it is not known."]), ""]


def instructions(rows, peers):
    counts = {(row["bench"], row["peer"]): float(row["instructions"]) for row in rows if row["instructions"]}
    benches = list(dict.fromkeys(bench for bench, _ in counts))
    lines = ["## Instructions of an operation", "", "A malloc and a free, and what the benchmark itself does.", ""]
    return [*lines, *table(benches, peers, lambda bench, peer: counts.get((bench, peer))), ""] if counts else []


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return ", ".join([str(datetime.date.today()), model[1] if model else "unknown CPU", f"{os.cpu_count()} cores",
                      os.confstr("CS_GNU_LIBC_VERSION")])


def curve(rows, x, y):
    """For each peer, the median y at each x."""
    points = defaultdict(lambda: defaultdict(list))
    for row in rows:
        points[row["peer"]][int(row[x])].append(y(row))
    return {peer: sorted((at, median(values)) for at, values in of.items()) for peer, of in points.items()}


def curves(groups):
    """Name, title and curves of what grows with live blocks or threads."""
    live = groups["live"]
    yield ("live-time", "CPU ns of an operation, by live blocks (the first fill included)",
           curve(live, "live", lambda row: 1000 * int(row["cpu_us"]) / int(row["operations"])))
    yield "live-memory", "Peak memory in MiB, by live blocks", curve(live, "live", lambda row: int(row["peak_kib"]) / 1024)
    for pattern in "mix", "server":
        mine = [row for row in groups["threads"] if row["pattern"] == pattern]
        yield (f"threads-{pattern}", f"Wall ns of an operation of any thread, by threads ({pattern})",
               curve(mine, "threads", lambda row: 1000 * int(row["wall_us"]) / int(row["operations"])))


def plots(rows, peers, base):
    """Name and text of each plot for which there are numbers."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["group"]].append(row)
    for group in "micro", "program":
        found = ratios(groups[group], "cpu_us", base)
        benches = dict.fromkeys(bench for bench, _ in found)
        dots = {bench: {peer: median(found[bench, peer]) for peer in peers if (bench, peer) in found} for bench in benches}
        if dots:
            yield f"ratio-{group}", svg.dots(f"CPU time, as a ratio to {base} (less is better)", peers, dots)
    for name, title, drawn in curves(groups):
        if drawn:
            yield name, svg.lines(title, peers, drawn)


def write(folder):
    """results.md and plots beside results.csv; 1 if that has nothing."""
    with (folder / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        print("nothing was measured")
        return 1
    peers = list(dict.fromkeys(row["peer"] for row in rows))
    base = next((name for name in BASES if name in peers), peers[0])
    for old in folder.glob("*.svg"):
        old.unlink()
    drawn = dict(plots(rows, peers, base))
    for name, text in drawn.items():
        (folder / f"{name}.svg").write_text(text)
    lines = ["# Speed and memory", "", f"{machine()}; rounds: {max(int(row['round']) for row in rows)}.", "",
             *compare(rows, peers, base, "cpu_us", "CPU time"), *compare(rows, peers, base, "peak_kib", "Peak memory"),
             *instructions(rows, peers), *noise(rows, base), *(f"![{name}]({name}.svg)" for name in drawn)]
    (folder / "results.md").write_text("\n".join(lines) + "\n")
    print(f"{folder / 'results.md'}: {len(rows)} measurements, {len(drawn)} plots")
    return 0


if __name__ == "__main__":
    sys.exit(write(Path(sys.argv[1])))
