#!/usr/bin/env python3
"""Writes metrics.json: small score lists and what scikit-learn says of them.

AUC, AP, ROC, Brier score, log loss and the points of reliability are scikit-learn's own; EER is DeepfakeBench's definition on
its ROC, eer_interp the root of 1 - x - tpr(x) by bisection on the interpolated ROC, TDR the highest TPR of the whole ROC at an
FPR that is not above the given one. Debian: python3-sklearn. Run in this folder."""
import json
import random

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve

BINS = 15


def tdr(y, s, most):
    fpr, tpr, _ = roc_curve(y, s, pos_label=1, drop_intermediate=False)
    return float(tpr[fpr <= most].max())


def calibration(y, s):
    """ECE is what calibration_curve's points come to, each with its share of the scores."""
    share, mean = calibration_curve(y, s, n_bins=BINS)
    count = np.bincount(np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], s), minlength=BINS)
    return {
        "brier": float(brier_score_loss(y, s)), "nll": float(log_loss(y, s, labels=[0, 1])),
        "ece": float((np.abs(share - mean) * count[count > 0]).sum() / len(s)), "bin_count": count.tolist(),
        "bin_share": share.tolist(), "bin_mean": mean.tolist(),
    }


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
        "tdr_1e-2": tdr(y, s, 1e-2), "tdr_1e-3": tdr(y, s, 1e-3), "calibration": calibration(y, s),
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
cases.append(case("on the edges of bins", [k * (1.0 / BINS) for k in range(BINS)] + [1.0, 1.0], [0, 1] * 8 + [1]))
cases.append(case("certain", [0.0, 1.0, 1.0, 0.0], [0, 1, 0, 1]))


def brief(seed):
    """The same numbers of a larger set, its scores as whole numbers of a grid; no curve."""
    r = random.Random(1000 + seed)
    n, levels = r.randrange(3, 60), r.choice([2, 5, 20, 1000])
    scores, labels = drawn(2000 + seed, n, levels, r.randrange(levels // 2 + 1))
    c = case(str(seed), scores, labels)
    return [levels, [round(s * levels) for s in scores], labels, c["auc"], c["eer"], c["eer_interp"], c["ap"], c["acc"], c["tdr_1e-2"],
            c["tdr_1e-3"], c["calibration"]["ece"], c["calibration"]["brier"], c["calibration"]["nll"]]


def many_reals():
    """1500 reals, so that both rates lie between thresholds: ties at and around the 15th and the first one."""
    r = random.Random(7)
    scores = [r.randrange(400) for _ in range(1500)] + [150 + r.randrange(251) for _ in range(500)]
    labels = [0] * 1500 + [1] * 500
    s, y = np.array(scores) / 400, np.array(labels)
    return {"levels": 400, "scores": scores, "real": 1500, "tdr_1e-2": tdr(y, s, 1e-2), "tdr_1e-3": tdr(y, s, 1e-3)}


with open("metrics.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
with open("metrics_random.json", "w") as f:
    rows = ",\n".join(json.dumps(brief(seed), separators=(",", ":")) for seed in range(200))
    f.write('{"sets": [\n' + rows + '\n],\n"many_reals": ' + json.dumps(many_reals(), separators=(",", ":")) + "}\n")
