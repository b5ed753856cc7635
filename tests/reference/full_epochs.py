#!/usr/bin/python3
"""Trains epochs of the `full` recipe in PyTorch on a feature file, with the initial weights and the order of captions of
`plainsight train --seed 42`, and compares with that run's metrics.jsonl: the loss of every step and the validation losses.
Saves PyTorch's weights at the end, so that `plainsight evaluate` can score both models.

usage: full_epochs.py DATA_DIR FEATURES.safetensors RUN/metrics.jsonl EPOCHS OUT.pth
"""
import json
import sys

import torch

from captioner_reference import PAD, ImageCaptionModel, WordPiece, read_captions, read_features, split, versions
from full_order import derive_seed

data, features_file, metrics, epochs, out = sys.argv[1:6]
SEED, BATCH = 42, 64
lines = [json.loads(line) for line in open(metrics)]
ours = [m["loss"] for m in lines if "loss" in m]
our_validation = [m["val_loss"] for m in lines if "val_loss" in m]

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


def validation_loss():
    rows, total, count = sorted(rows_of(validation), key=lambda row: len(row[1])), 0.0, 0
    with torch.no_grad():
        for begin in range(0, len(rows), BATCH):
            loss, n = loss_of(rows[begin:begin + BATCH])
            total, count = total + loss.item() * n, count + n
    return total / count


torch.manual_seed(SEED)
model = ImageCaptionModel()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
rows = rows_of(train)
step = 0
for epoch in range(1, int(epochs) + 1):
    seed = derive_seed(SEED, epoch, 0) % 2**32
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed)).tolist()
    total, count, worst = 0.0, 0, 0.0
    for begin in range(0, len(order), BATCH):
        optimizer.zero_grad()
        loss, n = loss_of([rows[r] for r in order[begin:begin + BATCH]])
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * n, count + n
        worst = max(worst, abs(ours[step] - loss.item()) / loss.item())
        if step % 50 == 0:
            print(f"step {step + 1}: PyTorch {loss.item():.6f}, plainsight {ours[step]:.6f}, worst of the epoch so far {worst:.2e}", flush=True)
        step += 1
    print(f"epoch {epoch}: training loss {total / count:.6f} of {count} targets, worst relative difference of a step {worst:.2e}; "
          f"validation loss: PyTorch {validation_loss():.6f}, plainsight {our_validation[epoch - 1]:.6f}", flush=True)
torch.save(model.state_dict(), out)
print(versions())
