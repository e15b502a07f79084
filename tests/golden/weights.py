#!/usr/bin/env python3
"""Writes weights/ of this folder: small files by PyTorch and NumPy themselves, and in weights.json what they hold.

To regenerate:  apt-get install python3-torch;  /usr/bin/python3 tests/golden/weights.py
Made with PyTorch 1.13 and NumPy 1.24. Files of the old format differ each time: they name storages by their addresses.
"""
import argparse
import collections
import json
import os
import pathlib

import numpy as np
import PIL.Image
import torch
import torchvision

os.chdir(pathlib.Path(__file__).parent)
FOLDER = pathlib.Path("weights")
FOLDER.mkdir(exist_ok=True)

TYPES = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64", torch.int32: "I32",
         torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}


def described(tensor):
    return {"type": TYPES[tensor.dtype], "shape": list(tensor.shape), "values": tensor.detach().double().contiguous().flatten().tolist()}


def state():
    ramp = torch.arange(24, dtype=torch.float32) / 4 - 2
    shared = torch.arange(12, dtype=torch.float32)
    weights = collections.OrderedDict()
    weights["conv.weight"] = ramp.reshape(2, 3, 2, 2)
    weights["conv.turned"] = ramp.reshape(4, 6).t()
    weights["conv.stepped"] = ramp.reshape(4, 6)[1:, ::2]
    weights["conv.channels_last"] = ramp.reshape(1, 3, 2, 4).to(memory_format=torch.channels_last)
    weights["shared.first"] = shared[:4]
    weights["shared.second"] = shared[4:].reshape(2, 4)
    weights["expanded"] = torch.tensor([1.5, -2.5]).expand(3, 2)
    weights["parameter"] = torch.nn.Parameter(torch.tensor([[1.0, 2.0]]))
    weights["half"] = torch.tensor([1.0, -0.5, 65504.0, 2.0**-24], dtype=torch.float16)
    weights["bfloat16"] = torch.tensor([1.0, -3.0, 2.0**100], dtype=torch.bfloat16)
    weights["double"] = torch.tensor([1e300, -0.1], dtype=torch.float64)
    weights["bn.num_batches_tracked"] = torch.tensor(2**40, dtype=torch.int64)
    weights["int"] = torch.tensor([-2**31, 7], dtype=torch.int32)
    weights["short"] = torch.tensor([-32768, 7], dtype=torch.int16)
    weights["char"] = torch.tensor([-128, 127], dtype=torch.int8)
    weights["byte"] = torch.tensor([0, 255], dtype=torch.uint8)
    weights["bool"] = torch.tensor([True, False, True])
    weights["empty"] = torch.empty(0, 3)
    return weights


def optimizer():
    layer = torch.nn.Linear(2, 1)
    adam = torch.optim.Adam(layer.parameters(), lr=0.01)
    layer(torch.ones(1, 2)).sum().backward()
    adam.step()
    return adam.state_dict()


def checkpoint():
    """As training scripts keep one: weights, where they stand, the optimizer, and the command line's objects."""
    return {"epoch": 3, "arch": "tiny", "best": 0.75, "state_dict": state(), "state_dict_ema": {"w": torch.ones(2)}, "optimizer": optimizer(),
            "opt": argparse.Namespace(lr=0.1, name="x")}


class Forbidden:
    """Would run a command if it were unpickled."""
    def __reduce__(self):
        return (os.system, ("touch unpickled",))


torch.manual_seed(1)
torch.save(checkpoint(), FOLDER / "checkpoint.pth")
torch.save(checkpoint(), FOLDER / "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(state(), FOLDER / "plain.pth")
torch.save(torch.nn.Linear(2, 1), FOLDER / "module.pth")
torch.save({"w": torch.ones(1), "evil": Forbidden()}, FOLDER / "forbidden.pth")

arrays = {
    "weight": np.arange(6, dtype="<f4").reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3)),
    "big": np.array([1.5, -2.0], dtype=">f8"),
    "half": np.array([1.0, -0.5], dtype="<f2"),
    "count": np.array(2**40, dtype="<i8"),
    "unsigned": np.array([2**63, 3], dtype="<u8"),
    "flags": np.array([True, False]),
    "none": np.zeros((0, 2), dtype="<f4"),
}
np.savez(FOLDER / "arrays.npz", **arrays)
np.savez_compressed(FOLDER / "deflated.npz", **arrays)
NAMES = {"f2": "F16", "f4": "F32", "f8": "F64", "i8": "I64", "u8": "U64", "b1": "BOOL"}

# Whole networks in small files: every filter is a view of the same few numbers, and statistics are one number a layer.
SIZE = 32
STRIDES = (1, 2, 7, 11)  # of a filter's K, C, R, S


def small(name):
    """A network by torchvision's name whose state dict is small on disk, and two images' P(fake) by it, with float32's error."""
    numbers = torch.from_numpy(np.random.default_rng(7).standard_normal(3000).astype(np.float32) / 16)
    net = getattr(torchvision.models, name)(num_classes=2)
    for m in net.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.momentum = 1.0  # the statistics of one pass
        if isinstance(m, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
            m.p = 0.0
    views = {}
    for key, w in net.named_parameters():
        one = torch.tensor([0.1 if key.endswith("bias") else 1.0])
        views[key] = numbers.as_strided(w.shape, STRIDES[:w.dim()]) if w.dim() > 1 else one.expand(w.shape)
    images = np.random.default_rng(8).integers(0, 256, (2, SIZE, SIZE, 3), dtype=np.uint8)
    x = torch.from_numpy(images).permute(0, 3, 1, 2) / 255 * 2 - 1
    with torch.no_grad():
        net.load_state_dict(views, strict=False)
        net.train()(x)
        views.update({key: b.mean().reshape(1).expand(b.shape) for key, b in net.named_buffers() if b.dim() > 0})
        net.load_state_dict(views, strict=False)
        logits = net.eval()(x)
        last = [key for key in views if key.endswith("bias")][-1]  # the classifier's: scores around a half tell most
        views[last] = torch.tensor([0.1, 0.1 - (logits[:, 1] - logits[:, 0]).mean()])
        net.load_state_dict(views, strict=False)
        exact = torch.softmax(net.eval().double()(x.double()), 1)[:, 1]
        error = (torch.softmax(net.float()(x), 1)[:, 1] - exact).abs().max()
    return views, images, exact.tolist(), error.item()


lines = []
for network in ["resnet18", "efficientnet_b0"]:
    views, images, scores, error = small(network)
    torch.save(views, FOLDER / f"{network}.pth", _use_new_zipfile_serialization=False)
    lines += [f"{network} image{i}.png {score:.9f} {error:.2e}" for i, score in enumerate(scores)]
for i, image in enumerate(images):
    PIL.Image.fromarray(image).save(FOLDER / f"image{i}.png")
(FOLDER / "scores.txt").write_text("\n".join(lines) + "\n")

known = {
    "pytorch": {name: described(t) for name, t in state().items()},
    "numpy": {name: {"type": NAMES[a.dtype.str[1:]], "shape": list(a.shape), "values": [float(x) for x in a.flatten(order="C")]}
              for name, a in arrays.items()},
}
pathlib.Path("weights.json").write_text(json.dumps(known, indent=1) + "\n")
