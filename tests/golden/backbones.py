#!/usr/bin/env python3
"""Writes the golden files of whole networks, <backbone>.json: three training steps of each with PyTorch.

To regenerate:  apt-get install python3-torch python3-torchvision;  /usr/bin/python3 tests/golden/backbones.py [backbone ..]
Takes about a minute; made with PyTorch 1.13 and torchvision 0.14. make_golden.py says what is stored and how.
torchvision's EfficientNets have timm's arithmetic with other names: the layers are the same in the same order. Stochastic depth
and dropout are off.
"""
import sys

import torch
import torch.nn.functional as F
import torchvision

from make_golden import each_variant, image_batch, parameter, running_statistics, summaries, whole, write
from xception import Xception

STEPS = 3
RATE, MOMENTUM = 1e-4, 0.9


# --- The backbones by their names -------------------------------------------------------------------------------------

def timm_layers(depths):
    """timm's names of an EfficientNet's layers, in the order of its forward pass."""
    yield from ("conv_stem", "bn1")
    for stage, depth in enumerate(depths):
        parts = "conv_pw bn1 conv_dw bn2 se.conv_reduce se.conv_expand conv_pwl bn3" if stage else \
            "conv_dw bn1 se.conv_reduce se.conv_expand conv_pw bn2"
        for i in range(depth):
            yield from (f"blocks.{stage}.{i}.{part}" for part in parts.split())
    yield from ("conv_head", "bn2", "classifier")


def efficientnet(make, depths):
    def build():
        net = make(num_classes=2, stochastic_depth_prob=0.0)
        net.classifier[0].p = 0.0
        layers = [name for name, m in net.named_modules() if next(m.parameters(recurse=False), None) is not None]
        return net, dict(zip(layers, timm_layers(depths), strict=True))
    return build


def same_names(make):
    return lambda: (make(num_classes=2), {})


# Name -> what builds it, images, their size, and which batch of images is the first. Odd sizes are where stride and padding do
# not come out even. One ReLU of the last layers that rounding switches moves all gradients by a percent: batches are chosen
# in which no float32 run has one.
BACKBONES = {
    "resnet34": (same_names(torchvision.models.resnet34), 4, 64, 720),
    "resnet50": (same_names(torchvision.models.resnet50), 4, 75, 20),
    "xception": (same_names(Xception), 4, 75, 50),
    "efficientnet_b0": (efficientnet(torchvision.models.efficientnet_b0, (1, 2, 2, 3, 3, 4, 1)), 4, 71, 0),
    "efficientnet_b4": (efficientnet(torchvision.models.efficientnet_b4, (2, 4, 4, 6, 6, 8, 2)), 4, 71, 0),
}


class Network:
    def __init__(self, build, dtype, layout):
        self.net, layers = build()

        def renamed(name):
            layer, _, leaf = name.rpartition(".")
            return f"{layers.get(layer, layer)}.{leaf}"

        self.name = renamed
        with torch.no_grad():
            for name, p in self.net.named_parameters():
                p.copy_(torch.from_numpy(parameter(renamed(name), tuple(p.shape))))
        self.net.to(dtype=dtype, memory_format=layout).train()

    def gradients(self):
        return {self.name(k): p.grad.clone() for k, p in self.net.named_parameters()}

    def running(self):
        return {self.name(k): v for k, v in running_statistics(self.net).items()}


def steps(build, n, size, start):
    """Three steps of SGD on "input/<start + step>": logits, loss and gradients of the first, losses and the running statistics of all,
    logits in evaluation on the first batch after them. `bf16`: how far the first step under autocast is from float64."""
    labels = torch.arange(n) % 2

    def images(step, dtype, layout):
        return torch.from_numpy(image_batch(f"input/{start + step}", n, size)).to(dtype=dtype, memory_format=layout)

    def first_step(network, dtype, layout, narrow=False):
        with torch.autocast("cpu", torch.bfloat16, enabled=narrow):
            logits = network.net(images(0, dtype, layout))
        loss = F.cross_entropy(logits.to(dtype), labels)
        loss.backward()
        return {"logits": logits, "loss": loss, "gradients": network.gradients()}

    def run(dtype, layout):
        network = Network(build, dtype, layout)
        optimizer = torch.optim.SGD(network.net.parameters(), lr=RATE, momentum=MOMENTUM)
        first = first_step(network, dtype, layout)
        optimizer.step()
        losses = [first["loss"]]
        for step in range(1, STEPS):
            optimizer.zero_grad()
            losses.append(F.cross_entropy(network.net(images(step, dtype, layout)), labels))
            losses[-1].backward()
            optimizer.step()
        with torch.no_grad():
            trained = network.net.eval()(images(0, dtype, layout))
        return {**first, "losses": torch.stack(losses), "running": network.running(), "eval_logits": trained}

    results = each_variant(run)
    layout = torch.channels_last
    narrow = first_step(Network(build, torch.float32, layout), torch.float32, layout, narrow=True)

    def relative(truth, got):
        return float((got.double() - truth).norm() / truth.norm())

    truth = results[0]
    of_gradients = torch.tensor([relative(g, narrow["gradients"][name]) for name, g in truth["gradients"].items()])
    return {
        "input": {"first": start, "shape": [n, 3, size, size]}, "labels": labels.tolist(), "rate": RATE, "momentum": MOMENTUM,
        **{part: whole([r[part] for r in results]) for part in ("logits", "loss", "losses", "eval_logits")},
        "gradients": summaries(results, "gradients"), "running": summaries(results, "running"),
        "bf16": {"logits": relative(truth["logits"], narrow["logits"]),
                 "gradients": {"median": of_gradients.median().item(), "ninth decile": of_gradients.quantile(0.9).item()}},
    }


def shorter(content):
    """Ten digits of each number: a thousandth of what float32 resolves."""
    if isinstance(content, float):
        return float(f"{content:.10g}")
    if isinstance(content, dict):
        return {k: shorter(v) for k, v in content.items()}
    return [shorter(v) for v in content] if isinstance(content, list) else content


if __name__ == "__main__":
    for backbone in sys.argv[1:] or BACKBONES:
        write(backbone, shorter(steps(*BACKBONES[backbone])))
