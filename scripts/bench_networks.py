"""Time each network per crop: in every runtime on the CPU, or in PyTorch by batch size.

    python scripts/bench_networks.py                    # the table of docs/networks.md
    python scripts/bench_networks.py --batches cuda     # batch 1..256, precisions, compiled

Only the outputs that tracking needs are computed (landmarks, presence, world; boxes and scores).
Weights are random: they do not change the time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from blazepose.nets.build import build
from blazepose.nets.trace import parameter_count, trace
from blazepose.runtimes import Network, load
from blazepose.weights.checkpoint import Checkpoint, save_checkpoint
from blazepose.weights.export import export
from blazepose.weights.layout import FileLayout

NAMES = ("lite", "full", "heavy", "detector", "face", "paper-lite", "paper-full")
TRACKED = ("landmarks", "presence", "world", "boxes", "scores")
RUNS = (
    ("openvino", ".tflite"),
    ("litert", ".tflite"),
    ("onnx", ".onnx"),
    ("torch", ".safetensors"),
)
THREADS = 2
BATCHES = (1, 16, 64, 256)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--batches", metavar="DEVICE", help="cuda, mps or cpu")
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    for name in options.names:
        checkpoint = Checkpoint(name, build(name).eval())
        if options.batches:
            for row in batch_rows(checkpoint, torch.device(options.batches)):
                print(f"| {name} | {row} |", flush=True)
        else:
            print(f"| {name} | {runtime_row(checkpoint)} |", flush=True)


def runtime_row(checkpoint: Checkpoint) -> str:
    """Parameters, multiply-adds, then ms per crop in each of `RUNS`."""
    network = checkpoint.network
    steps = trace(network, torch.zeros(1, 3, network.size, network.size))
    cells = [f"{parameter_count(network) / 1e6:.2f} M", f"{steps.multiply_adds / 1e6:.0f} M"]
    image = np.random.default_rng(0).integers(0, 256, (1, network.size, network.size, 3), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network"
        export(checkpoint, file.with_suffix(".tflite"), to="tflite")
        export(checkpoint, file.with_suffix(".onnx"), to="onnx")
        save_checkpoint(checkpoint, file.with_suffix(".safetensors"))
        for runtime, suffix in RUNS:
            wanted = tracked(checkpoint)
            run = load(file.with_suffix(suffix), wanted, runtime=runtime, threads=THREADS)
            cells.append(f"{milliseconds(lambda run=run: run(image)):.1f}")
    return " | ".join(cells)


def tracked(checkpoint: Checkpoint) -> Network:
    """The outputs that tracking needs, with their shapes."""
    network, layout = checkpoint.network, FileLayout(checkpoint.network)
    with torch.inference_mode():
        results = zip(layout.outputs, layout(layout.example()), strict=True)
    shapes = {name: tuple(value.shape[1:]) for name, value in results if name in TRACKED}
    return Network(checkpoint.name, network.size, network.mean, network.std, shapes)


def batch_rows(checkpoint: Checkpoint, device: torch.device) -> Iterator[str]:
    """Precision, then ms per crop at each size of batch."""
    network = checkpoint.network.to(device)
    wait = getattr(torch, device.type).synchronize if device.type != "cpu" else lambda: None
    for kind in (torch.float32, torch.float16, torch.bfloat16):
        for how, run in (("eager", network), ("compiled", torch.compile(network))):
            times = []
            for batch in BATCHES:
                images = torch.rand(batch, 3, network.size, network.size, device=device)

                def forward(run=run, images=images, kind=kind) -> None:
                    with torch.autocast(device.type, kind, enabled=kind != torch.float32):
                        run(images, TRACKED)
                    wait()

                with torch.inference_mode():
                    times.append(milliseconds(forward) / batch)
            cells = (f"{value:.3f}" for value in times)
            yield " | ".join([f"{kind} {how}".removeprefix("torch."), *cells])


def milliseconds(run: Callable[[], object], *, rounds: int = 30) -> float:
    """Shortest time of one call, which other work on the machine disturbs least."""
    for _ in range(5):
        run()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


if __name__ == "__main__":
    main()
