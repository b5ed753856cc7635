"""Compares VGG16 from image tensor to fc7 with PyTorch and ONNX Runtime: same weights, alternating in one run. A turn is two
runs, of which the second counts.

vgg16_frameworks.sh installs what this needs and calls it: vgg16_frameworks.py FORWARD NODE_MODULES [BATCH [THREADS [ROUNDS]]]
"""
import json, os, statistics, struct, subprocess, sys, tempfile, time

import numpy, torch, torchvision

from served import Served

HERE = os.path.dirname(os.path.abspath(__file__))


def load(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        start = f.tell()
    data = numpy.memmap(path, dtype=numpy.uint8, mode="r")[start:]
    state = {}
    for name, t in header.items():
        if name != "__metadata__":
            begin, end = t["data_offsets"]
            state[name] = torch.from_numpy(data[begin:end].view(numpy.float32).reshape(t["shape"]).copy())
    return state


def main():
    forward, modules = sys.argv[1:3]
    batch, threads, rounds = (int(v) for v in (sys.argv[3:] + ["8", "2", "7"][len(sys.argv) - 3:]))
    torch.set_num_threads(threads)
    folder = tempfile.mkdtemp(prefix="plainsight-compare-")
    weights, model = folder + "/vgg16.safetensors", folder + "/vgg16.onnx"
    subprocess.run([forward, "random", weights], check=True)
    net = torchvision.models.vgg16()
    net.load_state_dict(load(weights))
    net.classifier = net.classifier[:5]  # fc7 after its ReLU; Dropout does nothing in eval mode
    net.eval()
    images = torch.randn(batch, 3, 224, 224)
    torch.onnx.export(net, images, model)

    def pytorch():
        start = time.perf_counter()
        with torch.inference_mode():
            net(images)
        return (time.perf_counter() - start) * 1e3

    tuned, plain = (Served(forward, "serve", weights, str(batch), str(threads), e) for e in ("tuned", "plain"))
    ort = Served("node", HERE + "/vgg16_ort.mjs", modules, model, str(batch), str(threads), greeting=True)
    sides = {"Plainsight, tuned": tuned, "Plainsight, plain": plain, "PyTorch " + torch.__version__: pytorch,
             "ONNX Runtime " + ort.version: ort}
    times = {name: [] for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            run()  # not counted: it begins with another side's weights in the caches and threads that still spin
            times[name].append(run() / batch)
    print(f"VGG16 to fc7, batch {batch}, {threads} threads, {rounds} turns each, "
          f"isa {os.environ.get('PLAINSIGHT_ISA', 'best')}, OpenBLAS's {os.environ.get('OPENBLAS_CORETYPE')} kernels")
    for name, t in times.items():
        line = f"{name:24s} {statistics.median(t):8.1f} ms/image ({min(t):.1f} .. {max(t):.1f})"
        for engine in ("tuned", "plain"):
            ratios = [a / b for a, b in zip(t, times["Plainsight, " + engine])]
            line += f"   of {engine}'s {statistics.median(ratios):5.2f} ({min(ratios):.2f} .. {max(ratios):.2f})"
        print(line)
    for path in (weights, model):
        os.remove(path)
    os.rmdir(folder)


main()
