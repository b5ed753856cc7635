"""Shared by the captioner's reference scripts: the notebook's model, its caption cleaning, BERT's WordPiece for cleaned
(lower-case ASCII) captions, the split, and a writer for safetensors. Needs Debian's python3-torch and python3-sklearn."""
import csv
import json
import re
import struct

import numpy as np
import torch
from sklearn.model_selection import train_test_split

SOS, EOS, PAD, VOCAB = 30522, 30523, 0, 30524


class ImageCaptionModel(torch.nn.Module):
    """The notebook's model; its sizes are parameters here so that small goldens are possible."""

    def __init__(self, vocab=VOCAB, features=4096, embed=256, hidden=256):
        super().__init__()
        self.img_to_h = torch.nn.Linear(features, hidden)
        self.img_to_c = torch.nn.Linear(features, hidden)
        self.embedding = torch.nn.Embedding(vocab, embed, padding_idx=PAD)
        self.lstm = torch.nn.LSTM(embed, hidden, batch_first=True)
        self.fc = torch.nn.Linear(hidden, vocab)

    def start(self, images):
        return torch.tanh(self.img_to_h(images)).unsqueeze(0), torch.tanh(self.img_to_c(images)).unsqueeze(0)

    def forward(self, images, captions):
        outputs, _ = self.lstm(self.embedding(captions), self.start(images))
        return self.fc(outputs)


def clean(caption):
    words = re.sub(r"[^a-zA-Z]", " ", caption.strip().lower()).split()
    return " ".join(w for w in words if len(w) > 1)


def read_captions(path, notebook):
    """{image id: [cleaned captions]}: cut at the first comma as the notebook does, or read as CSV."""
    captions = {}
    with open(path, newline="", encoding="utf-8") as file:
        next(file)
        rows = (line.rstrip("\n").split(",") for line in file) if notebook else csv.reader(file)
        for row in rows:
            if len(row) >= 2:
                captions.setdefault(row[0].split(".")[0], []).append(clean(row[1]))
    return captions


class WordPiece:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.ids = {line.rstrip("\n"): i for i, line in enumerate(file)}
        self.seen = {}

    def word(self, word):
        if word not in self.seen:
            pieces, start = [], 0
            while start < len(word):
                prefix = "##" if start else ""
                end = next((e for e in range(len(word), start, -1) if prefix + word[start:e] in self.ids), None)
                if end is None:
                    pieces = [self.ids["[UNK]"]]
                    break
                pieces.append(self.ids[prefix + word[start:end]])
                start = end
            self.seen[word] = pieces
        return self.seen[word]

    def encode(self, cleaned):
        return [SOS] + [i for w in cleaned.split() for i in self.word(w)] + [EOS]


def split(captions):
    return train_test_split(list(captions), test_size=0.2, random_state=42)


def read_features(path):
    """{image id: vector} from a file with one F32 tensor per image."""
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    return {name: np.frombuffer(data, "<f4", (v["data_offsets"][1] - v["data_offsets"][0]) // 4, 8 + length + v["data_offsets"][0])
            for name, v in header.items() if name != "__metadata__"}


def write_safetensors(path, tensors, metadata=None):
    header, offset = {"__metadata__": metadata or {}}, 0
    arrays = {name: np.ascontiguousarray(t.detach().numpy().astype("<f4")) for name, t in tensors.items()}
    for name, a in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [offset, offset + a.nbytes]}
        offset += a.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for a in arrays.values():
            file.write(a.tobytes())


def made_up_features(count, dim=4096, seed=7):
    """Row i is the feature of the i-th training image: uniform in [0, 1), the same bits from PyTorch and from TorchGenerator."""
    return torch.rand(count, dim, generator=torch.Generator().manual_seed(seed))


def versions():
    return {"torch": torch.__version__, "numpy": np.__version__}
