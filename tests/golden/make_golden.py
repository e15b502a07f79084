#!/usr/bin/env python3
"""Writes the golden files of this folder with PyTorch: what the engine must reproduce.

To regenerate:  apt-get install python3-torch python3-torchvision;  /usr/bin/python3 tests/golden/make_golden.py
Takes about two minutes; made with PyTorch 1.13 and torchvision 0.14. Other versions or processors change last digits only.

Weights and inputs are not stored: both sides make them from `values` and `parameter` below; formula.h is the same arithmetic.
Expected values come from float64. Beside them stands `error`: the largest distance from them of three float32 runs that
differ only in the order of summation (oneDNN NCHW, oneDNN channels-last, native loops). It is the measure for a tolerance.
"""
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
import torchvision

FOLDER = pathlib.Path(__file__).parent
SAMPLES = 8
STEPS = 20


# --- The formula (formula.h) ------------------------------------------------------------------------------------------

def key(name):
    """FNV-1a, 64 bits."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return h


def mix(x):
    """The finaliser of splitmix64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def values(name, *shape):
    """Uniform in [-1, 1) with 52 bits, in row-major order; float64."""
    index = np.arange(math.prod(shape), dtype=np.uint64)
    bits = mix(np.uint64(key(name)) + index * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(11)
    return (bits.astype(np.float64) * 2.0**-52 - 1.0).reshape(shape)


def parameter(name, shape):
    """float32. Convolution [K, C, R, S] and linear [out, in]: variance 2 / fan_in and 1/3 / fan_in; batch norm: 1 + u / 10;
    bias: u / 10."""
    u = values(name, *shape)
    if len(shape) == 4:
        u = u * np.sqrt(6.0 / math.prod(shape[1:]))
    elif len(shape) == 2:
        u = u * np.sqrt(1.0 / shape[1])
    elif name.endswith("weight"):
        u = 1.0 + 0.1 * u
    else:
        u = 0.1 * u
    return u.astype(np.float32)


def image_batch(name, n, size):
    """[N, 3, H, W] float32, variance 4/3."""
    return (2.0 * values(name, n, 3, size, size)).astype(np.float32)


def sample_positions(name, count):
    return [int(mix(np.array([(key(name) + j) % 2**64], dtype=np.uint64))[0]) % count for j in range(SAMPLES)]


# --- Runs and what is kept of them ------------------------------------------------------------------------------------

def network(dtype, layout):
    net = torchvision.models.resnet18(num_classes=2)
    with torch.no_grad():
        for name, p in net.named_parameters():
            p.copy_(torch.from_numpy(parameter(name, tuple(p.shape))))
    return net.to(dtype=dtype, memory_format=layout).train()


# (dtype, memory layout, oneDNN); the first is the truth, the others show the rounding error of float32.
VARIANTS = [(torch.float64, torch.contiguous_format, True), (torch.float32, torch.contiguous_format, True),
            (torch.float32, torch.channels_last, True), (torch.float32, torch.contiguous_format, False)]


def each_variant(run):
    results = []
    for dtype, layout, onednn in VARIANTS:
        with torch.backends.mkldnn.flags(enabled=onednn):
            results.append(run(dtype, layout))
    return results


def distance(tensors, norm):
    return max(float(norm(t - tensors[0])) for t in tensors[1:])


def summary(name, tensors):
    """One tensor of the truth by its norm, sum and samples; `error`: L2 and largest distance of the float32 runs."""
    tensors = [t.detach().double().contiguous().flatten() for t in tensors]
    truth = tensors[0]
    return {
        "name": name, "count": truth.numel(), "norm": truth.norm().item(), "sum": truth.sum().item(),
        "samples": truth[sample_positions(name, truth.numel())].tolist(),
        "error": {"l2": distance(tensors, lambda d: d.norm()), "max": distance(tensors, lambda d: d.abs().max())},
    }


def summaries(results, part):
    return [summary(name, [r[part][name] for r in results]) for name in results[0][part]]


def whole(tensors):
    """A small tensor in full, flat."""
    tensors = [t.detach().double().flatten() for t in tensors]
    return {"values": tensors[0].tolist(), "error": distance(tensors, lambda d: d.abs().max())}


def running_statistics(net):
    return {k: v.clone() for k, v in net.state_dict().items() if "running" in k}


def resnet18_step():
    """One forward and backward pass in training mode, then a forward pass in evaluation mode."""
    n, size, labels = 2, 64, [0, 1]

    def run(dtype, layout):
        net = network(dtype, layout)
        x = torch.from_numpy(image_batch("input", n, size)).to(dtype=dtype, memory_format=layout)
        logits = net(x)
        loss = F.cross_entropy(logits, torch.tensor(labels))
        loss.backward()
        return {"logits": logits, "loss": loss, "gradients": {k: p.grad for k, p in net.named_parameters()},
                "running": running_statistics(net), "eval_logits": net.eval()(x)}

    results = each_variant(run)
    out = {"input": {"name": "input", "shape": [n, 3, size, size]}, "labels": labels}
    for part in ("logits", "loss", "eval_logits"):
        out[part] = whole([r[part] for r in results])
    out["gradients"] = summaries(results, "gradients")
    out["running"] = summaries(results, "running")
    net = network(torch.float32, torch.contiguous_format)
    out["formula"] = {
        "input": image_batch("input", n, size).flatten()[:4].tolist(),
        "parameters": [{"name": k, "shape": list(p.shape), "last": p.detach().flatten()[-4:].tolist()}
                       for k, p in net.named_parameters()],
    }
    return out


# Two batches in turn are soon learned by heart: the run is contracting, so that rounding errors do not grow as they would
# in a chaotic one. A float32 run from weights one unit off stays within `error`; weight decay 20 % off exceeds it a hundredfold.
OPTIMIZERS = {
    "sgd": ({"lr": 3e-3, "momentum": 0.9, "weight_decay": 5e-4}, torch.optim.SGD),
    "adam": ({"lr": 2e-4, "weight_decay": 5e-4}, torch.optim.Adam),
}


def resnet18_train(settings, optimizer):
    """STEPS training steps; step k (from 0) takes the batch named "input/<k mod 2>". `loss_errors` is the largest so far."""
    n, size = 8, 64
    labels = torch.arange(n) % 2

    def run(dtype, layout):
        net = network(dtype, layout)
        opt, losses = optimizer(net.parameters(), **settings), []
        for step in range(STEPS):
            x = torch.from_numpy(image_batch(f"input/{step % 2}", n, size)).to(dtype=dtype, memory_format=layout)
            loss = F.cross_entropy(net(x), labels)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        return {"losses": losses, "weights": dict(net.named_parameters()), "running": running_statistics(net)}

    results = each_variant(run)
    losses = np.array([r["losses"] for r in results])
    return {
        "settings": settings, "input": {"names": ["input/0", "input/1"], "shape": [n, 3, size, size]},
        "labels": labels.tolist(), "losses": losses[0].tolist(),
        "loss_errors": np.maximum.accumulate(np.abs(losses[1:] - losses[0]).max(axis=0)).tolist(),
        "weights": summaries(results, "weights"), "running": summaries(results, "running"),
    }


def supcon():
    """SupCon (Khosla et al. 2020, L_out) by the plain formula: loss and gradient with respect to the raw rows v [12, 16]."""
    def case(name, labels, tau):
        def run(dtype, _):
            v = torch.from_numpy(values(name, 12, 16)).to(dtype).requires_grad_()
            z = v / v.norm(dim=1, keepdim=True)
            y = torch.tensor(labels)
            others = ~torch.eye(12, dtype=torch.bool)
            positive = (y[:, None] == y[None, :]) & others
            s = z @ z.T / tau
            log_q = s - torch.logsumexp(s.masked_fill(~others, -math.inf), dim=1, keepdim=True)
            loss = -((log_q * positive).sum(1) / positive.sum(1)).mean()
            loss.backward()
            return {"loss": loss, "gradient": v.grad}

        results = each_variant(run)
        return {"v": name, "shape": [12, 16], "labels": labels, "tau": tau,
                "loss": whole([r["loss"] for r in results]), "gradient": whole([r["gradient"] for r in results])}

    return [case("supcon/alternating", [i % 2 for i in range(12)], 0.1),
            case("supcon/unbalanced", [int(i >= 4) for i in range(12)], 0.07),
            case("supcon/one class", [0] * 12, 0.5)]


def eps_supinfonce():
    """eps-SupInfoNCE (Barbano et al. 2023) by the plain formula, u = s / tau: the mean over anchors and their positives p of
    -log(exp(u_p) / (exp(u_p - eps) + sum over negatives n of exp(u_n))); as in supcon()."""
    def case(name, labels, tau, eps):
        def run(dtype, _):
            v = torch.from_numpy(values(name, 12, 16)).to(dtype).requires_grad_()
            z = v / v.norm(dim=1, keepdim=True)
            y = torch.tensor(labels)
            positive = (y[:, None] == y[None, :]) & ~torch.eye(12, dtype=torch.bool)
            u = z @ z.T / tau
            negatives = (u.exp() * (y[:, None] != y[None, :])).sum(1, keepdim=True)
            log_q = u - torch.log(torch.exp(u - eps) + negatives)
            loss = -((log_q * positive).sum(1) / positive.sum(1)).mean()
            loss.backward()
            return {"loss": loss, "gradient": v.grad}

        results = each_variant(run)
        return {"v": name, "shape": [12, 16], "labels": labels, "tau": tau, "eps": eps,
                "loss": whole([r["loss"] for r in results]), "gradient": whole([r["gradient"] for r in results])}

    return [case("supcon/alternating", [i % 2 for i in range(12)], 0.125, 2.0),
            case("supcon/unbalanced", [int(i >= 4) for i in range(12)], 0.0625, 4.0),
            case("supcon/unbalanced", [int(i >= 9) for i in range(12)], 0.5, 0.0)]


def single_centre():
    """SCL (Li et al. 2021) on features "<name>/f" [12, 16] with the centre "<name>/centre" [16]; m in units of sqrt(D)."""
    def case(name, labels, m):
        def run(dtype, _):
            f = torch.from_numpy(values(name + "/f", 12, 16)).to(dtype).requires_grad_()
            centre = torch.from_numpy(values(name + "/centre", 16)).to(dtype).requires_grad_()
            away, fake = (f - centre).norm(dim=1), torch.tensor(labels) == 1
            natural, manipulated = away[~fake].mean(), away[fake].mean()
            loss = natural + F.relu(natural - manipulated + m * math.sqrt(16))
            loss.backward()
            return {"loss": loss, "df": f.grad, "dcentre": centre.grad}

        results = each_variant(run)
        return {"name": name, "labels": labels, "m": m, **{k: whole([r[k] for r in results]) for k in results[0]}}

    # Without a margin the second has fakes far enough away.
    far = [1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0]
    return [case("single centre/near", [i % 2 for i in range(12)], 0.25), case("single centre/far", far, 0),
            case("single centre/unbalanced", [int(i >= 3) for i in range(12)], 0.5)]


def consistency():
    """CORE (Ni et al. 2022) on "<name>/f" [12, 16], view after view, the second view the first plus `apart` times
    "<name>/change" [6, 16]."""
    def case(name, apart):
        def run(dtype, _):
            f = torch.from_numpy(values(name + "/f", 12, 16))
            f[6:] = f[:6] + apart * torch.from_numpy(values(name + "/change", 6, 16))
            f = f.to(dtype).requires_grad_()
            loss = (F.cosine_similarity(f[:6], f[6:]) - 1).square().mean()
            loss.backward()
            return {"loss": loss, "df": f.grad}

        results = each_variant(run)
        return {"name": name, "apart": apart, **{k: whole([r[k] for r in results]) for k in results[0]}}

    return [case("consistency/near", 0.25), case("consistency/far", 4.0)]


# --- Single operations, float64; activations NHWC, weights KRSC --------------------------------------------------------

def leaf(name, *shape):
    return torch.from_numpy(values(name, *shape)).requires_grad_()


def to_nchw(t):
    return t.permute(0, 3, 1, 2)


def to_nhwc(t):
    return t.permute(0, 2, 3, 1).contiguous()


def flat(t):
    return t.detach().flatten().tolist()


def conv(c, k, r, stride, pad, groups):
    """x, w and dy are named "conv/x", "conv/w", "conv/dy"; x is [1, 5, 7, c]."""
    x, w = leaf("conv/x", 1, 5, 7, c), leaf("conv/w", k, r, r, c // groups)
    y = to_nhwc(F.conv2d(to_nchw(x), to_nchw(w), stride=stride, padding=pad, groups=groups))
    y.backward(torch.from_numpy(values("conv/dy", *y.shape)))
    return {"c": c, "k": k, "r": r, "stride": stride, "pad": pad, "groups": groups,
            "y": flat(y), "dx": flat(x.grad), "dw": flat(w.grad)}


def batch_norm():
    """Two training passes over "bn/x/0" and "bn/x/1" [2, 3, 3, 4], the second with residual and ReLU; its results."""
    net = torch.nn.BatchNorm2d(4).double()
    with torch.no_grad():
        net.weight.copy_(1 + leaf("bn/gamma", 4))
        net.bias.copy_(leaf("bn/beta", 4))
    net(to_nchw(leaf("bn/x/0", 2, 3, 3, 4)))
    x, residual = leaf("bn/x/1", 2, 3, 3, 4), leaf("bn/residual", 2, 3, 3, 4)
    y = F.relu(to_nhwc(net(to_nchw(x))) + residual)
    y.backward(torch.from_numpy(values("bn/dy", 2, 3, 3, 4)))
    return {"y": flat(y), "dx": flat(x.grad), "dgamma": flat(net.weight.grad), "dbeta": flat(net.bias.grad),
            "dresidual": flat(residual.grad),
            "running_mean": flat(net.running_mean), "running_variance": flat(net.running_var),
            "inference": flat(to_nhwc(net.eval()(to_nchw(x))))}


def max_pool():
    """x [1, 5, 6, 2] = "pool/x" doubled and rounded to integers, so that most windows have ties."""
    x = torch.from_numpy(np.round(2 * values("pool/x", 1, 5, 6, 2))).requires_grad_()
    y = to_nhwc(F.max_pool2d(to_nchw(x), 3, 2, 1))
    y.backward(torch.from_numpy(values("pool/dy", *y.shape)))
    return {"x": flat(x), "y": flat(y), "dx": flat(x.grad)}


def cross_entropy():
    labels = [0, 2, 1, 2, 0]
    logits = leaf("ce/logits", 5, 3)
    loss = F.cross_entropy(10 * logits, torch.tensor(labels))
    loss.backward()
    return {"labels": labels, "loss": loss.item(), "gradient": flat(logits.grad / 10)}


def clip(limit):
    tensors = [torch.nn.Parameter(torch.zeros(n, dtype=torch.float64)) for n in (3, 5)]
    for i, t in enumerate(tensors):
        t.grad = torch.from_numpy(values(f"clip/{i}", len(t)))
    norm = torch.nn.utils.clip_grad_norm_(tensors, limit)
    return {"limit": limit, "norm": norm.item(), "gradients": [flat(t.grad) for t in tensors]}


def updates(optimizer, **settings):
    """Weights "update/w" [6] after 5 steps with gradients "update/g/<step>", step from 0."""
    w = torch.nn.Parameter(leaf("update/w", 6).detach())
    opt = optimizer([w], **settings)
    for step in range(5):
        w.grad = torch.from_numpy(values(f"update/g/{step}", 6))
        opt.step()
    return {"optimizer": optimizer.__name__, **settings, "w": flat(w)}


def ops():
    return {
        "conv": [conv(4, 3, 3, 2, 1, 1), conv(4, 6, 3, 1, 1, 2), conv(3, 2, 1, 2, 0, 1), conv(4, 4, 5, 1, 2, 4),
                 conv(2, 2, 2, 1, 0, 1)],
        "batch_norm": batch_norm(), "max_pool": max_pool(), "cross_entropy": cross_entropy(),
        "clip": [clip(0.5), clip(100.0)],
        "update": [updates(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.01),
                   updates(torch.optim.Adam, lr=0.01, weight_decay=0.1),
                   updates(torch.optim.AdamW, lr=0.01, weight_decay=0.1)],
    }


def write(name, content):
    # Shortest digits that read back as the same double; one tensor a line.
    text = json.dumps(content, allow_nan=False).replace('{"name"', '\n{"name"')
    (FOLDER / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    write("ops", ops())
    write("supcon", supcon())
    write("eps_supinfonce", eps_supinfonce())
    write("controls", {"single_centre": single_centre(), "consistency": consistency()})
    write("resnet18_step", resnet18_step())
    for name, (settings, optimizer) in OPTIMIZERS.items():
        write(f"resnet18_{name}", resnet18_train(settings, optimizer))
