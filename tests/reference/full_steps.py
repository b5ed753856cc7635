#!/usr/bin/python3
"""Runs ten Adam steps of the `full` recipe in PyTorch at full size and stores the loss of each step, and for each gradient
and each final parameter its norm and 16 projections on vectors of signs.

The projections reveal a difference d between two tensors: over random signs r the mean square of d.r is |d|^2, so a
projection error above 1e-4 of the tensor's norm means a tensor difference of that size. A file of some tens of kilobytes
thus checks 10 x 10 tensors of up to 7.8 million elements.

usage: full_steps.py DATA_DIR OUT.json
"""
import json
import sys

import numpy as np
import torch

from full_order import derive_seed
from captioner_reference import PAD, ImageCaptionModel, WordPiece, made_up_features, read_captions, split, versions

data, out = sys.argv[1:3]
SEED, PROJECTIONS, STEPS, BATCH = 42, 16, 10, 64

captions = read_captions(f"{data}/captions.txt", notebook=False)
train, _ = split(captions)
pieces = WordPiece(f"{data}/bert-base-uncased-vocab.txt")
rows = [(i, pieces.encode(c)) for i, image in enumerate(train) for c in captions[image]]
order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(derive_seed(SEED, 1, 0) % 2**32)).tolist()
features = made_up_features(len(train))


def signs(n):
    """Bit j of a hash of i: +1 or -1, for i < n, j < 16."""
    h = (np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    h ^= h >> np.uint64(31)
    h = h * np.uint64(0xD6E8FEB86659FD93)
    h ^= h >> np.uint64(32)
    return h


def describe(tensor):
    x = tensor.detach().numpy().astype(np.float64).ravel()
    h = signs(len(x))
    projections = [float(np.dot(x, 1.0 - 2.0 * ((h >> np.uint64(j)) & np.uint64(1)).astype(np.float64))) for j in range(PROJECTIONS)]
    return {"norm": float(np.linalg.norm(x)), "projections": projections}


torch.manual_seed(SEED)
model = ImageCaptionModel()
criterion = torch.nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
steps = []
for s in range(STEPS):
    batch = [rows[r] for r in order[s * BATCH:(s + 1) * BATCH]]
    longest = max(len(ids) for _, ids in batch) - 1
    inputs = torch.tensor([ids[:-1] + [PAD] * (longest + 1 - len(ids)) for _, ids in batch])
    targets = torch.tensor([ids[1:] + [PAD] * (longest + 1 - len(ids)) for _, ids in batch])
    optimizer.zero_grad()
    logits = model(features[[i for i, _ in batch]], inputs)
    loss = criterion(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))
    loss.backward()
    steps.append({"loss": loss.item(), "targets": int((targets != PAD).sum()),
                  "gradients": {name: describe(p.grad) for name, p in model.named_parameters()}})
    optimizer.step()
    print(s, loss.item(), flush=True)
json.dump({"made_by": "tests/reference/full_steps.py", "versions": versions(), "targets_per_epoch": sum(len(ids) - 1 for _, ids in rows),
           "steps": steps, "final": {name: describe(p) for name, p in model.named_parameters()}}, open(out, "w"))
