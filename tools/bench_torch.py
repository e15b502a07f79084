#!/usr/bin/python3
"""The PyTorch peer of `realcentric bench`: the same step on the same machine, driven over pipes so that runs alternate.

  bench_torch.py NETWORK --mode train|infer --batch N --size S --threads T --optimizer sgd|adam --precision fp32|bf16
  bench_torch.py supcon N D --threads T

NETWORK is one of torchvision's resnet18, resnet34, resnet50, efficientnet_b0, efficientnet_b4, or xception (tests/golden/xception.py).

Prints one JSON line {"ready": true, ...} after warming up. Each line "step K" on stdin then runs K steps and is answered by
{"seconds": .., "peak_rss_bytes": ..}; "quit" or the end of stdin ends the program.
supcon's answers also hold the loss and the length of its gradient, and its first line the resident memory before the embeddings.
PyTorch is given its best set-up for CPUs: channels-last memory, AVX-512 kernels, tcmalloc and OpenBLAS where they are installed
(packages libtcmalloc-minimal4, libopenblas0-openmp); bf16 by autocast. Inference is deployed in the fastest of several ways, which a
child process finds first, so that the others take none of this one's memory. Weights are random: time does not depend on them.
"""
import argparse
import glob
import json
import os
import sys
import time

WARM_UP = 3
NETWORKS = ["resnet18", "resnet34", "resnet50", "xception", "efficientnet_b0", "efficientnet_b4"]


def tuned_environment():
    """What must stand in the environment before PyTorch is loaded."""
    found = {}
    with open("/proc/cpuinfo") as cpu:
        if " avx512vl" in cpu.read():
            found["ATEN_CPU_CAPABILITY"] = "avx512"
    tcmalloc = sorted(glob.glob("/usr/lib/*/libtcmalloc_minimal.so.4"))
    if tcmalloc:
        found["LD_PRELOAD"] = tcmalloc[0]
    openblas = sorted(glob.glob("/usr/lib/*/openblas-openmp/libblas.so.3"))
    if openblas:
        found["LD_LIBRARY_PATH"] = os.path.dirname(openblas[0])
    return found


def restart_tuned():
    wanted = tuned_environment()
    if any(os.environ.get(k) != v for k, v in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **wanted})
    for variable, package in {"LD_PRELOAD": "libtcmalloc-minimal4", "LD_LIBRARY_PATH": "libopenblas0-openmp"}.items():
        if variable not in wanted:
            print(f"bench_torch: without the package {package} PyTorch is slower than it could be (make deps-python)", file=sys.stderr)


def arguments():
    parser = argparse.ArgumentParser()
    models = parser.add_subparsers(dest="model", required=True)
    for name in NETWORKS:
        network = models.add_parser(name)
        network.add_argument("--mode", choices=["train", "infer"], default="train")
        network.add_argument("--batch", type=int, default=16)
        network.add_argument("--size", type=int, default=224)
        network.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
        network.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    supcon = models.add_parser("supcon")
    supcon.add_argument("n", type=int, help="embeddings, of two classes in turn")
    supcon.add_argument("d", type=int, help="dimensions")
    for p in models.choices.values():
        p.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def network_of(args):
    if args.model == "xception":
        sys.path.append(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../tests/golden"))
        from xception import Xception as make
    else:
        make = getattr(torchvision.models, args.model)
    return make(num_classes=2).to(memory_format=torch.channels_last)


def images_of(args):
    return torch.randn(args.batch, 3, args.size, args.size).to(memory_format=torch.channels_last)


def autocast(args):
    return torch.autocast("cpu", torch.bfloat16, enabled=args.precision == "bf16")


def training_step(args):
    net, x, labels = network_of(args), images_of(args), torch.arange(args.batch) % 2
    if args.optimizer == "sgd":
        optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)
    else:
        optimizer = torch.optim.Adam(net.parameters(), lr=2e-4, weight_decay=5e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with autocast(args):
            loss = torch.nn.functional.cross_entropy(net(x), labels)
        loss.backward()
        optimizer.step()

    return step


def eager(args, net):
    def run(x):
        with autocast(args):
            return net(x)

    return run


def fused(args, net):
    """Batch norm folded into the convolutions, and all of it in bf16 rather than what autocast picks."""
    from torch.fx.experimental.optimization import fuse
    net = fuse(net).to(memory_format=torch.channels_last)
    return net.bfloat16() if args.precision == "bf16" else net


def frozen(args, net):
    net = fused(args, net)
    return torch.jit.freeze(torch.jit.trace(net, images_of(args).to(next(net.parameters()).dtype)))


def optimized(args, net):
    return torch.jit.optimize_for_inference(frozen(args, net))


# How a network may be deployed.
DEPLOYMENTS = {f.__name__: f for f in (eager, fused, frozen, optimized)}


def inference(args, way):
    """What runs a batch, with torch.no_grad() around both."""
    net = network_of(args).eval()
    run, x = DEPLOYMENTS[way](args, net), images_of(args)
    dtype = torch.bfloat16 if args.precision == "bf16" and way != "eager" else torch.float32
    return lambda: run(x.to(dtype)).float()


def fastest_deployment(args):
    """Tries all in turn; one that fails, or computes something else than the network, is out."""
    with torch.no_grad():
        steps, expected = {}, None
        for way in DEPLOYMENTS:
            torch.manual_seed(0)
            try:
                step = inference(args, way)
                logits = [step() for _ in range(WARM_UP)][-1]
            except RuntimeError as error:
                print(f"bench_torch: {args.model} cannot be deployed as {way}: {error}", file=sys.stderr)
                continue
            expected = logits if expected is None else expected
            # Wrong weights or layouts are off by the whole; fp32 and bf16 by their rounding.
            if (logits - expected).abs().max() <= (0.1 if args.precision == "bf16" else 1e-3) * expected.abs().max():
                steps[way] = step
        best = dict.fromkeys(steps, float("inf"))
        for _ in range(3):
            for way, step in steps.items():
                start = time.perf_counter()
                step()
                best[way] = min(best[way], time.perf_counter() - start)
        return min(best, key=best.get)


def in_child(function, *args):
    """The text that `function` returns, computed in a process of its own. PyTorch has not started its threads yet."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writer, function(*args).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as answers:
        text = answers.read()
    if os.waitpid(child, 0)[1] != 0 or not text:
        sys.exit("bench_torch: the search for the fastest deployment failed")
    return text


def inference_step(args):
    args.deployment = in_child(fastest_deployment, args)
    with torch.no_grad():
        run = inference(args, args.deployment)

    def step():
        with torch.no_grad():
            run()

    return step


def embeddings(n, d):
    """As bench_loss.cc makes them."""
    x = torch.arange(n * d)
    for _ in range(2):
        x = (x ^ x >> 16) * 0x45D9F3B % 2**32
    return ((x ^ x >> 16).double() / 2**32 - 0.5).float().reshape(n, d)


def supcon_step(args):
    """SupCon (Khosla et al. 2020, L_out) of normalised rows, forward and backward, as its public code computes it."""
    v = embeddings(args.n, args.d).requires_grad_()
    labels = torch.arange(args.n) % 2
    others = 1 - torch.eye(args.n)
    positive = (labels[:, None] == labels[None, :]).float() * others

    def step():
        v.grad = None
        z = torch.nn.functional.normalize(v)
        s = z @ z.T / 0.1
        s = s - s.max(dim=1, keepdim=True).values.detach()
        log_q = s - (s.exp() * others).sum(1, keepdim=True).log()
        loss = (-(positive * log_q).sum(1) / positive.sum(1)).mean()
        loss.backward()
        return {"loss": loss.item(), "gradient_length": v.grad.norm().item()}

    return step


def status_bytes(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field))


def answer(**fields):
    print(json.dumps(fields), flush=True)


def main():
    args = arguments()
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    before = status_bytes("VmRSS")
    make_step = supcon_step if args.model == "supcon" else training_step if args.mode == "train" else inference_step
    step = make_step(args)
    for _ in range(1 if args.model == "supcon" else WARM_UP):
        step()
    answer(ready=True, rss_before_bytes=before, torch=torch.__version__, torchvision=torchvision.__version__, threads=torch.get_num_threads(),
           deployment=getattr(args, "deployment", ""), **{k.lower(): os.environ.get(k, "") for k in ("ATEN_CPU_CAPABILITY", "LD_PRELOAD")})
    for line in sys.stdin:
        command = line.split()
        if command == ["quit"]:
            break
        if len(command) != 2 or command[0] != "step" or not command[1].isdigit():
            sys.exit(f"bench_torch: expected 'step K' or 'quit', got {line.strip()!r}")
        start = time.perf_counter()
        for _ in range(int(command[1])):
            result = step()
        answer(seconds=time.perf_counter() - start, peak_rss_bytes=status_bytes("VmHWM"), **(result or {}))


if __name__ == "__main__":
    restart_tuned()
    try:
        import torch
        import torchvision
    except ImportError as missing:
        sys.exit(f"bench_torch: {missing}; install the packages python3-torch and python3-torchvision")

    main()
