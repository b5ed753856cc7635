#!/usr/bin/env python3
"""Makes tests/golden/ops.safetensors: PyTorch's results of every operation, layer and optimiser, for tests/engine/ops.

Run it with a Python that has torch and numpy; versions go into the file's metadata."""
import json
import os
import struct

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "golden", "ops.safetensors")
tensors = {}


def put(name, value):
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    value = np.array(value, order="C")  # a copy: optimisers change their parameters in place
    if value.dtype == np.int64:
        value = value.astype(np.int32)
    assert name not in tensors and value.ndim <= 4, name
    tensors[name] = value


def leaf(*shape):
    return torch.randn(*shape).requires_grad_()


def case(name, y, **operands):
    """Stores operands, result, a random cotangent and the gradients."""
    dy = torch.randn_like(y) if y.numel() > 1 else torch.ones_like(y)
    y.backward(dy)
    put(f"{name}.y", y)
    put(f"{name}.dy", dy)
    for key, value in operands.items():
        put(f"{name}.{key}", value)
        if value.requires_grad:
            put(f"{name}.d{key}", value.grad)


def operations():
    x, W, b = leaf(5, 7), leaf(4, 7), leaf(4)
    case("linear", F.linear(x, W, b), x=x, W=W, b=b)
    x, W, b = leaf(2, 3, 6, 5), leaf(4, 3, 3, 3), leaf(4)
    case("conv2d", F.conv2d(x, W, b, padding=1), x=x, W=W, b=b)
    x, W, b = leaf(2, 3, 7, 6), leaf(4, 3, 3, 2), leaf(4)
    case("conv2d_stride2", F.conv2d(x, W, b, stride=2, padding=1), x=x, W=W, b=b)
    x = torch.randint(0, 4, (2, 3, 6, 5)).float().requires_grad_()  # small integers: many equal maxima
    case("max_pool2d", F.max_pool2d(x, 2), x=x)
    x = leaf(2, 2, 7, 7)
    case("max_pool2d_overlapping", F.max_pool2d(x, 3, 2), x=x)
    x = leaf(40)
    case("relu", F.relu(x), x=x)
    x = leaf(40)
    case("tanh", torch.tanh(x), x=x)
    a, b = leaf(3, 5), leaf(3, 5)
    case("add", a + b, a=a, b=b)
    x = leaf(100)
    torch.manual_seed(11)
    case("dropout", F.dropout(x, 0.3), x=x)
    W, ids = leaf(6, 4), torch.tensor([3, 0, 3, 5, 1, 0])
    case("embedding", F.embedding(ids, W, padding_idx=0), W=W, ids=ids)
    x, W, b, t = leaf(9, 6), leaf(11, 6), leaf(11), torch.tensor([3, 0, 10, 1, 0, 7, 7, 2, 5])
    case("linear_cross_entropy", F.cross_entropy(F.linear(x, W, b), t, ignore_index=0), x=x, W=W, b=b, t=t)


def lstm():
    """nn.LSTM over packed sequences of lengths 5, 3, 3, 1, with initial states."""
    model = torch.nn.LSTM(6, 8, batch_first=True)
    lengths = torch.tensor([5, 3, 3, 1])
    padded, h0, c0 = torch.randn(4, 5, 6), leaf(4, 8), leaf(4, 8)
    packed = pack_padded_sequence(padded, lengths, batch_first=True)
    x = packed.data.detach().requires_grad_()
    y, _ = model(torch.nn.utils.rnn.PackedSequence(x, packed.batch_sizes), (h0[None], c0[None]))
    p = dict(model.named_parameters())
    case("lstm", y.data, x=x, h0=h0, c0=c0, batch_sizes=packed.batch_sizes, W_ih=p["weight_ih_l0"],
         W_hh=p["weight_hh_l0"], b_ih=p["bias_ih_l0"], b_hh=p["bias_hh_l0"])


def adam():
    """Ten steps on random gradients, the rate lowered after five; and clipping."""
    for name, decay in (("adam", 0), ("adam_decay", 0.1)):
        p = torch.randn(37).requires_grad_()
        put(f"{name}.p0", p)
        optimizer = torch.optim.Adam([p], lr=1e-2, weight_decay=decay)
        gradients = torch.randn(10, 37)
        gradients[:, 0] = 0  # no gradient, no movement (without decay)
        put(f"{name}.g", gradients)
        steps = []
        for t in range(10):
            p.grad = gradients[t].clone()
            optimizer.param_groups[0]["lr"] = 1e-2 if t < 5 else 3e-3
            optimizer.step()
            steps.append(p.detach().clone())
        put(f"{name}.p", torch.stack(steps))
        put(f"{name}.m", optimizer.state[p]["exp_avg"])
        put(f"{name}.v", optimizer.state[p]["exp_avg_sq"])
    for name, size in (("clip", 5.0), ("clip_not", 0.01)):
        a, b = torch.zeros(13, 5).requires_grad_(), torch.zeros(7).requires_grad_()
        a.grad, b.grad = torch.randn(13, 5) * size, torch.randn(7) * size
        put(f"{name}.a", a.grad.clone())
        put(f"{name}.b", b.grad.clone())
        put(f"{name}.norm", torch.nn.utils.clip_grad_norm_([a, b], 2.0).reshape(1))
        put(f"{name}.a_clipped", a.grad)
        put(f"{name}.b_clipped", b.grad)


def schedules():
    def rates(make, losses=None, epochs=12):
        optimizer = torch.optim.Adam([torch.zeros(1).requires_grad_()], lr=1e-3)
        scheduler, seen = make(optimizer), []
        for epoch in range(epochs):
            seen.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step(*([losses[epoch]] if losses else []))
        return np.array(seen, dtype=np.float64)

    put("cosine.lr", rates(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=10, eta_min=1e-5), epochs=10))
    losses = [3, 2, 2.1, 1.99999, 2.5, 2.2, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0]
    put("plateau.loss", np.array(losses, dtype=np.float64))
    put("plateau.lr", rates(lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(o, patience=2), losses))


def tiny_conv_net():
    """A VGG in small: conv, ReLU, pool twice, then two linear layers; four Adam steps."""
    torch.manual_seed(5)
    net = torch.nn.Sequential()
    net.add_module("features", torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(8, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)))
    net.add_module("flatten", torch.nn.Flatten())
    net.add_module("classifier", torch.nn.Sequential(
        torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 5)))
    x, t = torch.randn(6, 3, 8, 8), torch.tensor([0, 1, 2, 3, 4, 0])
    put("net.x", x)
    put("net.t", t)
    for name, p in net.named_parameters():
        put(f"net.initial.{name}", p)
    optimizer, losses = torch.optim.Adam(net.parameters(), lr=1e-2), []
    for step in range(20):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), t)
        loss.backward()
        if step == 0:
            for name, p in net.named_parameters():
                put(f"net.gradient.{name}", p.grad.clone())
        optimizer.step()
        losses.append(loss.item())
    put("net.losses", np.array(losses, dtype=np.float32))


def position_hash(value):
    """Σ word_i (2i+1) mod 2^64 over the bits of a float tensor. Sensitive to order, and fast in numpy."""
    words = value.detach().numpy().reshape(-1).view(np.uint32).astype(np.uint64)
    with np.errstate(over="ignore"):
        return int((words * (2 * np.arange(words.size, dtype=np.uint64) + np.uint64(1))).sum(dtype=np.uint64))


def captioner_initial_weights():
    """The notebook's ImageCaptionModel after torch.manual_seed(42): a hash of each tensor, samples of the embedding."""
    torch.manual_seed(42)
    layers = {"img_to_h": torch.nn.Linear(4096, 256), "img_to_c": torch.nn.Linear(4096, 256),
              "embedding": torch.nn.Embedding(30524, 256, padding_idx=0),
              "lstm": torch.nn.LSTM(256, 256, batch_first=True), "fc": torch.nn.Linear(256, 30524)}
    for layer, module in layers.items():
        for name, p in module.named_parameters():
            if layer == "embedding":
                put("captioner.embedding.sample", p.detach().reshape(-1)[::1001])
            else:
                put(f"captioner.{layer}.{name}", np.array([position_hash(p)], dtype=np.uint64))
    put("captioner.next", torch.rand(1))


def draws():
    """Random numbers beyond the printed vectors."""
    torch.manual_seed(42)
    put("draws.uniform", torch.empty(1000).uniform_(2.0, 7.5))
    put("draws.normal", torch.empty(1003).normal_(0.5, 3.0))
    put("draws.normal_few", torch.empty(15).normal_(0.5, 3.0))
    put("draws.bernoulli", torch.empty(100).bernoulli_(0.3))


def label_smoothing():
    """Cross-entropy with label_smoothing, two of nine rows ignored."""
    x, W, b, t = leaf(9, 6), leaf(11, 6), leaf(11), torch.tensor([3, 0, 10, 1, 0, 7, 7, 2, 5])
    loss = F.cross_entropy(F.linear(x, W, b), t, ignore_index=0, label_smoothing=0.1)
    case("label_smoothing", loss, x=x, W=W, b=b, t=t)


def weighted_cross_entropy():
    """The loss of self-critical training: a weight of any sign for each row, over the number of rows with a target."""
    x, W, b, w = leaf(9, 6), leaf(11, 6), leaf(11), torch.randn(9)
    t = torch.tensor([3, 0, 10, 1, 0, 7, 7, 2, 5])
    losses = F.cross_entropy(F.linear(x, W, b), t, ignore_index=0, reduction="none")
    case("weighted_cross_entropy", (w * losses).sum() / (t != 0).sum(), x=x, W=W, b=b, t=t, w=w)


def write(path):
    kinds = {np.dtype(np.float32): "F32", np.dtype(np.float64): "F64", np.dtype(np.int32): "I32",
             np.dtype(np.uint64): "U64"}
    # Wide types first: every tensor stays aligned.
    order = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    header, at = {"__metadata__": {"torch": torch.__version__, "numpy": np.__version__}}, 0
    for name in order:
        value = tensors[name]
        header[name] = {"dtype": kinds[value.dtype], "shape": list(value.shape), "data_offsets": [at, at + value.nbytes]}
        at += value.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(tensors[name].tobytes() for name in order))


torch.set_num_threads(1)
torch.manual_seed(2)
for make in (operations, lstm, adam, schedules, tiny_conv_net, captioner_initial_weights, draws, label_smoothing,
             weighted_cross_entropy):
    make()
write(GOLDEN)
print(len(tensors), "tensors,", os.path.getsize(GOLDEN), "bytes")
