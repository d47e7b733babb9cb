#!/bin/sh
# python3: json, regular expressions, dictionaries, threads, subprocesses; once with every
# object from malloc, once with the interpreter's own pools above it.
. "$(dirname "$0")/run"
need python3 python3
python=$(python3 -c 'import sys; print(sys.executable)')
export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1

cat >"$dir/churn.py" <<'PYTHON'
import collections, hashlib, json, random, re, subprocess, sys, threading, zlib


def digest(value):
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def tree(r, depth):
    if depth == 0:
        return r.choice([None, True, r.random(), r.getrandbits(80), "s" * r.randrange(200)])
    if r.random() < 0.5:
        return [tree(r, depth - 1) for _ in range(r.randrange(6))]
    return {"k%d" % r.randrange(1000): tree(r, depth - 1) for _ in range(r.randrange(6))}


def churn(seed):
    r = random.Random(seed)
    table, log = {}, []
    for i in range(15000):
        key = r.randrange(3000)
        if key in table and r.random() < 0.5:
            log.append(len(table.pop(key)))
        else:
            table[key] = bytes(r.randrange(2000)) + b"%d" % i
    value = tree(r, 8)
    assert json.loads(json.dumps(value)) == value
    text = " ".join("%x-%d" % (r.getrandbits(30), i) for i in range(4000))
    pairs = re.findall(r"([0-9a-f]+)-(\d+)", text)
    blob = bytearray()
    for word, _ in pairs:
        blob += word.encode() * 3
    assert zlib.decompress(zlib.compress(bytes(blob))) == blob
    counts = collections.Counter(c for word, _ in pairs for c in word)
    return digest((log, sorted(table.items()), value, pairs, sorted(counts.items())))


results = {}
threads = [threading.Thread(target=lambda s=s: results.update({s: churn(s)})) for s in range(6)]
for t in threads:
    t.start()
for i in range(5):  # forks while the threads allocate
    child = subprocess.run([sys.executable, "-c", "print(sum(len(str(i)) for i in range(50000)))"],
                           capture_output=True, text=True, check=True)
    print("child", i, child.stdout.strip(), child.stderr.strip())
for t in threads:
    t.join()
for seed in sorted(results):
    print("thread", seed, results[seed])
big = [bytearray(1 << k) for k in range(26)]
print("big", sum(map(len, big)))
PYTHON

name=$(basename "$python")
same "python3: threads, json, re, subprocess, PYTHONMALLOC=malloc" "$name" \
    env PYTHONMALLOC=malloc "$python" "$dir/churn.py"
same "python3: the same on its own pools" "$name" "$python" "$dir/churn.py"
