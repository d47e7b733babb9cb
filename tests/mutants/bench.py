"""A bench: one mutant is built and run on it. Each of the columns is a question that it is asked."""
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from threading import get_ident

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "verify"))
from answers import answers, warnings, watch  # noqa: E402
from run import ALLOWED, BUILD, MODULES, why3_config, wp  # noqa: E402

OUT = Path("build/mutants")
CORE = next(line.split()[1:] for line in Path("ci/layers").read_text().splitlines() if line.startswith("core "))
PRESETS = "embedded", "small"
QUICK = "unit", "replay"  # asked of all mutants before the others are of those that live
COLUMNS = "unit", "replay", "exhaustive", "traces", "fuzz", "wp"
FUZZ_SECONDS, ADDRESSES = 10, 16 << 30
REFUSED = "does not compile"
CPU_SECONDS = {"unit": 1, "replay": 1, "traces": 20, "exhaustive": 20, "fuzz": FUZZ_SECONDS + 5}  # no end behind that
FLAVOURS = {"exhaustive": ["tiny"], "fuzz": ["fuzz"]}  # of a column; else those of PRESETS
ARGUMENTS = {("traces", "embedded"): [], ("traces", "small"): ["10"], ("exhaustive", "tiny"): ["6"]}


class Flavour:
    """The core compiled in one way: as make does it, but one file at a time."""

    def __init__(self, name):
        self.name, self.folder = name, OUT / name
        told = subprocess.run(["make", "-nB", self.folder / f"src/{CORE[0]}.o"], capture_output=True, text=True, check=True)
        self.compiler = shlex.split(told.stdout.splitlines()[-1].split("&& ")[-1])[:-4]  # without -c FILE -o FILE

    def compile(self, source, target, *flags):
        done = subprocess.run([*self.compiler, "-w", *flags, "-c", source, "-o", target], stderr=subprocess.DEVNULL)
        return done.returncode == 0

    def object_code(self, source, target):
        return target.read_bytes() if self.compile(source, target, "-O2", "-fno-sanitize=all") else None


class Bench:
    def __init__(self, number, flavours):
        self.folder, self.flavours = OUT / f"bench{number}", flavours
        self.folder.mkdir(parents=True, exist_ok=True)

    def load(self, module, text):
        self.module, self.source, self.linked = module, self.folder / f"{module}.c", set()
        self.source.write_text(text)

    def object_codes(self):
        return [self.flavours[preset].object_code(self.source, self.folder / "object.o") for preset in PRESETS]

    def link(self, name):
        """The core with the loaded file instead of its own, unless it is there; false if it does not compile."""
        target = self.folder / name
        if name not in self.linked:
            target.mkdir(exist_ok=True)
            mutated = target / f"{self.module}.o"
            if not self.flavours[name].compile(self.source, mutated):
                return False
            others = [OUT / name / f"src/{module}.o" for module in CORE if module != self.module]
            subprocess.run(["clang", "-shared", mutated, *others, "-o", target / "libcore.so"], check=True)
            self.linked.add(name)
        return True

    def ask(self, column):
        """What the column's programs notice; nothing if they do not."""
        for flavour, program, arguments in self.programs(column):
            if not self.link(flavour):
                return REFUSED
            found = self.run(flavour, program, arguments, CPU_SECONDS[column])
            if found:
                return f"{flavour}/{program.name}: {found}"
        return ""

    def programs(self, column):
        """What a column runs: flavour, program, arguments. First the module's own test."""
        for flavour in FLAVOURS.get(column, PRESETS):
            folder = OUT / flavour / ("unit" if column == "traces" else column)
            found = [p for p in folder.glob("*") if os.access(p, os.X_OK) and (p.name == "trace") == (column == "traces")]
            for program in sorted(found, key=lambda p: (not self.module.startswith(p.name), p.name)):
                yield flavour, program, self.arguments(column, flavour, Path("fuzz/corpus") / program.name)

    def arguments(self, column, flavour, corpus):
        if column == "replay":
            return sorted(f for f in corpus.glob("*") if flavour == "embedded" or len(f.name) < 40)  # seeds, else: they are quick
        if column == "fuzz":
            grown = self.folder / "corpus"
            shutil.rmtree(grown, ignore_errors=True)
            grown.mkdir()
            return [f"-max_total_time={FUZZ_SECONDS}", "-seed=1", "-max_len=2048", "-entropic_scale_per_exec_time=1",
                    f"-artifact_prefix={self.folder}/", grown, corpus]
        return ARGUMENTS.get((column, flavour), [])

    def run(self, flavour, program, arguments, seconds):
        """How the program fails with the mutated core; nothing if it does not."""
        def limit():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            if flavour != "fuzz":  # ASan wants terabytes
                resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))

        done = subprocess.run([program, *arguments], env={**os.environ, "LD_LIBRARY_PATH": str(self.folder / flavour)},
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=limit)
        if done.returncode == 0:
            return ""
        said = re.findall(r".*(?:failed: |does not hold|ERROR: |expected ).*", done.stderr.decode(errors="replace"))
        ended = f"exit status {done.returncode}" if done.returncode > 0 else signal.Signals(-done.returncode).name
        return said[0] if said else ended


def prove(mutant):
    """The first red goal of the mutated function, or warning, under the hosted configuration. Answers of an earlier proof of the
    unmutated module are made use of."""
    copy, session = OUT.resolve() / f"proved/{os.getpid()}.{get_ident()}", OUT.resolve() / "session" / mutant.module
    if not session.exists() and (known := BUILD / "session/hosted" / mutant.module).exists():
        shutil.copytree(known, session)
    for folder in "src", "spec":
        shutil.copytree(folder, copy / folder, dirs_exist_ok=True)
    (copy / f"src/{mutant.module}.c").write_text(mutant.text)
    command = wp(mutant.module, "hosted", session, timeout=ALLOWED)
    status, lines = watch([*command, "-wp-no-smoke-tests", "-wp-cache", "update", "-wp-fct", mutant.function,
                           f"src/{mutant.module}.c"], mutant.key, copy, why3_config(), until_red=True)
    shutil.rmtree(copy)
    red = [answer.goal for answer in answers(lines) if not answer.proved]
    return next(iter(red + [": ".join(warning) for warning in warnings(lines)]), REFUSED if status else "")
