#!/usr/bin/python3
"""One epoch of the `full` recipe in PyTorch on a feature file, with the initial weights and the order of captions that
`plainsight train --seed 42` has, against that run's metrics.jsonl: the loss of every step and the validation loss.

usage: full_epoch.py DATA_DIR FEATURES.safetensors RUN/metrics.jsonl
"""
import json
import sys

import torch

from captioner_reference import PAD, ImageCaptionModel, WordPiece, read_captions, read_features, split, versions
from full_order import derive_seed

data, features_file, metrics = sys.argv[1:4]
SEED, BATCH = 42, 64
lines = [json.loads(line) for line in open(metrics)]
ours = [m["loss"] for m in lines if m.get("epoch") == 1 and "loss" in m]
our_validation = next(m["val_loss"] for m in lines if m.get("epoch") == 1 and "val_loss" in m)

captions = read_captions(f"{data}/captions.txt", notebook=False)
train, validation = split(captions)
pieces = WordPiece(f"{data}/bert-base-uncased-vocab.txt")
features = {k: torch.from_numpy(v.copy()) for k, v in read_features(features_file).items()}


def rows_of(images):
    return [(image, pieces.encode(c)) for image in images for c in captions[image]]


def loss_of(batch):
    """The mean cross-entropy over every next id. Only real positions go through the output layer."""
    longest = max(len(ids) for _, ids in batch) - 1
    inputs = torch.tensor([ids[:-1] + [PAD] * (longest + 1 - len(ids)) for _, ids in batch])
    targets = torch.tensor([ids[1:] + [PAD] * (longest + 1 - len(ids)) for _, ids in batch])
    hidden, _ = model.lstm(model.embedding(inputs), model.start(torch.stack([features[i] for i, _ in batch])))
    real = targets != PAD
    return torch.nn.functional.cross_entropy(model.fc(hidden[real]), targets[real]), int(real.sum())


torch.manual_seed(SEED)
model = ImageCaptionModel()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
rows = rows_of(train)
order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(derive_seed(SEED, 1, 0) % 2**32)).tolist()
worst = 0
for step, begin in enumerate(range(0, len(order), BATCH)):
    optimizer.zero_grad()
    loss, _ = loss_of([rows[r] for r in order[begin:begin + BATCH]])
    loss.backward()
    optimizer.step()
    worst = max(worst, abs(ours[step] - loss.item()) / loss.item())
    if step % 50 == 0 or begin + BATCH >= len(order):
        print(f"step {step + 1}: PyTorch {loss.item():.6f}, plainsight {ours[step]:.6f}, worst so far {worst:.2e}", flush=True)
with torch.no_grad():
    rows, total, count = sorted(rows_of(validation), key=lambda row: len(row[1])), 0.0, 0
    for begin in range(0, len(rows), BATCH):
        loss, n = loss_of(rows[begin:begin + BATCH])
        total, count = total + loss.item() * n, count + n
print(f"validation loss after the epoch: PyTorch {total / count:.6f}, plainsight {our_validation:.6f}", versions())
