#!/usr/bin/env python3
"""Writes metrics.json: small score lists and what scikit-learn says of them.

AUC, AP and ROC are scikit-learn's own; EER is DeepfakeBench's definition on its ROC, eer_interp the root of
1 - x - tpr(x) by bisection on the interpolated ROC. Debian: python3-sklearn. Run in this folder."""
import json
import random

import numpy as np
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score, roc_curve


def case(name, scores, labels):
    s, y = np.array(scores, dtype=np.float64), np.array(labels)
    fpr, tpr, _ = roc_curve(y, s, pos_label=1)
    fnr = 1 - tpr
    low, high = 0.0, 1.0
    for _ in range(200):
        mid = (low + high) / 2
        low, high = (mid, high) if 1 - mid - np.interp(mid, fpr, tpr) > 0 else (low, mid)
    return {
        "name": name, "scores": list(map(float, scores)), "labels": list(map(int, labels)),
        "auc": float(roc_auc_score(y, s)), "ap": float(average_precision_score(y, s)),
        "acc": float(accuracy_score(y, s > 0.5)), "eer": float(fpr[np.nanargmin(np.absolute(fnr - fpr))]),
        "eer_interp": (low + high) / 2, "fpr": list(map(float, fpr)), "tpr": list(map(float, tpr)),
    }


def drawn(seed, n, levels, shift):
    """n scores on a grid of `levels` steps (many ties where it is coarse), fakes `shift` steps higher."""
    r = random.Random(seed)
    labels = [0, 1] + [r.randrange(2) for _ in range(n - 2)]
    scores = [min(levels, r.randrange(levels + 1) * (levels - shift) // levels + shift * y) / levels for y in labels]
    return scores, labels


cases = [
    case("separated", [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]),
    case("inverted", [0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1]),
    case("all tied", [0.5] * 6, [0, 1, 0, 1, 1, 0]),
    case("two", [0.5, 0.5000001], [1, 0]),
    case("textbook", [0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]),
    case("unbalanced", [0.2, 0.9, 0.9, 0.3, 0.6, 0.6, 0.6, 0.1], [0, 1, 1, 1, 1, 1, 0, 1]),
]
for seed, (n, levels, shift) in enumerate([(20, 4, 1), (40, 8, 2), (60, 1000, 200), (60, 10, 0), (60, 16, 5), (60, 3, 1)]):
    cases.append(case(f"drawn {seed}: {n} on {levels} levels, shift {shift}", *drawn(seed, n, levels, shift)))
with open("metrics.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
