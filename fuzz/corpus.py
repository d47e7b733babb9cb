#!/usr/bin/env python3
"""Merges what engines have found into fuzz/corpus: of build/corpus/TARGET what reaches more than the seeds do.

    fuzz/corpus.py [TARGET...]

libFuzzer picks few inputs that together reach all. Files with names of their own, the readable seeds, always stay;
those that are named by a hash go if nothing new is in them. What fails when it is replayed is left out, and said."""
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from engines import BUILD, ROOT, grown, replay, seeds, targets  # noqa: E402

LIMIT = 1 << 20  # bytes of all
HASH = re.compile(r"[0-9a-f]{40}")
MOST = 1024  # bytes of an input


def merge(target):
    """The inputs that add something to the readable seeds."""
    readable = [p for p in seeds(target).glob("*") if not HASH.fullmatch(p.name)]
    with tempfile.TemporaryDirectory() as folder:
        for path in readable:
            Path(folder, path.name).write_bytes(path.read_bytes())
        before = {p.read_bytes() for p in readable}
        sources = [p for p in (seeds(target), grown(target)) if p.is_dir()]
        done = subprocess.run([BUILD / "fuzz" / target, "-set_cover_merge=1", f"-max_len={MOST}", folder, *sources],
                              capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            sys.exit(f"corpus: {target}: " + "\n".join(done.stderr.splitlines()[-8:]))
        return [p.read_bytes() for p in Path(folder).iterdir() if p.read_bytes() not in before], readable


def main():
    for target in sys.argv[1:] or targets():
        if seeds(target).is_symlink():  # to those of another
            continue
        added, readable = merge(target)
        folder = seeds(target)
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if HASH.fullmatch(path.name):
                path.unlink()
        for data in added:
            path = folder / hashlib.sha1(data).hexdigest()
            path.write_bytes(data)
            said = replay(target, path)
            if said:
                print(f"corpus: {target}: {path.name} fails, and is left out: {said.splitlines()[-1]}")
                path.unlink()
        size = sum(p.stat().st_size for p in folder.iterdir())
        print(f"{target:<12}{len(readable):>5} readable{len(added):>7} found{size:>9} bytes")
    total = sum(p.stat().st_size for p in (ROOT / "fuzz/corpus").glob("*/*"))
    print(f"{total} bytes of {LIMIT} in {(ROOT / 'fuzz/corpus').relative_to(ROOT)}")
    return total > LIMIT


if __name__ == "__main__":
    sys.exit(main())
