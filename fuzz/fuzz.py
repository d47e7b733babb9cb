#!/usr/bin/env python3
"""Fuzzes the built targets: fuzz/fuzz.py run|speed|campaign [--engine E] [--seconds N] [--hours H] [TARGET...]

    run       each target in turn: a line that tells how it goes, at the end a table
    speed     executions per CPU second of both engines, for inputs of up to 64 lines
    campaign  targets, engines and seeds in turn for so many hours; goes on where the last one stopped.
              Each part is a line of build/campaign/results.jsonl. Ctrl-C ends it cleanly.

Exits 1 if there was a finding that fails again when it is replayed, an input that takes too long, or an engine that
did not work: whatever is no clean end is no pass."""
import argparse
import json
import os
import signal
import sys
import time

sys.dont_write_bytecode = True
from engines import BUILD, ENGINES, ROOT, Run, targets  # noqa: E402

AIMS = {"libfuzzer": 15000, "afl": 6000}  # executions per CPU second
PART = 300  # seconds of a campaign's part
CAMPAIGN = BUILD / "campaign/results.jsonl"


def watch(run, head):
    """Shows how the run goes, until it ends: on a terminal each second, else each quarter of a minute."""
    live = sys.stderr.isatty()
    pause = 1 if live else 15
    shown, execs = time.time(), 0
    while run.poll():
        time.sleep(0.2)
        now = time.time()
        if now - shown < pause:
            continue
        rate = run.execs / (now - run.started)
        print(f"{head}: {now - run.started:4.0f} of {run.seconds} s, {rate:6.0f} exec/s, {run.features} features, "
              f"{now - run.last:.0f} s since the last", end="\033[K\r" if live else "\n", file=sys.stderr, flush=True)
        shown = now
    print("\033[K" if live else "", end="", file=sys.stderr, flush=True)


def part(engine, target, seconds, seed, **how):
    """One run, as a dictionary."""
    run = Run(engine, target, seconds, seed, **how)
    interrupted = False
    try:
        watch(run, f"{engine} {target}")
    except KeyboardInterrupt:
        run.stop()
        interrupted = True
    findings = run.end()
    return {"target": target, "engine": engine, "seed": seed, "seconds": round(run.wall, 1), "cpu": round(run.cpu, 1),
            "execs": run.execs, "features": run.features, "quiet": round(run.started + run.wall - run.last, 1),
            "findings": findings, "failed": [] if interrupted else run.failed(findings), "interrupted": interrupted}


def tell(result):
    """What is wrong, at once; whether anything is."""
    for finding in result["findings"]:
        what = finding["what"] if finding["confirmed"] else \
            f"an input that {result['engine']} has not the time or the memory for" if finding["slow"] else \
            f"a finding of {result['engine']} that does not fail again, which does not count"
        print(f"{result['target']}: {what}", f"    make repro F={finding['file']}", sep="\n", flush=True)
    for line in result["failed"]:
        print(f"{result['engine']} {result['target']}: {line}")
    return bool(result["failed"]) or any(f["confirmed"] or f["slow"] for f in result["findings"])


def table(results):
    print(f"{'target':<12}{'engine':<11}{'seconds':>8}{'execs':>11}{'per CPU s':>11}{'features':>10}{'quiet s':>9}  findings  slow")
    for r in results:
        print(f"{r['target']:<12}{r['engine']:<11}{r['seconds']:>8.0f}{r['execs']:>11}{rate(r):>11.0f}{r['features']:>10}"
              f"{r['quiet']:>9.0f}{count(r, 'confirmed'):>10}{count(r, 'slow'):>6}")


def count(result, kind):
    return sum(finding[kind] for finding in result["findings"])


def rate(result):
    return result["execs"] / max(result["cpu"], 0.1)


def run(options):
    results, bad = [], False
    for target in options.target or targets():
        results.append(part(options.engine, target, options.seconds, options.seed))
        bad |= tell(results[-1])
        if results[-1]["interrupted"]:
            break
    table(results)
    return bad


def speed(options):
    bad = False
    for engine in ENGINES:
        result = part(engine, (options.target or ["heap"])[0], options.seconds, 1, most=8 * 65, fresh=True)
        bad |= tell(result)
        print(f"{engine:<10} {rate(result):6.0f} executions per CPU second, aim {AIMS[engine]}")
    return bad


def campaign(options):
    """Every part has another number, which is its seed: so a campaign that goes on does nothing twice."""
    CAMPAIGN.parent.mkdir(parents=True, exist_ok=True)
    done = sum(1 for _ in CAMPAIGN.open()) if CAMPAIGN.exists() else 0
    until, bad = time.time() + options.hours * 3600, False
    turns = [(e, t) for t in options.target or targets() for e in ENGINES if (BUILD / "afl" / t).exists() or e != "afl"]
    while time.time() < until:
        engine, target = turns[done % len(turns)]
        done += 1
        result = part(engine, target, max(1, int(min(PART, until - time.time()))), done)
        with CAMPAIGN.open("a") as file:
            file.write(json.dumps({**result, "part": done, "time": int(time.time())}) + "\n")
        bad |= tell(result)
        table([result])
        if result["interrupted"]:
            break
    print(f"{done} parts in {CAMPAIGN.relative_to(ROOT)}")
    return bad


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("command", choices=["run", "speed", "campaign"])
    options.add_argument("--engine", choices=ENGINES, default="libfuzzer")
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--hours", type=float, default=1)
    options.add_argument("--seed", type=int, default=int(time.time()))
    options.add_argument("target", nargs="*")
    options = options.parse_intermixed_args()
    os.chdir(ROOT)
    for stop in signal.SIGINT, signal.SIGTERM:  # of a job in the background the former is ignored
        signal.signal(stop, signal.default_int_handler)
    if not targets():
        sys.exit("no target is built: make targets")
    unknown = set(options.target) - set(targets())
    if unknown:
        sys.exit(f"no such target: {' '.join(sorted(unknown))}; there are {' '.join(targets())}")
    return 1 if {"run": run, "speed": speed, "campaign": campaign}[options.command](options) else 0


if __name__ == "__main__":
    sys.exit(main())
