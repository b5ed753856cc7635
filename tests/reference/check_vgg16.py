"""Compares VGG16 with torchvision on real images, from both containers of PyTorch: each engine, and on the tuned one
every algorithm and instruction set.

Usage: /usr/bin/python3 tests/reference/check_vgg16.py BUILD-FOLDER [COUNT] [--engine tuned|plain|both]
The images are those of $PLAINSIGHT_DATA or ../shared/data.

PyTorch saves seeded weights in both containers; they are converted, and both sides read the first COUNT (20) sample
JPEGs. Each table row compares `extract` with torchvision in float64. Fails when a feature differs by more than 1e-4 of
the largest one, or a cosine is below 0.999999.
"""
import argparse, glob, json, os, shutil, struct, subprocess, sys, tempfile

import numpy, torch, torchvision
from PIL import Image

ROOT = os.path.dirname(os.path.abspath(__file__)) + "/../.."


def features(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    begin, end = header["features"]["data_offsets"]
    rows = numpy.frombuffer(data[begin:end], numpy.float32).reshape(header["features"]["shape"])
    begin, end = header["ids"]["data_offsets"]
    ids = data[begin:end].decode().split("\n")
    return {i: r.astype(numpy.float64) for i, r in zip(ids, rows)}


def variants(engine, layer):
    """(engine, algorithm, instruction set) of each run; all algorithms for fc7 only."""
    if engine in ("plain", "both"):
        yield "plain", "auto", "BLAS"
    if engine in ("tuned", "both"):
        for algorithm in ("auto", "winograd", "direct", "im2col") if layer == "fc7" else ("auto",):
            for isa in ("baseline", "avx2", "avx512", "amx"):
                yield "tuned", algorithm, isa


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("count", type=int, nargs="?", default=20)
    parser.add_argument("--engine", choices=("tuned", "plain", "both"), default="both")
    arguments = parser.parse_args()
    build, count = arguments.build, arguments.count
    data = os.environ.get("PLAINSIGHT_DATA") or ROOT + "/../shared/data"
    images = sorted(glob.glob(data + "/flickr8k_sample/**/*.jpg", recursive=True))[:count]
    if not images:
        sys.exit("check_vgg16.py: error: no images in " + data + "/flickr8k_sample. Set PLAINSIGHT_DATA")
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + "/jpeg")
        for p in images:
            shutil.copy(p, folder + "/jpeg")
        torch.manual_seed(7)
        net = torchvision.models.vgg16().eval()
        weights = []
        for container, new in (("zip", True), ("legacy", False)):
            torch.save(net.state_dict(), folder + "/w.pth", _use_new_zipfile_serialization=new)
            weights.append(f"{folder}/{container}.safetensors")
            subprocess.run([build + "/weights-convert", folder + "/w.pth", weights[-1], "--expect", "vgg16"], check=True)
        same = open(weights[0], "rb").read() == open(weights[1], "rb").read()
        print("both containers give", "the same bytes" if same else "DIFFERENT bytes")

        prepare = torchvision.transforms.Compose([
            torchvision.transforms.Resize((224, 224)), torchvision.transforms.ToTensor(),
            torchvision.transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])
        names = sorted(os.path.basename(p).split(".")[0] for p in images)
        images = torch.stack([prepare(Image.open(f"{folder}/jpeg/{n}.jpg").convert("RGB")) for n in names])

        def forward(dtype):
            with torch.inference_mode():
                return net.to(dtype).features(images.to(dtype)).flatten(1)

        hidden32, hidden64 = forward(torch.float32), forward(torch.float64)
        bad = not same
        print(f"{'layer':7s}{'engine':8s}{'algorithm':12s}{'table':10s}{'max difference':>16s}{'cosine 1-':>12s}"
              "   of float64, of the largest feature")
        for layer, end in (("fc7", 5), ("fc6", 2), ("logits", 7)):
            with torch.inference_mode():
                exact = net.to(torch.float64).classifier[:end](hidden64).numpy()
                single = net.to(torch.float32).classifier[:end](hidden32).double().numpy()

            def row(engine, algorithm, table, got):
                difference = abs(got - exact).max() / abs(exact).max()
                cosine = ((got * exact).sum(1) / numpy.linalg.norm(got, axis=1) / numpy.linalg.norm(exact, axis=1)).min()
                print(f"{layer:7s}{engine:8s}{algorithm:12s}{table:10s}{difference:16.2e}{1 - cosine:12.1e}", flush=True)
                return not (difference <= 1e-4 and cosine >= 0.999999)

            row("torch", "", "float32", single)
            for engine, algorithm, isa in variants(arguments.engine, layer):
                out = f"{folder}/{layer}-{engine}-{algorithm}-{isa}.safetensors"
                done = subprocess.run(
                    [build + "/plainsight", "extract", "--quiet", "--images", folder + "/jpeg", "--weights", weights[0],
                     "--out", out, "--layer", layer, "--conv", algorithm, "--engine", engine],
                    env={**os.environ, "PLAINSIGHT_ISA": "" if engine == "plain" else isa}, capture_output=True, text=True)
                if "unsupported instruction set" in done.stderr:
                    print(f"{layer:7s}{engine:8s}{algorithm:12s}{isa:10s} not on this machine")
                    continue
                if done.returncode != 0:
                    sys.exit(done.stderr)
                got = features(out)
                bad |= row(engine, algorithm, isa, numpy.stack([got[n] for n in names]))
        sys.exit("check_vgg16.py: error: a feature is too far from float64" if bad else 0)


main()
