#!/usr/bin/env python3
"""The polynomials of engine/kernels/simd/vector_math.inl.h: computes them, and checks the ones in the file.

    python3 tests/reference/minimax.py

Remez's exchange algorithm in 50 digits (standard library only). Each polynomial P has degree 4 and minimises the
largest relative error of the whole function:
    exp    e^r ~ 1 + r + r^2 P(r)       |r| <= 1.0005 ln(2)/2   (n = round(x / ln 2) may round a little beyond)
    tanh   tanh x ~ x + x^3 P(x^2)      0 <= x <= 0.55
Exit status 1 if a coefficient in the file differs from the computed one by more than 2^-22 of it (two or four
units in the last place), or if with the file's coefficients the error exceeds an eighth of 2^-24, float's rounding.
"""
import math
import pathlib
import re
import struct
import sys
from decimal import Decimal, getcontext

getcontext().prec = 50
TERMS = 5  # degree 4


def value(coefficients, x):
    result = Decimal(0)
    for c in reversed(coefficients):
        result = result * x + c
    return result


def solve(rows):
    """Gaussian elimination; each row is its coefficients and the right side."""
    n = len(rows)
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(i + 1, n):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i])]
    x = [Decimal(0)] * n
    for i in reversed(range(n)):
        x[i] = (rows[i][n] - sum(rows[i][j] * x[j] for j in range(i + 1, n))) / rows[i][i]
    return x


def extrema(errors):
    """The index of the largest error in each run of one sign, TERMS + 1 of them."""
    found, begin = [], 0
    for i in range(1, len(errors) + 1):
        if i == len(errors) or (errors[i] > 0) != (errors[begin] > 0):
            found.append(max(range(begin, i), key=lambda k: abs(errors[k])))
            begin = i
    while len(found) > TERMS + 1:
        found.pop(0 if abs(errors[found[0]]) < abs(errors[found[-1]]) else -1)
    return found


def remez(points, target, weight):
    """P that minimises max |weight (target - P)| over the points, and that maximum."""
    t, w = [target(x) for x in points], [weight(x) for x in points]
    last = len(points) - 1
    chosen = [round(last * (1 - math.cos(math.pi * i / TERMS)) / 2) for i in range(TERMS + 1)]
    while True:
        # P and a level E such that the error is +E, -E, +E, ... at the chosen points.
        rows = [[points[i] ** j for j in range(TERMS)] + [(-1) ** k / w[i], t[i]] for k, i in enumerate(chosen)]
        P = solve(rows)[:TERMS]
        errors = [w[i] * (t[i] - value(P, points[i])) for i in range(len(points))]
        found = extrema(errors)
        if found == chosen:
            return P, max(abs(e) for e in errors)
        chosen = found


def between(low, high, count=4000):
    """Points that lie close together near the ends, where the extrema are. None is 0."""
    centre, half = (low + high) / 2, (high - low) / 2
    return [centre + half * Decimal(math.cos(math.pi * (2 * i + 1) / (2 * count))) for i in reversed(range(count))]


def tanh(x):
    e = (2 * x).exp()
    return (e - 1) / (e + 1)


def float32(text):
    return Decimal(struct.unpack("f", struct.pack("f", float(text)))[0])


def check(name, committed, points, target, weight):
    P, error = remez(points, target, weight)
    rounded = max(abs(weight(x) * (target(x) - value(committed, x))) for x in points)
    print(f"{name}: " + " ".join(f"{float(c):.8g}" for c in P))
    print(f"  relative error {float(error):.3g}, with the file's coefficients {float(rounded):.3g}"
          f" = {float(rounded * 2**24):.2f} x 2^-24")
    close = all(abs(c - f) <= abs(c) * Decimal(2) ** -22 for c, f in zip(P, committed))
    return close and rounded <= Decimal(2) ** -27


source = pathlib.Path(__file__).resolve().parents[2] / "engine/kernels/simd/vector_math.inl.h"
calls = re.findall(r"polynomial\([ry],([^)]*)\)", source.read_text())
exp_file, tanh_file = [[float32(c.strip().rstrip("f")) for c in call.split(",")] for call in calls]
limit = Decimal(2).ln() / 2 * Decimal("1.0005")
ok = check("exp ", exp_file, between(-limit, limit), lambda r: (r.exp() - 1 - r) / (r * r), lambda r: r * r / r.exp())
ok &= check("tanh", tanh_file, between(Decimal(0), Decimal("0.55") ** 2),
            lambda y: (tanh(y.sqrt()) - y.sqrt()) / (y * y.sqrt()), lambda y: y * y.sqrt() / tanh(y.sqrt()))
sys.exit(0 if ok else 1)
