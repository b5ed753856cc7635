"""Photographs of Flickr8k's size: photographs.py FROM TO COUNT makes COUNT JPEGs of 500 x 375 from the first pictures in FROM.

The sample's own have 200 x 150 pixels. Enlarged they would be too smooth: grain, and the quality 95 of Flickr's own files,
give them about the size that these have, 113 KB here and 137 there.
"""
import os, sys

import numpy
from PIL import Image

source, target, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
names = sorted(n for n in os.listdir(source) if n.endswith(".jpg"))[:count]
if len(names) < count:
    sys.exit(f"photographs.py: error: {source} has only {len(names)} pictures")
random = numpy.random.default_rng(1)
for name in names:
    picture = Image.open(os.path.join(source, name)).convert("RGB")
    size = (500, 375) if picture.width >= picture.height else (375, 500)
    pixels = numpy.asarray(picture.resize(size, Image.BICUBIC)).astype(numpy.float32)
    pixels += random.normal(0, 12, pixels.shape[:2])[:, :, None]
    Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8)).save(os.path.join(target, name), quality=95)
