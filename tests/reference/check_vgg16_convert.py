#!/usr/bin/python3
"""Compares weights-convert with PyTorch at full size: torchvision's vgg16, saved in both containers and converted, must be
equal bit for bit, also back through .pth. Prints the peak memory of each conversion next to the size of its file.

usage: check_vgg16_convert.py WEIGHTS_CONVERT [FOLDER]      (needs python3-torchvision, time, and 2.5 GB of disk)
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

import torch
import torchvision


def convert(*arguments):
    """Runs the program; returns its peak memory in MB (GNU time)."""
    result = subprocess.run(["/usr/bin/env", "time", "-f", "%M", program, "-q", *arguments], stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: {result.stderr}")
    return int(result.stderr.split()[-1]) / 1024


def read_safetensors(path):
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: torch.frombuffer(bytearray(data[8 + length + t["data_offsets"][0]:8 + length + t["data_offsets"][1]]),
                                   dtype=torch.float32).reshape(t["shape"]) for name, t in header.items()}


def same(a, b):
    return list(sorted(a)) == list(sorted(b)) and all(torch.equal(a[k], b[k]) for k in a)


program = sys.argv[1]
with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
    torch.manual_seed(1)
    weights = torchvision.models.vgg16(weights=None).state_dict()
    failed = False
    for container, zipped in (("legacy", False), ("zip", True)):
        source, target, back = (f"{folder}/{container}{e}" for e in (".pth", ".safetensors", ".back.pth"))
        torch.save(weights, source, _use_new_zipfile_serialization=zipped)
        megabytes = os.path.getsize(source) / 2**20
        peak = convert("--expect", "vgg16", source, target)
        equal = same(weights, read_safetensors(target))
        peak_back = convert(target, back)
        returned = torch.load(back, weights_only=True)
        model = torchvision.models.vgg16(weights=None)
        model.load_state_dict(returned)
        equal_back = same(weights, returned)
        failed |= not (equal and equal_back)
        print(f"{container}: {megabytes:.0f} MB, equal to the bit: {equal}, peak memory {peak:.0f} MB; "
              f"back to .pth: equal {equal_back}, peak {peak_back:.0f} MB", flush=True)
        for path in (source, target, back):
            os.remove(path)
print("torch", torch.__version__, "torchvision", torchvision.__version__)
sys.exit(failed)
