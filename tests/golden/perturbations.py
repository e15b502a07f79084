#!/usr/bin/env python3
"""Writes perturbations.json: a small picture and what NumPy and OpenCV make of it under each kind of interference.

The formulas are those of DeeperForensics-1.0 (colours in floats through cv2's YCrCb and back through studio swing, cut to
uint8), its random draws replaced by the counter-based ones of engine/rng.h. Debian: python3-opencv 4.6. Run in this folder."""
import base64
import json
import math

import cv2
import numpy as np

MASK = 0xFFFFFFFF
PURPOSE, SEED, IMAGE = 8, 77, 5  # Purpose::perturbation; what the test passes
PLACE = {"noise": 2, "block": 6}  # in the table of kinds


def philox(kind):
    """The 32-bit words of Philox 4x32-10 for a draw of (SEED, PURPOSE, kind, IMAGE)."""
    count = 0
    while True:
        c, k = [count, PURPOSE, kind, IMAGE], [SEED & MASK, SEED >> 32]
        for _ in range(10):
            p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & MASK, (p0 >> 32) ^ c[3] ^ k[1], p0 & MASK]
            k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
        yield from c
        count += 1


def normal(words, count):
    """Box-Muller, both of each pair, from 24 bits a draw."""
    out = []
    while len(out) < count:
        radius = math.sqrt(-2 * math.log(((next(words) >> 8) + 1) * 2.0**-24))
        angle = 2 * math.pi * (next(words) >> 8) * 2.0**-24
        out += [radius * math.cos(angle), radius * math.sin(angle)]
    return np.array(out[:count])


def to_studio(rgb):
    """Y in 16/255..235/255 and Cb, Cr in 16/255..240/255 for values in 0..1; here they are in 0..255, as there."""
    ycrcb = cv2.cvtColor(rgb.astype(np.float32), cv2.COLOR_RGB2YCrCb)
    y, cb, cr = ycrcb[..., 0], ycrcb[..., 2], ycrcb[..., 1]
    return (y * 219 + 16) / 255, (cb * 224 + 16) / 255, (cr * 224 + 16) / 255


def from_studio(y, cb, cr):
    ycrcb = np.stack([(y * 255 - 16) / 219, (cr * 255 - 16) / 224, (cb * 255 - 16) / 224], -1).astype(np.float32)
    return cv2.cvtColor(ycrcb, cv2.COLOR_YCrCb2RGB)


def saturation(rgb, p):
    y, cb, cr = to_studio(rgb)
    return from_studio(y, 0.5 + (cb - 0.5) * p, 0.5 + (cr - 0.5) * p).astype(np.uint8)


def contrast(rgb, p):
    return (rgb.astype(np.float32) * p).astype(np.uint8)


def noise(rgb, p):
    draws = normal(philox(PLACE["noise"]), rgb.size).reshape(rgb.shape)
    y, cb, cr = (255 * (plane / 255 + math.sqrt(p) * draws[..., i]) for i, plane in enumerate(to_studio(rgb)))
    return np.clip(from_studio(y, cb, cr), 0, 255).astype(np.uint8)


def blur(rgb, p):
    return cv2.GaussianBlur(rgb, (p, p), p / 6)


def resize(rgb, p):
    height, width, _ = rgb.shape
    return cv2.resize(cv2.resize(rgb, (width // p, height // p)), (width, height))


def block_places(height, width, p):
    words = philox(PLACE["block"])
    below = lambda n: next(words) * n >> 32
    return [[below(width - 8), below(height - 8)] for _ in range(min(height, width) // 256 * p)]


def coded(image):
    return base64.b64encode(image.tobytes()).decode()


r = np.random.RandomState(3)
y, x = np.mgrid[0:20, 0:30]
smooth = np.stack([x * 8, y * 12, (x + y) * 5], -1)
picture = np.clip(smooth + r.randint(-40, 41, smooth.shape), 0, 255).astype(np.uint8)
picture[:3, :6] = [[[0, 0, 0], [255, 255, 255], [128, 128, 128], [255, 0, 0], [0, 255, 0], [0, 0, 255]]]
levels = {
    saturation: [0.4, 0.3, 0.2, 0.1, 0.0], contrast: [0.85, 0.725, 0.6, 0.475, 0.35],
    noise: [0.001, 0.002, 0.005, 0.01, 0.05], blur: [7, 9, 13, 17, 21], resize: [2, 3, 4, 5, 6],
}
golden = {
    "seed": SEED, "image": IMAGE, "height": 20, "width": 30, "picture": coded(picture),
    "kinds": {f.__name__: [coded(f(picture.copy(), p)) for p in parameters] for f, parameters in levels.items()},
    "block": [{"height": h, "width": w, "level": n + 1, "places": block_places(h, w, p)}
              for h, w in [(256, 300), (513, 520), (255, 900)] for n, p in enumerate([16, 32, 48, 64, 80]) if n in (0, 4)],
}
with open("perturbations.json", "w") as f:
    json.dump(golden, f, indent=1)
    f.write("\n")
