"""Runs Python's bytes.decode("utf-8", errors="replace") on every sequence of four bytes from a set that has each border of
the encoding, and prints the FNV-1a of the results, one a line, for tests/text/utf8_test.cpp."""
import itertools

BYTES = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
         0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]
value = 0x811C9DC5
for sequence in itertools.product(BYTES, repeat=4):
    for byte in (bytes(sequence).decode("utf-8", errors="replace") + "\n").encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
print(f"{value:08x}")
