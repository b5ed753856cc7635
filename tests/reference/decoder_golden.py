#!/usr/bin/python3
"""Makes greedy and beam captions of a tiny captioner with PyTorch. Every hypothesis is run through the whole model again at
each step, with no incremental state, so that nothing is shared with the decoder under test.

usage: decoder_golden.py GOLDEN_DIR     writes decoder_model.safetensors and decoder.json
"""
import json
import sys

import torch

from captioner_reference import PAD, ImageCaptionModel, versions, write_safetensors

VOCAB, FEATURES, EMBED, HIDDEN, IMAGES, MAX_LENGTH = 13, 6, 5, 7, 12, 9
SOS, EOS = VOCAB - 2, VOCAB - 1

# With this seed and these scales captions end at <EOS>, at [PAD] and at the limit, and beams find better ones than greedy.
torch.manual_seed(5)
model = ImageCaptionModel(VOCAB, FEATURES, EMBED, HIDDEN)
with torch.no_grad():
    for name, p in model.named_parameters():
        p.mul_({"fc": 6.0, "lstm": 4.0, "img_to_h": 2.0, "img_to_c": 2.0, "embedding": 1.0}[name.split(".")[0]])
    model.fc.bias[SOS] = -20.0
images = torch.randn(IMAGES, FEATURES)


def next_log_probs(image, ids):
    with torch.no_grad():
        return torch.log_softmax(model(image.unsqueeze(0), torch.tensor([ids]))[0, -1].double(), dim=0)


def beam(image, width, penalty):
    """Extends all live hypotheses and keeps the best by log-probability. One that ends leaves and takes its slot with it."""
    alive, done = [(0.0, [SOS])], []
    slots = width
    while alive and len(alive[0][1]) < MAX_LENGTH:
        extended = []
        for logp, ids in alive:
            step = next_log_probs(image, ids)
            extended += [(logp + step[v].item(), ids + [v]) for v in range(VOCAB)]
        extended.sort(key=lambda h: -h[0])
        kept = extended[:slots]
        alive = [h for h in kept if h[1][-1] not in (EOS, PAD)]
        done += [h for h in kept if h[1][-1] in (EOS, PAD)]
        slots = len(alive)
    done += alive
    done.sort(key=lambda h: -h[0] / (len(h[1]) - 1) ** penalty)
    return [{"tokens": ids[1:], "log_probability": logp} for logp, ids in done]


cases = []
for width, penalty in [(1, 0.0), (2, 0.0), (3, 0.0), (3, 1.0), (5, 0.7)]:
    cases.append({"beam": width, "length_penalty": penalty, "images": [beam(x, width, penalty) for x in images]})
directory = sys.argv[1]
write_safetensors(f"{directory}/decoder_model.safetensors", {**model.state_dict(), "images": images})
json.dump({"made_by": "tests/reference/decoder_golden.py", "versions": versions(), "sos": SOS, "eos": EOS, "pad": PAD,
           "max_length": MAX_LENGTH, "cases": cases}, open(f"{directory}/decoder.json", "w"), indent=1)
