"""Trains the captioner with PyTorch, for bench/compare/train.sh, and times each step.

--recipe full: as a careful PyTorch user writes it. 64 captions with teacher forcing, rows packed with pack_padded_sequence so
that no padding is computed, the output layer on the packed rows only.
--recipe notebook: the notebook's loop. 64 prefixes padded to 31, the whole vocabulary at every position, the loss at the last
position that is not padding.

Reads ids on stdin, one caption a line (plainsight tokenize writes them), beginning with <SOS> and ending with <EOS>.
Prints one JSON line: seconds and targets per step. A first step is not counted.
"""
import argparse, json, sys, time
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence


class Captioner(nn.Module):
    def __init__(self, vocabulary, hidden=256, features=4096):
        super().__init__()
        self.img_to_h, self.img_to_c = nn.Linear(features, hidden), nn.Linear(features, hidden)
        self.embedding = nn.Embedding(vocabulary, hidden, padding_idx=0)
        self.lstm = nn.LSTM(hidden, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, vocabulary)

    def initial(self, features):
        return (torch.tanh(self.img_to_h(features)).unsqueeze(0), torch.tanh(self.img_to_c(features)).unsqueeze(0))


def full_loss(model, features, captions):
    captions = sorted(captions, key=len, reverse=True)
    lengths = torch.tensor([len(c) - 1 for c in captions])
    padded = nn.utils.rnn.pad_sequence([torch.tensor(c) for c in captions], batch_first=True)
    inputs = pack_padded_sequence(padded[:, :-1], lengths, batch_first=True)
    targets = pack_padded_sequence(padded[:, 1:], lengths, batch_first=True).data
    words = PackedSequence(model.embedding(inputs.data), inputs.batch_sizes)
    h, _ = model.lstm(words, model.initial(features))
    return nn.functional.cross_entropy(model.fc(h.data), targets), len(targets)


def notebook_loss(model, features, prefixes, width=31):
    inputs, targets = torch.zeros(len(prefixes), width, dtype=torch.long), torch.tensor([p[-1] for p in prefixes])
    for row, prefix in zip(inputs, prefixes):
        row[: len(prefix) - 1] = torch.tensor(prefix[:-1])
    h, _ = model.lstm(model.embedding(inputs), model.initial(features))
    logits = model.fc(h)
    last = (inputs != 0).sum(1) - 1
    return nn.functional.cross_entropy(logits[torch.arange(len(prefixes)), last], targets), len(prefixes)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipe", choices=["full", "notebook"], default="full")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--skip", type=int, default=0, help="batches to skip first")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--vocabulary", type=int, default=30524)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(42)
    samples = [[int(i) for i in line.split()] for line in sys.stdin]
    if a.recipe == "notebook":
        samples = [c[:n] for c in samples for n in range(2, len(c) + 1)]
    model = Captioner(a.vocabulary)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_of = full_loss if a.recipe == "full" else notebook_loss
    features = torch.from_numpy(np.random.default_rng(1).random((64, 4096), dtype=np.float32))
    seconds, targets = [], []
    for step in range(a.steps + 1):
        batch = [samples[i % len(samples)] for i in range((a.skip + step) * 64, (a.skip + step + 1) * 64)]
        start = time.perf_counter()
        loss, count = loss_of(model, features, batch)
        adam.zero_grad()
        loss.backward()
        adam.step()
        if step > 0:
            seconds.append(time.perf_counter() - start)
            targets.append(count)
    print(json.dumps({"torch": torch.__version__, "seconds": seconds, "targets": targets, "loss": loss.item()}))


main()
