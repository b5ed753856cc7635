#!/usr/bin/env python3
"""Makes tests/golden/images: small images of every kind, the pixels that Pillow gives for them, and the results of Pillow's resize
and torchvision's ToTensor + Normalize. Needs Pillow, numpy, torch and torchvision (Debian: python3-torchvision)."""
import io
import pathlib
import struct
import zlib

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms

OUT = pathlib.Path(__file__).resolve().parent.parent / "golden" / "images"
WIDTH, HEIGHT = 37, 23
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind, content=b""):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(samples, depth, color, interlace=False, palette=b"", transparency=b"", size=None, data=None):
    """A PNG file of `samples` [height, width, channels]; `size` and `data` make headers that lie."""
    def rows(part):
        height, width, channels = part.shape
        bits = (part[..., None] >> np.arange(depth - 1, -1, -1)) & 1
        bits = bits.reshape(height, width * channels * depth).astype(np.uint8)
        return b"".join(b"\0" + np.packbits(row).tobytes() for row in bits)

    height, width = size or samples.shape[:2]
    if data is None:
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlace else [samples]
        data = b"".join(rows(part) for part in parts if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlace))
    optional = (chunk(b"PLTE", palette) if palette else b"") + (chunk(b"tRNS", transparency) if transparency else b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + optional + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND")


def smooth_image():
    """Ramps, a disc and an edge."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    image = np.stack([x * 6, y * 10, 255 - x * 3 - y * 4], axis=-1)
    image[(x - 18) ** 2 + (y - 11) ** 2 < 49] = (230, 40, 60)
    image[:, 30:] = (20, 90, 30)
    return image.clip(0, 255).astype(np.uint8)


def save(name, content, expected=None):
    """Writes the file and NAME.rgb, its pixels: Pillow's, unless `expected` says otherwise."""
    path = OUT / name
    path.write_bytes(content)
    if expected is None:
        expected = np.asarray(Image.open(path).convert("RGB"))
    path.with_suffix(path.suffix + ".rgb").write_bytes(expected.astype(np.uint8).tobytes())


def make_pngs():
    rng = np.random.default_rng(1)
    for color, kind in [(0, "gray"), (2, "rgb"), (4, "gray-alpha"), (6, "rgba"), (3, "palette")]:
        for depth in {0: [1, 2, 4, 8, 16], 3: [1, 2, 4, 8]}.get(color, [8, 16]):
            samples = rng.integers(0, 1 << depth, (HEIGHT, WIDTH, CHANNELS[color]))
            palette = rng.bytes(3 << depth) if color == 3 else b""
            # Pillow clips 16-bit gray to 255, which whitens nearly everything. We keep the high byte.
            expected = np.repeat(samples >> 8, 3, axis=-1) if (color, depth) == (0, 16) else None
            save(f"{kind}-{depth}.png", png(samples, depth, color, palette=palette), expected)
            if depth in (1, 8):
                save(f"{kind}-{depth}-interlaced.png", png(samples, depth, color, interlace=True, palette=palette))
            if color in (0, 2, 3) and depth in (4, 8):
                keys = rng.bytes(1 << depth) if color == 3 else struct.pack(">" + "H" * CHANNELS[color], *samples[0, 0])
                save(f"{kind}-{depth}-transparent.png", png(samples, depth, color, palette=palette, transparency=keys))


def make_jpegs():
    image = Image.fromarray(smooth_image())

    def jpeg(name, image, **options):
        image.save(OUT / name, "JPEG", **options)
        save(name, (OUT / name).read_bytes())

    jpeg("rgb-444.jpg", image, quality=92, subsampling=0)
    jpeg("rgb-422.jpg", image, quality=92, subsampling=1)
    jpeg("rgb-420.jpg", image, quality=92, subsampling=2)
    jpeg("rgb-progressive.jpg", image, quality=85, progressive=True)
    jpeg("gray.jpg", image.convert("L"), quality=90)
    jpeg("cmyk.jpg", image.convert("CMYK"), quality=95)
    jpeg("one-pixel.jpg", image.resize((1, 1)), quality=90)
    # The same four channels without Adobe's marker (bytes 2 to 17), and with one that calls them YCCK.
    cmyk = (OUT / "cmyk.jpg").read_bytes()
    save("cmyk-unmarked.jpg", cmyk[:2] + cmyk[18:])
    save("ycck.jpg", cmyk[:17] + b"\2" + cmyk[18:])
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: Pillow's convert does not look at it
    jpeg("rgb-turned.jpg", image, quality=92, exif=turned)
    jpeg("one-row.jpg", image.crop((0, 11, WIDTH, 12)), quality=90)
    jpeg("one-column.jpg", image.crop((18, 0, 19, HEIGHT)), quality=90)
    # Six blocks below each other: more than libjpeg needs at a time, so that its memory depends on the limit.
    jpeg("gray-progressive.jpg", image.convert("L").resize((8, 48)), quality=60, progressive=True)

    # Pillow does not write these. Other samplings with as many blocks shuffle the image, which is as good for a test.
    half = (OUT / "rgb-422.jpg").read_bytes()
    size = half.index(b"\xff\xc0") + 5
    assert half[size : size + 8] == struct.pack(">HHB", HEIGHT, WIDTH, 3) + b"\1\x21\0"
    save("rgb-440.jpg", half[:size] + struct.pack(">HHB", WIDTH, HEIGHT, 3) + b"\1\x12" + half[size + 7 :])
    quarter = (OUT / "rgb-420.jpg").read_bytes()
    assert quarter[size + 5 : size + 7] == b"\1\x22"
    save("rgb-411.jpg", quarter[: size + 6] + b"\x41" + quarter[size + 7 :])
    # Three channels that are red, green and blue, as Adobe's marker says instead of JFIF's (bytes 2 to 19).
    full = (OUT / "rgb-444.jpg").read_bytes()
    save("rgb-adobe.jpg", full[:2] + b"\xff\xee\0\x0eAdobe\0d\0\0\0\0\0" + full[20:])
    # A restart after each block of 16 x 16: every block is a whole image, whose scan is used.
    scans = []
    for y, x in [(y, x) for y in (0, 16) for x in (0, 16, 32)]:
        block = io.BytesIO()
        image.crop((x, y, x + 16, y + 16)).save(block, "JPEG", quality=92, subsampling=2)
        start = block.getvalue().index(b"\xff\xda")
        scans.append(block.getvalue()[start + 14 : -2])
    start = quarter.index(b"\xff\xda")
    joined = b"".join(scan + bytes([0xFF, 0xD0 + i % 8]) for i, scan in enumerate(scans))[:-2]
    save("rgb-restarts.jpg", quarter[:start] + b"\xff\xdd\0\4\0\1" + quarter[start : start + 14] + joined + b"\xff\xd9")
    # Stray bytes, before a marker and before the end: some cameras leave them.
    save("rgb-extra-bytes.jpg", quarter[:start] + b"\0\1\2" + quarter[start:-2] + b"\0\1\2" + quarter[-2:])


def make_bad():
    nothing = np.zeros((1, 1, 3), int)
    good = png(nothing, 8, 2)
    (OUT / "bad-claims-60000.png").write_bytes(png(nothing, 8, 2, size=(60000, 60000)))
    (OUT / "bad-claims-pixels.png").write_bytes(png(nothing, 8, 2, size=(16000, 16000)))
    (OUT / "bad-zero-width.png").write_bytes(png(nothing, 8, 2, size=(4, 0)))
    (OUT / "bad-too-little-data.png").write_bytes(png(nothing, 8, 2, size=(9, 9)))
    (OUT / "bad-bomb.png").write_bytes(png(nothing, 8, 2, data=bytes(24 << 20)))
    (OUT / "bad-checksum.png").write_bytes(good[:41] + bytes([good[41] ^ 1]) + good[42:])
    (OUT / "bad-critical-chunk.png").write_bytes(good[:33] + chunk(b"NEWX", b"?") + good[33:])
    (OUT / "bad-text.jpg").write_text("this is not an image\n")
    (OUT / "bad-empty.png").write_bytes(b"")


def noise(width, height):
    """The same image as in the test: byte i is a hash of i."""
    v = (np.arange(width * height * 3, dtype=np.uint64) * 2654435761 & 0xFFFFFFFF).astype(np.uint32)
    v ^= v >> 15
    v *= np.uint32(2246822519)
    v ^= v >> 13
    return (v & 255).astype(np.uint8).reshape(height, width, 3)


def make_resizes():
    to_224 = [(500, 375), (333, 500), (224, 300), (300, 224), (100, 80), (7, 5), (1, 1), (2, 3000), (1024, 683), (224, 224),
              (4000, 3), (223, 225), (1, 500)]
    others = [(7, 5, 3, 2), (7, 5, 4, 4), (7, 5, 10, 7), (500, 375, 1, 1), (64, 48, 64, 11), (64, 48, 11, 48), (3, 3, 1000, 2),
              (5000, 2, 3, 2), (31, 17, 127, 63), (256, 256, 255, 257)]
    rng = np.random.default_rng(2)
    others += [tuple(int(v) for v in rng.integers(1, 400, 4)) for _ in range(40)]
    lines = []
    for w, h, to_w, to_h in [(w, h, 224, 224) for w, h in to_224] + others:
        resized = transforms.Resize((to_h, to_w))(Image.fromarray(noise(w, h)))
        lines.append(f"{w} {h} {to_w} {to_h} {zlib.crc32(resized.tobytes()):08x}\n")
    (OUT / "resize.txt").write_text("".join(lines))


def make_normalize():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=-1)
    compose = transforms.Compose([transforms.ToTensor(),
                                  transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])])
    compose(Image.fromarray(ramp)).numpy().astype("<f4").tofile(OUT / "normalize.f32")


OUT.mkdir(parents=True, exist_ok=True)
make_pngs()
make_jpegs()
make_bad()
make_resizes()
make_normalize()
(OUT / "MANIFEST").write_text(f"made by tests/reference/make_image_goldens.py with Pillow {PIL.__version__}, "
                              f"torchvision {torchvision.__version__}, torch {torch.__version__}, numpy {np.__version__}\n")
