#!/usr/bin/env python3
"""Compares `plainsight extract` with the notebook's stack (Pillow, torchvision) on real images: from the JPEGs and from
PNG copies. The weights are torchvision's random ones. Every pixel is the same, so the bound is that of the network.
usage: compare_extract_torchvision.py BUILD/plainsight FOLDER [COUNT] [extract's options, as --conv direct]"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision import transforms

LAYERS = {"fc7": 5, "fc6": 2, "logits": 7}


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, t in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [offset, offset + 4 * t.numel()]}
        offset += 4 * t.numel()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for t in tensors.values():
            f.write(t.contiguous().numpy().tobytes())


def read_store(path):
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header, data = json.loads(raw[8 : 8 + length]), raw[8 + length :]

    def part(name):
        begin, end = header[name]["data_offsets"]
        return data[begin:end]

    rows = np.frombuffer(part("features"), "<f4").reshape(header["features"]["shape"])
    return dict(zip(part("ids").decode().splitlines(), rows))


def compare(title, ours, expected):
    worst = max(np.abs(ours[k] - expected[k]).max() / np.abs(expected[k]).max() for k in expected)
    cosine = min(float(np.dot(ours[k].astype(float), expected[k]) / np.linalg.norm(ours[k].astype(float))
                       / np.linalg.norm(expected[k].astype(float))) for k in expected)
    zeros = np.mean([np.mean(v == 0) for v in expected.values()])
    print(f"{title}: {len(expected)} images, largest difference {worst:.2e} of the largest feature, "
          f"1 - cosine at most {1 - cosine:.1e}, {100 * zeros:.0f} % of the expected features are zero", flush=True)
    return worst, cosine


program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
count = int(sys.argv[3]) if len(sys.argv) > 3 else 20
options = sys.argv[4:]
layer = options[options.index("--layer") + 1] if "--layer" in options else "fc7"
files = sorted(folder.glob("*.jpg"))[:count]
torch.manual_seed(0)
model = torchvision.models.vgg16(weights=None).eval()
prepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(),
                              transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
with tempfile.TemporaryDirectory() as temporary:
    temporary = pathlib.Path(temporary)
    write_safetensors(temporary / "vgg16.safetensors", model.state_dict())
    expected, jpeg, png = {}, temporary / "jpeg", temporary / "png"
    jpeg.mkdir()
    png.mkdir()
    model.classifier = model.classifier[: LAYERS[layer]]
    for path in files:
        image = Image.open(path).convert("RGB")
        image.save(png / (path.stem + ".png"))
        (jpeg / path.name).write_bytes(path.read_bytes())
        with torch.no_grad():
            expected[path.stem] = model(prepare(image)[None])[0].numpy()
    ours = {}
    for images in (png, jpeg):
        store = temporary / (images.name + ".safetensors")
        subprocess.run([program, "extract", "--quiet", "--images", images, "--out", store, "--weights",
                        temporary / "vgg16.safetensors", *options], check=True, stdout=subprocess.DEVNULL)
        ours[images.name] = read_store(store)
    results = [compare(kind, ours[kind.lower()], expected) for kind in ("PNG", "JPEG")]
if any(worst > 1e-4 or cosine < 0.999999 for worst, cosine in results):
    sys.exit("the features differ by more than 1e-4 of the largest, or in direction")
