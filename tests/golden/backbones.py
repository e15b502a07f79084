#!/usr/bin/env python3
"""Writes the golden files of whole networks, <backbone>.json: three training steps of each with PyTorch.

To regenerate:  apt-get install python3-torch python3-torchvision;  /usr/bin/python3 tests/golden/backbones.py [backbone ..]
Takes about a minute; made with PyTorch 1.13 and torchvision 0.14. make_golden.py says what is stored and how.
Xception is written here from Chollet (CVPR 2017), with the names of the weights that the field uses (Cadene's). torchvision's
EfficientNets have timm's arithmetic with other names: the layers are the same in the same order. Stochastic depth and dropout
are off.
"""
import sys

import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from make_golden import each_variant, image_batch, parameter, running_statistics, summaries, whole, write

STEPS = 3
RATE, MOMENTUM = 1e-4, 0.9


# --- Xception ---------------------------------------------------------------------------------------------------------

class Separable(nn.Module):
    """A 3x3 filter a channel, then a 1x1 convolution; nothing between them."""

    def __init__(self, channels, filters):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels, filters, 1, bias=False)

    def forward(self, x):
        return self.pointwise(self.conv1(x))


class XceptionBlock(nn.Module):
    """Separable convolutions to the given widths, each behind a ReLU but the very first of the network, and a shortcut."""

    def __init__(self, channels, widths, stride=2, relu_first=True):
        super().__init__()
        layers, c = [], channels
        for width in widths:
            layers += [nn.ReLU(), Separable(c, width), nn.BatchNorm2d(width)]
            c = width
        if stride == 2:
            layers.append(nn.MaxPool2d(3, 2, 1))
            self.skip = nn.Conv2d(channels, c, 1, stride=2, bias=False)
            self.skipbn = nn.BatchNorm2d(c)
        self.rep = nn.Sequential(*layers[0 if relu_first else 1:])

    def forward(self, x):
        return self.rep(x) + (self.skipbn(self.skip(x)) if hasattr(self, "skip") else x)


class Xception(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 32, 3, stride=2, bias=False), nn.BatchNorm2d(32)
        self.conv2, self.bn2 = nn.Conv2d(32, 64, 3, bias=False), nn.BatchNorm2d(64)
        self.block1 = XceptionBlock(64, (128, 128), relu_first=False)
        self.block2 = XceptionBlock(128, (256, 256))
        self.block3 = XceptionBlock(256, (728, 728))
        for i in range(4, 12):
            setattr(self, f"block{i}", XceptionBlock(728, (728, 728, 728), stride=1))
        self.block12 = XceptionBlock(728, (728, 1024))
        self.conv3, self.bn3 = Separable(1024, 1536), nn.BatchNorm2d(1536)
        self.conv4, self.bn4 = Separable(1536, 2048), nn.BatchNorm2d(2048)
        self.last_linear = nn.Linear(2048, num_classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        for i in range(1, 13):
            x = getattr(self, f"block{i}")(x)
        x = F.relu(self.bn3(self.conv3(x)))
        x = F.relu(self.bn4(self.conv4(x)))
        return self.last_linear(x.mean((2, 3)))


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
    "resnet34": (same_names(torchvision.models.resnet34), 4, 64, 30),
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
