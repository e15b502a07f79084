#!/usr/bin/python3
"""The PyTorch peer of `realcentric bench loader`: a DataLoader over the same images, driven over pipes so that runs alternate.

  bench_loader.py LIST --preset none|light|dfb --size S --workers W --batch N --prefetch P

LIST is a file with a label, a tab and a path in each line. Prints {"ready": true, ...} once batches are ready; each line "step K"
then takes K batches and is answered by {"seconds": .., "peak_rss_bytes": .., "rss_bytes": ..}.

Images are decoded and resized by PIL, what happens to them is torchvision's and PIL's, batches stay 8-bit and on the CPU as ours do.
Resident memory is this process and its workers, pages that they share counted once.
"""
import argparse
import io
import json
import random
import sys
import time

import numpy as np
import torch
from PIL import Image
from torchvision import transforms as T


class Jpeg:
    """A JPEG round trip of uniform quality."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def __call__(self, image):
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=random.randint(self.low, self.high))
        return Image.open(stream).convert("RGB")


class AlongColours:
    """FancyPCA: normal draws times eigenvalues along the eigenvectors of the image's colours."""

    def __call__(self, image):
        pixels = np.asarray(image, np.float32) / 255
        values, vectors = np.linalg.eigh(np.cov(pixels.reshape(-1, 3), rowvar=False))
        shifted = pixels + (vectors @ (np.random.normal(0, 0.1, 3) * values)).astype(np.float32)
        return Image.fromarray((shifted.clip(0, 1) * 255 + 0.5).astype(np.uint8))


def transforms_of(preset, size):
    resize = T.Resize((size, size))
    if preset == "none":
        return [resize]
    if preset == "light":  # sides of 0.9 to 1 of the image's
        return [T.RandomResizedCrop(size, scale=(0.81, 1), ratio=(1, 1)), T.RandomHorizontalFlip()]
    blur = T.RandomChoice([T.GaussianBlur(2 * r + 1, 0.3 * (r - 1) + 0.8) for r in (1, 2, 3)])
    colour = T.RandomChoice([T.ColorJitter(brightness=0.1, contrast=0.1), T.ColorJitter(0.08, 0, 0.12, 40 / 360), AlongColours()])
    return [resize, T.RandomHorizontalFlip(), T.RandomApply([blur]), T.RandomApply([colour]), T.RandomApply([Jpeg(40, 100)])]


class Images(torch.utils.data.Dataset):
    def __init__(self, rows, transform):
        self.rows, self.transform = rows, transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        label, path = self.rows[i]
        with Image.open(path) as image:
            return self.transform(image.convert("RGB")), label


def endless(loader):
    while True:
        yield from loader


def pss_bytes(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as f:
            total += sum(1024 * int(line.split()[1]) for line in f if line.startswith("Pss:"))
    return total


def say(**fields):
    print(json.dumps(fields), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("list")
    parser.add_argument("--preset", choices=["none", "light", "dfb"], default="none")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--prefetch", type=int, default=4, help="batches ahead, of all workers together")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with open(args.list, encoding="utf-8") as f:
        rows = [(int(label), path) for label, path in (line.rstrip("\n").split("\t", 1) for line in f)]
    rows *= -(-20 * args.batch // len(rows))  # an epoch's end stops a DataLoader: let there be few
    transform = T.Compose([*transforms_of(args.preset, args.size), T.PILToTensor()])
    loader = torch.utils.data.DataLoader(
        Images(rows, transform), args.batch, shuffle=True, num_workers=args.workers, drop_last=True, persistent_workers=True,
        prefetch_factor=max(1, args.prefetch // args.workers))
    batches = endless(loader)
    next(batches)
    workers = [w.pid for w in batches.gi_frame.f_locals["loader"]._iterator._workers]
    peak = pss_bytes(["self", *workers])
    say(ready=True, torch=torch.__version__, workers=args.workers)
    for line in sys.stdin:
        words = line.split()
        if not words or words[0] == "quit":
            break
        start = time.perf_counter()
        for _ in range(int(words[1])):
            next(batches)
        seconds = time.perf_counter() - start
        peak = max(peak, pss_bytes(["self", *workers]))
        say(seconds=seconds, peak_rss_bytes=peak)


main()
