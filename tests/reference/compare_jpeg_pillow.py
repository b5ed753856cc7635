#!/usr/bin/env python3
"""Measures how our pixels differ from Pillow's on real JPEGs, at full size and after the resize to 224 x 224.
usage: compare_jpeg_pillow.py BUILD/tests/dump_pixels FOLDER [COUNT]"""
import pathlib
import subprocess
import sys

import numpy as np
from PIL import Image
from torchvision import transforms


def ours(tool, options, path):
    raw = subprocess.run([tool, *options, str(path)], check=True, capture_output=True).stdout
    header, pixels = raw.split(b"\n", 1)
    width, height = map(int, header.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


class Difference:
    """Worst and mean absolute difference, and the share of values that differ."""

    def __init__(self):
        self.worst, self.total, self.different, self.count = 0, 0, 0, 0

    def add(self, a, b):
        d = np.abs(a.astype(int) - b)
        self.worst = max(self.worst, int(d.max()))
        self.total += int(d.sum())
        self.different += int((d > 0).sum())
        self.count += d.size

    def __str__(self):
        return (f"worst {self.worst}, mean {self.total / self.count:.4f} of 255, "
                f"{100 * self.different / self.count:.2f} % of the values differ")


tool, folder = sys.argv[1], pathlib.Path(sys.argv[2])
files = sorted(p for p in folder.iterdir() if p.suffix in (".jpg", ".jpeg"))[: int(sys.argv[3]) if len(sys.argv) > 3 else None]
full, small, same = Difference(), Difference(), Difference()
resize = transforms.Resize((224, 224))
for path in files:
    picture = Image.open(path).convert("RGB")
    mine = ours(tool, [], path)
    full.add(mine, np.asarray(picture))
    small.add(ours(tool, ["--resize", "224"], path), np.asarray(resize(picture)))
    same.add(ours(tool, ["--resize", "224"], path), np.asarray(resize(Image.fromarray(mine))))
print(f"{len(files)} pictures, {full.count} values")
print("decoded:              ", full)
print("decoded and resized:  ", small)
print("our pixels, resized by Pillow and by us:", same)
