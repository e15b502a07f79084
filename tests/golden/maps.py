#!/usr/bin/env python3
"""Writes maps.json: points of two clusters, their principal components by NumPy's SVD, and t-SNE's affinities,
divergence and gradient as scikit-learn has them. Debian: python3-sklearn. Run in this folder."""
import json

import numpy as np
from sklearn.manifold import _t_sne as tsne
from sklearn.metrics import pairwise_distances

PERPLEXITY = 5.0
rng = np.random.default_rng(11)
points = np.concatenate([rng.normal(0, 1, (14, 6)), rng.normal(3, 0.5, (10, 6))]) * np.array([3, 2, 1, 1, 0.5, 0.2])
points = points.astype(np.float32).astype(np.float64)

centred = points - points.mean(0)
_, s, v = np.linalg.svd(centred, full_matrices=False)
axes = np.array([row if row[np.abs(row).argmax()] > 0 else -row for row in v[:2]])

# scikit-learn calibrates in float32: its affinities are of that precision.
p = tsne._joint_probabilities(pairwise_distances(points, metric="sqeuclidean"), PERPLEXITY, 0)
plane = centred @ axes.T
kl, gradient = tsne._kl_divergence(plane.ravel(), p, 1.0, len(points), 2)

json.dump({
    "points": points.tolist(), "perplexity": PERPLEXITY, "mean": points.mean(0).tolist(), "axes": axes.tolist(),
    "share": (s[:2] ** 2 / (s ** 2).sum()).tolist(), "coordinates": plane.tolist(),
    "affinities": p.tolist(), "divergence": float(kl), "gradient": gradient.reshape(-1, 2).tolist(),
}, open("maps.json", "w"))
