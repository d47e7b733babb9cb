#!/usr/bin/env python3
"""What ci/ offers to others works: the pipelines call goals that exist, and build.sh gives OSS-Fuzz targets that run."""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
FLAGS = "-O1 -gline-tables-only -fsanitize=address -fsanitize=fuzzer-no-link"


def goals():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in listed.splitlines()}


def check_pipeline(path, jobs):
    """Each tier is a job, and makes what it is for, which the makefile has."""
    tiers = {"commit": ["check"], "nightly": ["fuzz", "fuzz-afl", "verify", "exhaustive"], "mutants": ["mutants"],
             "continuous": ["fuzz-campaign"]}
    assert set(tiers) <= set(jobs), path
    for tier, wanted in tiers.items():
        steps = jobs[tier].get("script") or [step["run"] for step in jobs[tier]["steps"] if "run" in step]
        made = [re.match(r"make (\S+)", step)[1] for step in steps if step.startswith("make ")]
        assert set(wanted) <= set(made) <= goals(), f"{path}: {tier}: {made}"
    for kept in "build/corpus", "build/campaign":  # or each campaign would start with the same targets
        assert kept in json.dumps(jobs["continuous"]), f"{path}: {kept} is not kept"


def check_projects():
    for path in ROOT.glob("ci/oss-fuzz/project.yaml"), ROOT.glob(".clusterfuzzlite/project.yaml"):
        [project] = path
        assert yaml.safe_load(project.read_text())["language"] == "c", project


def check_build(folder):
    """With the environment that OSS-Fuzz sets, except for its image."""
    source, out = folder / "source", folder / "out"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns("build", ".git"))
    out.mkdir()
    env = {**os.environ, "CC": "clang", "CXX": "clang++", "CFLAGS": FLAGS, "CXXFLAGS": FLAGS, "OUT": str(out),
           "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer", "MAKEFLAGS": ""}
    subprocess.run([source / ".clusterfuzzlite/build.sh"], cwd=source, env=env, check=True, stdout=subprocess.DEVNULL)
    targets = [Path(path) for path in glob.glob(f"{out}/*") if os.access(path, os.X_OK)]
    assert out / "heap" in targets, targets
    for target in targets:
        assert Path(f"{target}.options").exists(), target
        subprocess.run([target, "-runs=100"], cwd=folder, check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["python3", "-m", "zipfile", "-e", out / "heap_seed_corpus.zip", folder / "seeds"], check=True)
    subprocess.run([out / "heap", *(folder / "seeds").iterdir()], check=True, stderr=subprocess.DEVNULL)


def main():
    check_pipeline("ci/github.yml", yaml.safe_load((ROOT / "ci/github.yml").read_text())["jobs"])
    check_pipeline("ci/gitlab.yml", yaml.safe_load((ROOT / "ci/gitlab.yml").read_text()))
    print("ok pipelines")
    check_projects()
    with tempfile.TemporaryDirectory() as folder:
        check_build(Path(folder))
    print("ok build.sh")


if __name__ == "__main__":
    main()
