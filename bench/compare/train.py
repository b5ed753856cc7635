"""Called by train.sh: train.py PLAINSIGHT DATA ROUNDS THREADS. Trains on the captions of the first images and random features."""
import csv, json, os, re, statistics, struct, subprocess, sys, tempfile
import numpy as np

plainsight, data, rounds, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
here = os.path.dirname(os.path.abspath(__file__))
vocab = os.path.join(data, "bert-base-uncased-vocab.txt")
# 80 % are for training: 10 steps an epoch in either recipe.
images = {"full": 160, "notebook": 800}


def clean(caption):
    return " ".join(w for w in re.sub("[^a-z]", " ", caption.strip().lower()).split() if len(w) > 1)


def prepare(folder, images):
    with open(os.path.join(data, "captions.txt"), newline="") as f:
        rows = list(csv.reader(f))[: 1 + 5 * images]
    with open(os.path.join(folder, "captions.txt"), "w", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows(rows)
    names = list(dict.fromkeys(os.path.splitext(r[0])[0] for r in rows[1:]))
    header = {n: {"dtype": "F32", "shape": [4096], "data_offsets": [i * 16384, (i + 1) * 16384]} for i, n in enumerate(names)}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(folder, "features.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        f.write(np.random.default_rng(1).random((len(names), 4096), dtype=np.float32).tobytes())
    pieces = subprocess.run([plainsight, "tokenize", "--vocab", vocab], input="\n".join(clean(r[1]) for r in rows[1:]) + "\n",
                            capture_output=True, text=True, check=True).stdout
    return "".join(f"30522 {line} 30523\n" for line in pieces.splitlines())


def ours(folder, recipe, run, engine):
    out = os.path.join(folder, f"{recipe}{run}{engine}")
    subprocess.run([plainsight, "train", "--features", os.path.join(folder, "features.safetensors"), "--captions",
                    os.path.join(folder, "captions.txt"), "--vocab", vocab, "--out", out, "--recipe", recipe, "--epochs", "3",
                    "--threads", str(threads), "--engine", engine, "--quiet"], check=True, capture_output=True)
    with open(os.path.join(out, "metrics.jsonl")) as f:
        rates = [r["targets_per_second"] for r in map(json.loads, f) if "targets_per_second" in r]
    return statistics.median(rates[1:])  # the first epoch gets memory from the system


def theirs(ids, recipe, run):
    steps = 6 if recipe == "full" else 2
    result = subprocess.run([sys.executable, os.path.join(here, "train_torch.py"), "--recipe", recipe, "--steps", str(steps),
                             "--threads", str(threads), "--skip", str(run)], input=ids, capture_output=True, text=True, check=True)
    r = json.loads(result.stdout)
    return sum(r["targets"]) / sum(r["seconds"]), r["torch"]


print(f"{threads} threads, {rounds} rounds, median and quartiles, OpenBLAS's {os.environ.get('OPENBLAS_CORETYPE')} kernels",
      flush=True)
for recipe, goals in (("full", {"tuned": 4.5, "plain": 1}), ("notebook", {"tuned": 25, "plain": 1})):
    with tempfile.TemporaryDirectory() as folder:
        ids = prepare(folder, images[recipe])
        mine, peer = {engine: [] for engine in goals}, []
        for run in range(rounds):
            for engine in goals:
                mine[engine].append(ours(folder, recipe, run, engine))
            rate, version = theirs(ids, recipe, run)
            peer.append(rate)
        for engine, goal in goals.items():
            ratio = [a / b for a, b in zip(mine[engine], peer)]
            low, middle, high = statistics.quantiles(ratio, n=4) if rounds > 1 else ratio * 3
            print(f"{recipe:8}  plainsight, {engine} {statistics.median(mine[engine]):7.0f} targets/s   PyTorch {version} "
                  f"{statistics.median(peer):7.0f}   ratio {middle:5.2f} ({low:.2f}-{high:.2f})   goal {goal}", flush=True)
