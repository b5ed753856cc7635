#!/usr/bin/env python3
"""Compares our pixels with Pillow's on real JPEGs, at full size and after the resize to 224 x 224: no value may differ.
usage: compare_jpeg_pillow.py BUILD/tests/dump_pixels FOLDER [COUNT]"""
import pathlib
import subprocess
import sys

import numpy as np
import PIL.features
from PIL import Image
from torchvision import transforms


def ours(tool, files, options=()):
    """Yields the pixels that dump_pixels prints, one image at a time."""
    with subprocess.Popen([tool, *options, *map(str, files)], stdout=subprocess.PIPE) as process:
        for _ in files:
            width, height = map(int, process.stdout.readline().split())
            yield np.frombuffer(process.stdout.read(3 * width * height), np.uint8).reshape(height, width, 3)


tool, folder = sys.argv[1], pathlib.Path(sys.argv[2])
files = sorted(p for p in folder.iterdir() if p.suffix in (".jpg", ".jpeg"))[: int(sys.argv[3]) if len(sys.argv) > 3 else None]
resize = transforms.Resize((224, 224))
different, values = 0, 0
for path, full, small in zip(files, ours(tool, files), ours(tool, files, ("--resize", "224"))):
    image = Image.open(path).convert("RGB")
    for kind, mine, expected in (("decoded", full, image), ("resized", small, resize(image))):
        expected = np.asarray(expected)
        values += expected.size
        wrong = expected.size if mine.shape != expected.shape else int((mine != expected).sum())
        if wrong:
            print(f"{path.name}, {kind}: {wrong} of {expected.size} values differ")
        different += wrong
print(f"{len(files)} images, {values} values, {different} differ from Pillow {PIL.__version__} with libjpeg-turbo "
      f"{PIL.features.version('libjpeg_turbo')}")
sys.exit(different != 0 or values == 0)
