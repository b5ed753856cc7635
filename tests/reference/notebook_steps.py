#!/usr/bin/python3
"""Runs the notebook's training loop unchanged in PyTorch and stores the loss of each of its 101 steps.

usage: notebook_steps.py DATA_DIR OUT.json [--features F.safetensors] [--init-out W.safetensors] [--final-out W.safetensors] [--steps N]
Without --features the features are random (uniform, seed 7), as for tests/golden/notebook_steps.json.
"""
import argparse
import json

import torch

from captioner_reference import (PAD, ImageCaptionModel, WordPiece, made_up_features, read_captions, read_features, split,
                                 versions, write_safetensors)

ap = argparse.ArgumentParser()
ap.add_argument("data")
ap.add_argument("out")
ap.add_argument("--features")
ap.add_argument("--init-out")
ap.add_argument("--final-out")
ap.add_argument("--steps", type=int, default=101)
a = ap.parse_args()

captions = read_captions(f"{a.data}/captions.txt", notebook=True)
max_length = max(len(c.split()) + 2 for cs in captions.values() for c in cs)
train, _ = split(captions)
pieces = WordPiece(f"{a.data}/bert-base-uncased-vocab.txt")
if a.features:
    features = read_features(a.features)
else:
    features = {id: row.numpy() for id, row in zip(train, made_up_features(200))}


def batches(size):
    images, sequences, targets = [], [], []
    for image in train:
        for caption in captions[image]:
            ids = pieces.encode(caption)[:max_length]
            for i in range(1, len(ids)):
                images.append(torch.from_numpy(features[image].copy()))
                sequences.append(ids[:i] + [PAD] * (max_length - i))
                targets.append(ids[i])
                if len(images) == size:
                    yield torch.stack(images), torch.tensor(sequences), torch.tensor(targets)
                    images, sequences, targets = [], [], []


torch.manual_seed(42)
model = ImageCaptionModel()
if a.init_out:
    write_safetensors(a.init_out, model.state_dict())
criterion = torch.nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
losses = []
for step, (images, sequences, targets) in zip(range(a.steps), batches(64)):
    optimizer.zero_grad()
    outputs = model(images, sequences)
    lengths = (sequences != PAD).sum(dim=1)
    loss = criterion(outputs[torch.arange(64), lengths - 1], targets)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
json.dump({"made_by": "tests/reference/notebook_steps.py", "versions": versions(), "max_length": max_length, "losses": losses},
          open(a.out, "w"), indent=0)
if a.final_out:
    write_safetensors(a.final_out, model.state_dict())
print(losses[0], losses[-1])
