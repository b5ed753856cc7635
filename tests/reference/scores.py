"""Scores of pycocoevalcap. Writes into OUT scores_captions.txt and scores_results.json (a small made-up corpus) and
scores.json: its scores with Penn Treebank words and with the notebook's cleaning, and those of Flickr8k's first
captions against the other four.
Usage: scores.py CLASSPATH PYCOCOEVALCAP captions.txt OUT, with the jar (or classes) of CoreNLP 3.4.1 and the folder
of pycocoevalcap's sources. Needs numpy."""
import csv
import json
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, sys.argv[2])
from bleu.bleu import Bleu  # noqa: E402
from cider.cider import Cider  # noqa: E402
from rouge.rouge import Rouge  # noqa: E402

PUNCTUATION = ["''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";"]


def ptb(texts):
    lines = "\n".join(text.replace("\n", " ") for text in texts) + "\n"
    out = subprocess.run(["java", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp", sys.argv[1],
                          "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase"],
                         input=lines.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    out = out.stdout.decode().split("\n")[:-1]
    assert len(out) == len(texts)
    return [" ".join(w for w in line.rstrip().split(" ") if w not in PUNCTUATION) for line in out]


def notebook(texts):
    cleaned = [re.sub(r"[^a-zA-Z]", " ", text.strip().lower()).split() for text in texts]
    return [" ".join(word for word in words if len(word) > 1) for words in cleaned]


def scores(hypotheses, references, words, single):
    """hypotheses: {id: text}, references: {id: [text]}."""
    flat = list(hypotheses.values()) + [r for texts in references.values() for r in texts]
    prepared = iter(words(flat))
    res = {i: [next(prepared)] for i in hypotheses}
    gts = {i: [next(prepared) for _ in texts] for i, texts in references.items()}
    bleu, bleus = Bleu(4).compute_score(gts, res, verbose=0)
    rouge, rouges = Rouge().compute_score(gts, res)
    cider, ciders = Cider().compute_score(gts, res)
    result = {"bleu": list(bleu), "rouge_l": float(rouge), "cider_d": float(cider)}
    if single:
        result["images"] = [{"bleu": [b[k] for b in bleus], "rouge_l": float(rouges[k]), "cider_d": float(ciders[k])}
                            for k in range(len(res))]
    return result


r = random.Random(7)
SUBJECTS = ["A dog", "Two dogs", "A man's dog", "The boy", "A girl in a t-shirt", "People (and a cat)", "Mr. Smith"]
VERBS = ["runs", "doesn't run", "is running", "plays", "sits , waiting", "is jump-roping", "can't wait"]
PLACES = ["on the grass.", "in 1 1/2 feet of water", "near a \"stop\" sign !", "at 10:30 a.m.", "in the U.S.", "outside...",
          "in front of the men's shop", "on a skate-board ; it's red", "with café-goers", ""]


def sentence():
    return " ".join(r.choice(part) for part in (SUBJECTS, VERBS, PLACES)).strip()


references = {"%d.jpg" % (391895 + 7 * k): [sentence() for _ in range(r.choice([1, 3, 5]))] for k in range(40)}
hypotheses = {name: sentence() for name in references}
hypotheses["391895.jpg"] = "..."  # no word is left
out = pathlib.Path(sys.argv[4])
with (out / "scores_captions.txt").open("w", newline="") as f:
    rows = csv.writer(f, lineterminator="\n")
    rows.writerow(["image", "caption"])
    rows.writerows((name, text) for name, texts in references.items() for text in texts)
results = [{"image_id": int(name.split(".")[0]), "caption": text} for name, text in hypotheses.items()]
(out / "scores_results.json").write_text(json.dumps(results, indent=0) + "\n")

flickr = {}
with open(sys.argv[3], newline="") as f:
    for name, caption in list(csv.reader(f))[1:]:
        flickr.setdefault(name, []).append(caption)
first = {name: texts[0] for name, texts in flickr.items()}
others = {name: texts[1:] for name, texts in flickr.items()}
expected = {}
for name, words in [("ptb", ptb), ("notebook", notebook)]:
    expected[name] = scores(hypotheses, references, words, True)
    expected["flickr8k_" + name] = scores(first, others, words, False)
(out / "scores.json").write_text(json.dumps(expected, indent=0) + "\n")
