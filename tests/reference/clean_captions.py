"""Reads a captions file as the notebook does and as CSV, cleans as the notebook does, and writes one caption a line:
OUT/cleaned_csv.txt, OUT/cleaned_notebook.txt, OUT/raw_csv.txt (captions with line feeds are not in Flickr8k).
Prints the counts that tests/real_data/text states. Usage: clean_captions.py captions.txt OUT"""
import csv
import pathlib
import re
import sys


def clean(caption):
    caption = re.sub(r"[^a-zA-Z]", " ", caption.strip().lower())
    words = [word for word in caption.split() if len(word) > 1]
    return "<SOS> " + " ".join(words) + " <EOS>"


source, out = sys.argv[1], pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)

notebook = {}
with open(source) as f:
    next(f)
    data = f.read()
for line in data.split("\n"):
    tokens = line.split(",")
    if len(tokens) < 2:
        continue
    notebook.setdefault(tokens[0].split(".")[0], []).append(clean(tokens[1]))

raw = {}
with open(source, newline="") as f:
    rows = csv.reader(f)
    next(rows)
    for name, caption in rows:
        raw.setdefault(name.split(".")[0], []).append(caption)

cut = [c for captions in notebook.values() for c in captions]
whole = [c for captions in raw.values() for c in captions]
cleaned = [clean(c) for c in whole]
for name, lines in [("cleaned_notebook", cut), ("raw_csv", whole), ("cleaned_csv", cleaned)]:
    (out / (name + ".txt")).write_text("".join(line + "\n" for line in lines))
print("pieces", len(data.split("\n")), "characters", len(data), "captions", len(cut), "images", len(notebook))
print("differing", sum(a != b for a, b in zip(cut, cleaned)))
print("max_length", max(len(c.split()) for c in cut), max(len(c.split()) for c in cleaned))
