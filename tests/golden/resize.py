#!/usr/bin/env python3
"""Writes resize.json: SHA-256 of what Pillow and OpenCV make of a formula's pixels, by way and sizes.

Debian: python3-pil (9.4), python3-opencv (4.6; its bits are those of builds for x86). Run in this folder."""
import hashlib
import json

import cv2
import numpy as np
from PIL import Image

SIZES = [  # from height, width to height, width
    (60, 80, 32, 32), (31, 17, 50, 9), (40, 40, 40, 64), (37, 53, 37, 20), (53, 37, 20, 37), (299, 201, 256, 256),
    (64, 48, 32, 24), (64, 49, 32, 24), (32, 24, 64, 48), (33, 47, 71, 101), (3, 5, 40, 41), (1, 1, 5, 4), (1, 9, 3, 2),
    (200, 180, 7, 5), (101, 99, 1, 1), (2, 2, 3, 3), (128, 96, 32, 24), (45, 70, 44, 71),
]
WAYS = {
    "pil-bilinear": lambda a, h, w: np.asarray(Image.fromarray(a).resize((w, h), Image.BILINEAR)),
    "pil-bicubic": lambda a, h, w: np.asarray(Image.fromarray(a).resize((w, h), Image.BICUBIC)),
    "cv2-linear": lambda a, h, w: cv2.resize(a, (w, h), interpolation=cv2.INTER_LINEAR),
    "cv2-cubic": lambda a, h, w: cv2.resize(a, (w, h), interpolation=cv2.INTER_CUBIC),
}


def picture(h, w, smooth):
    """Sharp: a formula that leaves no neighbours alike, so that cubics overshoot; smooth: slopes with small steps."""
    i = np.arange(h * w * 3, dtype=np.uint64)
    values = (i // 7) if smooth else ((i * i * 7 + i * 13) >> 3)
    return (values % 256).astype(np.uint8).reshape(h, w, 3)


cases = []
for h, w, height, width in SIZES:
    for smooth in (False, True):
        for way, resize in WAYS.items():
            out = np.ascontiguousarray(resize(picture(h, w, smooth), height, width))
            cases.append({"from": [h, w], "to": [height, width], "smooth": smooth, "way": way,
                          "sha256": hashlib.sha256(out.tobytes()).hexdigest()})
with open("resize.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
