#!/usr/bin/env python3
"""Writes tests/golden/convert/: small files as PyTorch and numpy write them, and their contents.

expected.txt has one line for each tensor of each file: FILE, NAME, DTYPE, SHAPE, BYTES (hexadecimal, row-major,
little-endian), separated by tabs.
"""
import argparse
import collections
import io
import os
import pickle
import struct
import sys

import numpy
import torch

DTYPES = {
    "float32": "F32", "float64": "F64", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32",
    "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL", "uint16": "U16", "uint32": "U32", "uint64": "U64",
}


def describe(value):
    """DTYPE, SHAPE and the bytes of a tensor or array in row-major order."""
    if isinstance(value, torch.Tensor):
        value = value.detach().contiguous()
        name = str(value.dtype).removeprefix("torch.")
        raw = value.view(torch.int16) if value.dtype == torch.bfloat16 else value
        data = raw.numpy().tobytes()
    else:
        name, data = value.dtype.name, numpy.ascontiguousarray(value).tobytes()
    return DTYPES[name], "[" + ",".join(map(str, value.shape)) + "]", data.hex()


def model_state():
    """A state_dict with _metadata, as model.state_dict() gives it."""
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.ReLU(), torch.nn.Linear(4, 3))
    return model.state_dict()


def odd_tensors():
    """Views, shared storages, strides, every dtype, no elements, no dimensions, a Parameter."""
    base = torch.arange(24, dtype=torch.float32) / 7
    state = collections.OrderedDict()
    state["base"] = base
    state["tail"] = base[20:]
    state["transposed"] = base.view(4, 6).t()
    state["every second"] = base.view(6, 4)[1::2, ::3]
    state["scalar"] = torch.tensor(3.25)
    state["empty"] = torch.empty(0, 5)
    state["parameter"] = torch.nn.Parameter(torch.tensor([1.5, -2.0]))
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
                  torch.uint8, torch.bool):
        state[f"{dtype}"] = torch.tensor([[0, 1], [1, 77]]).to(dtype)
    state["name \u00e9\u4e2d\t\"q\""] = torch.tensor([9.0])
    return state


def arrays():
    """Like the notebook's features, followed by other layouts and types."""
    rng = numpy.random.RandomState(2)
    return {
        "1000268201_693b08cb0e": rng.rand(6).astype(numpy.float32),
        "1001773457_577c3a7d70": torch.from_numpy(rng.rand(1, 6).astype(numpy.float32)).squeeze(0).numpy(),
        "fortran": numpy.asfortranarray(rng.rand(3, 4).astype(numpy.float32)),
        "sliced": rng.rand(5, 6).astype(numpy.float64)[1:4, ::2],
        "no rows": numpy.zeros((0, 4), numpy.float32),
        "no dims": numpy.array(2.5, numpy.float32),
        "bytes": numpy.arange(256, dtype=numpy.uint8),
        "half": numpy.array([0.5, -3], numpy.float16),
        "ids": numpy.array([[1, -2]], numpy.int64),
        "flags": numpy.array([True, False]),
        "wide": numpy.array([2**63 + 5], numpy.uint64),
    }


def numpy2(data):
    """Pickles as numpy 2 does, which calls numpy.core numpy._core."""
    return data.replace(b"numpy.core.multiarray", b"numpy._core.multiarray") if b"cnumpy.core" in data else data


class OldPickler(pickle._Pickler):
    """Persistent ids and tensors as PyTorch before 0.4 wrote them: _rebuild_tensor with four arguments, keys by address,
    views of storages, an OrderedDict from a list of pairs (Python 2), texts as byte strings."""

    def persistent_id(self, obj):
        return obj.id if isinstance(obj, Storage) else None

    def save_str(self, obj):
        data = obj.encode()
        self.write(b"U" + bytes([len(data)]) + data if len(data) < 256 else b"T" + struct.pack("<i", len(data)) + data)
        self.memoize(obj)

    dispatch = dict(pickle._Pickler.dispatch)
    dispatch[str] = save_str


class Storage:
    def __init__(self, key, size, view=None):
        self.id = ("storage", torch.FloatStorage, key, "cpu", size, view)


class Reduced:
    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return self.parts


def legacy_by_hand(objects, records):
    """The legacy container, written by its definition: magic, version, machine, object, keys, storages."""
    out = io.BytesIO()
    for obj in (0x1950A86A20F9469CFC6C, 1001, dict(protocol_version=1001, little_endian=True,
                                                  type_sizes=dict(short=2, int=4, long=8))):
        pickle.dump(obj, out, protocol=2)
    OldPickler(out, 2).dump(objects)
    OldPickler(out, 2).dump(sorted(records))
    for key in sorted(records):
        out.write(struct.pack("<q", len(records[key])) + records[key].numpy().tobytes())
    return out.getvalue()


def old_state():
    tensor = torch._utils._rebuild_tensor
    a, b = torch.arange(6, dtype=torch.float32), torch.tensor([0.25, 0.5, 0.75, 1.0])
    weight = Reduced(tensor, (Storage("93831", 6), 0, (2, 3), (3, 1)))
    part = Reduced(tensor, (Storage("94012", 4, ("94099", 1, 2)), 0, (2,), (1,)))
    parameter = Reduced(torch.nn.Parameter, (Reduced(tensor, (Storage("94012", 4), 0, (4,), (1,))),), (True, False, {}))
    objects = Reduced(collections.OrderedDict, ([["weight", weight], ["part", part], ["parameter", parameter]],))
    return legacy_by_hand(objects, {"93831": a, "94012": b}), {"weight": a.view(2, 3), "part": b[1:3], "parameter": b}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--out", default=os.path.join(here, "..", "golden", "convert"))
    out = parser.parse_args().out
    os.makedirs(out, exist_ok=True)
    expected = []

    def keep(name, state):
        expected.extend("\t".join((name, key.replace("\t", "\\t"), *describe(value))) for key, value in state.items())

    for name, state in (("model", model_state()), ("odd", odd_tensors())):
        for container, zipped in (("zip", True), ("legacy", False)):
            file = f"{name}_{container}.pth"
            torch.save(state, os.path.join(out, file), _use_new_zipfile_serialization=zipped)
            keep(file, state)
    for protocol in range(2, 6):
        data = pickle.dumps(arrays(), protocol=protocol)
        for suffix, content in (("", data), ("_numpy2", numpy2(data))):
            if suffix and content == data:
                continue
            file = f"arrays_protocol{protocol}{suffix}.pkl"
            with open(os.path.join(out, file), "wb") as f:
                f.write(content)
            keep(file, arrays())
    data, state = old_state()
    with open(os.path.join(out, "old_legacy.pth"), "wb") as f:
        f.write(data)
    keep("old_legacy.pth", state)

    with open(os.path.join(out, "expected.txt"), "w", encoding="utf-8") as f:
        f.write("\n".join(expected) + "\n")
    with open(os.path.join(out, "manifest.txt"), "w", encoding="utf-8") as f:
        f.write(f"tests/reference/make_convert_files.py: python {sys.version.split()[0]}, torch {torch.__version__}, "
                f"numpy {numpy.__version__}\n")


if __name__ == "__main__":
    main()
