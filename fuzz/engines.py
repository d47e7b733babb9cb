"""The engines of fuzz/fuzz.py: a target under libFuzzer or AFL++, its progress, its findings."""
import ctypes
import hashlib
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
FINDINGS = BUILD / "findings"
ENGINES = ("libfuzzer", "afl")
PROGRESS = re.compile(r"#(\d+)\s+(\w+)\s+cov: (\d+) ft: (\d+)")
PR_SET_CHILD_SUBREAPER = 36
SLOW = 20  # seconds that an input may take
SANITIZERS = {"ASAN_OPTIONS": "abort_on_error=1:symbolize=0:detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
AFL = {"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1", "AFL_NO_UI": "1",
       "AFL_FAST_CAL": "1", "AFL_HANG_TMOUT": f"{SLOW}000", "AFL_CUSTOM_MUTATOR_LIBRARY": str(BUILD / "afl/mutator.so")}


def targets():
    """Those that are built."""
    return sorted(p.name.removesuffix("-replay") for p in (BUILD / "fuzz").glob("*-replay"))


def seeds(target):
    return ROOT / "fuzz/corpus" / target


def grown(target):
    return BUILD / "corpus" / target


def replay(target, path, sanitized=False, seconds=60):
    """What the target says of an input when it fails, else nothing."""
    program = BUILD / "fuzz" / (target if sanitized else f"{target}-replay")
    try:
        done = subprocess.run([program, path], capture_output=True, timeout=seconds, env={**os.environ, **SANITIZERS})
    except subprocess.TimeoutExpired:
        return f"no end after {seconds} s"
    said = done.stderr.decode(errors="replace")
    return "" if done.returncode == 0 else said or f"exit status {done.returncode}"


def verdict(said):
    """The line that names what failed."""
    match = re.search(r"oracle: (\w+) does not hold|(ERROR: \w+Sanitizer: \S+|runtime error: .*|no end after .*)", said)
    return match[1] or match[2] if match else "crash"


class Run:
    """One engine on one target. Its progress is in execs, features, last (when something new was found)."""

    def __init__(self, engine, target, seconds, seed=0, most=2048, fresh=False):
        self.engine, self.target, self.seconds, self.most = engine, target, seconds, most
        self.execs = self.features = 0
        self.started = self.last = time.time()
        self.place = FINDINGS / target / f"{engine}-{seed}"
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        self.corpus = self.place / "corpus" if fresh else grown(target)
        self.corpus.mkdir(parents=True, exist_ok=True)
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # the CPU time of what AFL++ leaves behind counts
        self.before = os.times()
        command, more = (self.libfuzzer if engine == "libfuzzer" else self.afl)(seed)
        self.process = subprocess.Popen(command, env={**os.environ, **SANITIZERS, **more}, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def libfuzzer(self, seed):
        corpus = [p for p in (seeds(self.target),) if p.is_dir()]
        return [BUILD / "fuzz" / self.target, f"-max_total_time={self.seconds}", f"-seed={seed}", f"-max_len={self.most}",
                f"-timeout={SLOW}", "-print_final_stats=1", "-entropic_scale_per_exec_time=1", f"-artifact_prefix={self.place}/",
                self.corpus, *corpus], {}

    def afl(self, seed):
        start = self.place / "in"
        start.mkdir()
        for path in [*seeds(self.target).glob("*"), *self.corpus.glob("*")]:
            shutil.copy(path, start)
        return ["afl-fuzz", "-i", start, "-o", self.place / "out", "-V", str(self.seconds), "-G", str(self.most), "-m", "none",
                "-s", str(seed), "-t", "2000", "--", BUILD / "afl" / self.target], AFL

    def read(self):
        self.said = b""
        for line in self.process.stdout:
            self.said = (self.said + line)[-20000:]
            match = PROGRESS.match(line.decode(errors="replace"))
            if match:
                self.execs = int(match[1])
                if int(match[4]) > self.features:
                    self.features, self.last = int(match[4]), time.time()

    def poll(self):
        """Whether it still runs."""
        stats = self.place / "out/default/fuzzer_stats"
        if self.engine == "afl" and stats.exists():
            known = dict(re.findall(r"^(\w+)\s*: (\d+)", stats.read_text(), re.MULTILINE))
            self.execs = int(known.get("execs_done", 0))
            self.features = int(known.get("edges_found", 0))
            self.last = max(self.started, float(known.get("last_find", 0)))
        return self.process.poll() is None

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)

    def end(self):
        """Waits. Then the CPU seconds are known, and the findings: what failed, if it fails again, and whether it is slow."""
        self.process.wait()
        self.reader.join()
        self.poll()
        self.wall = time.time() - self.started
        for _ in range(20):  # what AFL++ left behind ends a little later
            try:
                os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            time.sleep(0.05)
        after = os.times()
        self.cpu = sum(after[2:4]) - sum(self.before[2:4])
        done = re.search(rb"number_of_executed_units: (\d+)", self.said)
        self.execs = int(done[1]) if done else self.execs
        self.clean = self.process.returncode == 0 and self.execs > 0 and bool(done or self.engine == "afl")
        self.keep()
        return [self.judge(path) for path in self.found()]

    def keep(self):
        """What AFL++ has found that reaches more stands where libFuzzer writes such itself."""
        for path in self.place.glob("out/default/queue/id*"):
            if ",orig:" not in path.name:
                shutil.copy(path, self.corpus / hashlib.sha1(path.read_bytes()).hexdigest())

    def found(self):
        if self.engine == "afl":
            out = self.place / "out/default"
            return [*out.glob("crashes/id*"), *out.glob("hangs/id*")]
        return [p for p in self.place.iterdir() if re.match(r"(crash|timeout|oom|leak)-", p.name)]

    def judge(self, path):
        """A finding counts if the replay build or the sanitized one fails again, in a process of its own; and if the
        engine had not the time or the memory for it."""
        said = replay(self.target, path) or replay(self.target, path, sanitized=True)
        kept = FINDINGS / f"{self.target}-{hashlib.sha1(path.read_bytes()).hexdigest()[:12]}"
        shutil.copy(path, kept)
        slow = not said and (path.parent.name == "hangs" or path.name.startswith(("timeout-", "oom-")))
        return {"file": str(kept.relative_to(ROOT)), "what": verdict(said) if said else "nothing", "confirmed": bool(said),
                "slow": slow}

    def failed(self, findings):
        """Why the engine itself did not work, if so: it did not end well, and no finding says why."""
        if self.clean or any(finding["confirmed"] for finding in findings):
            return []
        code = self.process.returncode
        ended = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return [f"ended with {ended} after {self.execs} executions", *self.said.decode(errors="replace").strip().splitlines()[-8:]]
