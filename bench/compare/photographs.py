"""Makes photographs of Flickr8k's size: photographs.py FROM TO COUNT writes COUNT JPEGs of 500 x 375 from the first images in FROM.

The sample's images have 200 x 150 pixels, and enlarged they would be too smooth. Grain, and the quality 95 of Flickr's files,
give them about the size of Flickr8k's: 113 KB here, 137 KB there.
"""
import os, sys

import numpy
from PIL import Image

source, target, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
names = sorted(n for n in os.listdir(source) if n.endswith(".jpg"))[:count]
if len(names) < count:
    sys.exit(f"photographs.py: error: {source} has only {len(names)} images")
random = numpy.random.default_rng(1)
for name in names:
    image = Image.open(os.path.join(source, name)).convert("RGB")
    size = (500, 375) if image.width >= image.height else (375, 500)
    pixels = numpy.asarray(image.resize(size, Image.BICUBIC)).astype(numpy.float32)
    pixels += random.normal(0, 12, pixels.shape[:2])[:, :, None]
    Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8)).save(os.path.join(target, name), quality=95)
