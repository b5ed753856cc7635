"""Seconds from starting `plainsight caption` to its end. first_caption.sh calls it: first_caption.py BUILD DATA RUNS THREADS"""
import os, statistics, subprocess, sys, tempfile, time

GOAL = 0.4
IMAGES = 40  # a fifth of them for validation


def main():
    build, data = sys.argv[1:3]
    runs, threads = map(int, sys.argv[3:])
    images = data + "/flickr8k_sample/Images"
    names = sorted(n for n in os.listdir(images) if n.endswith(".jpg"))[:IMAGES]
    with tempfile.TemporaryDirectory(prefix="plainsight-compare-") as folder:

        def plainsight(*arguments):
            return subprocess.run([build + "/plainsight", *arguments, "--quiet", "--threads", str(threads)], check=True,
                                  capture_output=True, text=True).stdout

        weights = folder + "/vgg16.safetensors"
        subprocess.run([build + "/bench/vgg16_forward", "random", weights], check=True)
        os.mkdir(folder + "/images")
        for n in names:
            os.symlink(os.path.abspath(f"{images}/{n}"), f"{folder}/images/{n}")
        plainsight("extract", "--images", folder + "/images", "--weights", weights, "--out", folder + "/features.safetensors")
        with open(data + "/captions.txt", encoding="utf-8") as all, open(folder + "/captions.txt", "w", encoding="utf-8") as some:
            some.write(next(all))
            some.writelines(line for line in all if line.split(",")[0] in names)
        plainsight("train", "--features", folder + "/features.safetensors", "--captions", folder + "/captions.txt",
                   "--vocab", data + "/bert-base-uncased-vocab.txt", "--out", folder + "/run", "--epochs", "1")
        image, times = f"{images}/{names[0]}", []
        for r in range(runs + 1):  # the first reads the files into the page cache
            start = time.perf_counter()
            plainsight("caption", "--run", folder + "/run", "--weights", weights, image)
            if r > 0:
                times.append(time.perf_counter() - start)
    print(f"cold process to first caption, {threads} threads, {runs} runs, isa "
          f"{os.environ.get('PLAINSIGHT_ISA', 'best')}: median {statistics.median(times):.3f} s "
          f"({min(times):.3f} .. {max(times):.3f}); goal {GOAL} s")


main()
