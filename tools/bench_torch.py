#!/usr/bin/python3
"""The PyTorch peer of `realcentric bench`: the same step on the same machine, driven over pipes so that runs alternate.

  bench_torch.py resnet18 --mode train|infer --batch N --size S --threads T --optimizer sgd|adam
  bench_torch.py supcon N D --threads T

Prints one JSON line {"ready": true, ...} after warming up. Each line "step K" on stdin then runs K steps and is answered by
{"seconds": .., "peak_rss_bytes": ..}; "quit" or the end of stdin ends the program.
supcon's answers also hold the loss and the length of its gradient, and its first line the resident memory before the embeddings.
PyTorch is given its best set-up for CPUs: channels-last memory, AVX-512 kernels, tcmalloc and OpenBLAS where they are installed
(packages libtcmalloc-minimal4, libopenblas0-openmp).
"""
import argparse
import glob
import json
import os
import sys
import time

WARM_UP = 3


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


def arguments():
    parser = argparse.ArgumentParser()
    models = parser.add_subparsers(dest="model", required=True)
    resnet = models.add_parser("resnet18")
    resnet.add_argument("--mode", choices=["train", "infer"], default="train")
    resnet.add_argument("--batch", type=int, default=16)
    resnet.add_argument("--size", type=int, default=224)
    resnet.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
    supcon = models.add_parser("supcon")
    supcon.add_argument("n", type=int, help="embeddings, of two classes in turn")
    supcon.add_argument("d", type=int, help="dimensions")
    for p in (resnet, supcon):
        p.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def resnet18_step(args):
    net = torchvision.models.resnet18(num_classes=2).to(memory_format=torch.channels_last)
    x = torch.randn(args.batch, 3, args.size, args.size).to(memory_format=torch.channels_last)
    labels = torch.arange(args.batch) % 2
    if args.mode == "infer":
        net.eval()

        def step():
            with torch.no_grad():
                net(x)

        return step

    if args.optimizer == "sgd":
        optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)
    else:
        optimizer = torch.optim.Adam(net.parameters(), lr=2e-4, weight_decay=5e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(net(x), labels).backward()
        optimizer.step()

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
    step = supcon_step(args) if args.model == "supcon" else resnet18_step(args)
    for _ in range(1 if args.model == "supcon" else WARM_UP):
        step()
    answer(ready=True, rss_before_bytes=before, torch=torch.__version__, torchvision=torchvision.__version__, threads=torch.get_num_threads(),
           **{k.lower(): os.environ.get(k, "") for k in ("ATEN_CPU_CAPABILITY", "LD_PRELOAD")})
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
