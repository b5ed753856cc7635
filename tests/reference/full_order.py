"""The order of captions in the `full` recipe."""


def derive_seed(seed, *parts):
    """engine/base/random.h: SplitMix64's finaliser; epoch 1 of seed 42 is the stream (42, 1)."""
    mask, z = 2**64 - 1, seed
    for part in parts:
        z = (z + 0x9E3779B97F4A7C15 * (part + 1)) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
    return z
