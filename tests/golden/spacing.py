#!/usr/bin/env python3
"""Writes spacing.json: the frames that np.linspace(0, have - 1, wanted, dtype=int) picks, as DeepfakeBench's preprocessing does: SHA-256 of all for 1 to 999
frames, and a few in full, among them one where doubles round down what is whole. Debian: python3-numpy (1.24). Run in this folder."""
import hashlib
import json

import numpy as np


def picked(have, wanted):
    return np.linspace(0, have - 1, wanted, endpoint=True, dtype=int).tolist()


hashes = []
for wanted in [1, 2, 7, 8, 10, 15, 32, 50, 100]:
    text = "".join(" ".join(map(str, picked(have, wanted))) + "\n" for have in range(1, 1000))
    hashes.append({"wanted": wanted, "sha256": hashlib.sha256(text.encode()).hexdigest()})
rounded = [(h, w) for w in (32, 50, 100) for h in range(2, 1000)
           if picked(h, w) != [i * (h - 1) // (w - 1) for i in range(w)]][:1]
examples = [{"have": h, "wanted": w, "picked": picked(h, w)} for h, w in [(10, 4), (300, 8), (3, 8), (1, 3)] + rounded]
with open("spacing.json", "w") as f:
    json.dump({"hashes": hashes, "examples": examples}, f, indent=None, separators=(", ", ": "))
    f.write("\n")
