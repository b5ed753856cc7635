"""`plainsight extract` beside the bare network. extract.sh calls it: extract.py BUILD IMAGES PICTURES THREADS ROUNDS

extract runs twice a round, on PICTURES files and on one batch of them: the difference is its rate once it is under way. The
whole command, with starting the process, transforming 60 MB of weights and writing the store, is printed as well.
"""
import os, statistics, subprocess, sys, tempfile, time

from served import Served

BATCH = 16  # extract's own


def summary(values):
    return f"{statistics.median(values):6.2f} ({min(values):.2f} .. {max(values):.2f})"


def main():
    build, images = sys.argv[1:3]
    pictures, threads, rounds = map(int, sys.argv[3:])
    names = sorted(n for n in os.listdir(images) if n.endswith(".jpg"))[:pictures]
    if pictures % BATCH or len(names) < pictures or pictures <= BATCH:
        sys.exit(f"extract.py: error: PICTURES must be a multiple of {BATCH}, at least {2 * BATCH}, at most those in {images}")
    with tempfile.TemporaryDirectory(prefix="plainsight-compare-") as folder:
        weights, out = folder + "/vgg16.safetensors", folder + "/features.safetensors"
        subprocess.run([build + "/bench/vgg16_forward", "random", weights], check=True)
        for sub, some in (("all", names), ("few", names[:BATCH])):
            os.mkdir(f"{folder}/{sub}")
            for n in some:
                os.symlink(os.path.abspath(f"{images}/{n}"), f"{folder}/{sub}/{n}")

        def extract(sub):
            start = time.perf_counter()
            subprocess.run([build + "/plainsight", "extract", "--quiet", "--images", f"{folder}/{sub}", "--weights", weights,
                            "--out", out, "--threads", str(threads)], check=True, stdout=subprocess.DEVNULL)
            spent = (time.perf_counter() - start) * 1e3
            os.remove(out)
            return spent

        def network(runs):  # a process for each turn: one that waited beside extract would not leave it the machine alone
            served = Served(build + "/bench/vgg16_forward", "serve", weights, str(BATCH), str(threads))
            served()  # the first run allocates, and is not counted
            spent = [served() for _ in range(runs)]
            served.end()
            return spent

        batches = pictures // BATCH - 1
        bare, steady, whole = [], [], []
        for r in range(rounds + 1):  # the first round is not counted
            # The network's batches stand between extract's, so that a drift of the machine meets both.
            before = network(batches // 2)
            many, few = extract("all"), extract("few")
            after = network(batches - batches // 2)
            if r > 0:
                bare.append(sum(before + after) / (batches * BATCH))
                steady.append((many - few) / (pictures - BATCH))
                whole.append(many / pictures)
    print(f"{pictures} pictures, batch {BATCH}, {threads} threads, {rounds} rounds in turns, "
          f"isa {os.environ.get('PLAINSIGHT_ISA', 'best')}; ms a picture: median (least .. most)")
    print("bare network                 ", summary(bare))
    print("extract, under way           ", summary(steady), "  rate of the bare network's, %:",
          summary([100 * b / s for b, s in zip(bare, steady)]))
    print("extract, the whole command   ", summary(whole), "  rate of the bare network's, %:",
          summary([100 * b / w for b, w in zip(bare, whole)]))


main()
