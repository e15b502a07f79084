"""Xception (Chollet, CVPR 2017) in PyTorch, which torchvision lacks; with the names of the weights that the field uses (Cadene's)."""
import torch.nn.functional as F
from torch import nn


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
