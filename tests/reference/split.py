"""Prints the lists of scikit-learn's train_test_split for tests/golden/split.txt: one line per case with
n, test_size, seed, sizes of both parts, FNV-1a of both (one id a line), and the first three ids of each."""
import pathlib

import sklearn
from sklearn.model_selection import train_test_split


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"


lines = []
for n in [2, 3, 5, 10, 64, 65, 100, 1000, 8000, 8090, 8091, 40455]:
    for size in [0.2, 0.25, 0.1, 0.5, 1 / 3]:
        for seed in [0, 1, 42, 2**32 - 1]:
            ids = [str(i) for i in range(n)]
            train, val = train_test_split(ids, test_size=size, random_state=seed)
            fields = [n, repr(size), seed, len(train), len(val)]
            fields += [fnv1a("".join(i + "\n" for i in part)) for part in (train, val)]
            fields += [",".join(part[:3]) for part in (train, val)]
            lines.append(" ".join(map(str, fields)))
golden = pathlib.Path(__file__).parent.parent / "golden" / "split.txt"
golden.write_text("\n".join(lines) + "\n")
print("scikit-learn", sklearn.__version__)
