"""Time each network per crop: in every runtime on the CPU, or in PyTorch by batch size.

    python scripts/bench_networks.py                    # the table of docs/networks.md
    python scripts/bench_networks.py --batches cuda     # batch 1..256, precisions, compiled

Only the outputs that tracking needs are computed (landmarks, presence, world; boxes and scores).
Weights are random where none are needed: they do not change the time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnx.utils import Extractor

from blazepose.nets.build import build
from blazepose.nets.trace import parameter_count, trace
from blazepose.runtimes import Network, load
from blazepose.weights.checkpoint import Checkpoint
from blazepose.weights.export import export
from blazepose.weights.layout import INPUT, FileLayout
from blazepose.weights.onnx import onnx_model

NAMES = ("lite", "full", "heavy", "detector", "face", "paper-lite", "paper-full")
TRACKED = ("landmarks", "presence", "world", "boxes", "scores")
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
    """Parameters, multiply-adds, then ms per crop in OpenVINO, LiteRT, ONNX Runtime, PyTorch."""
    network = checkpoint.network
    image = torch.rand(1, 3, network.size, network.size)
    parameters, products = parameter_count(network), trace(network, image).multiply_adds
    cost = f"{parameters / 1e6:.2f} M | {products / 1e6:.0f} M"
    times = [*file_times(checkpoint), onnx_time(checkpoint)]
    with torch.inference_mode():
        times.append(milliseconds(lambda: network(image, TRACKED)))
    return " | ".join([cost, *(f"{value:.1f}" for value in times)])


def file_times(checkpoint: Checkpoint) -> Iterator[float]:
    """The same .tflite in OpenVINO and in LiteRT."""
    network, layout = checkpoint.network, FileLayout(checkpoint.network)
    with torch.inference_mode():
        results = dict(zip(layout.outputs, layout(layout.example()), strict=True))
    shapes = {name: tuple(value.shape[1:]) for name, value in results.items() if name in TRACKED}
    wanted = Network("network", network.size, network.mean, network.std, shapes)
    image = np.random.default_rng(0).integers(0, 256, (network.size, network.size, 3), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.tflite"
        export(checkpoint, file, to="tflite")
        for runtime in ("openvino", "litert"):
            run = load(file, wanted, runtime=runtime, threads=THREADS)
            yield milliseconds(lambda run=run: run(image))


def onnx_time(checkpoint: Checkpoint) -> float:
    layout = FileLayout(checkpoint.network)
    pairs = zip(layout.outputs, layout.names, strict=True)
    wanted = [name for ours, name in pairs if ours in TRACKED]
    model = Extractor(onnx_model(checkpoint)).extract_model([INPUT], wanted)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    pixels = layout.example().numpy()
    return milliseconds(lambda: session.run(None, {INPUT: pixels}))


def batch_rows(checkpoint: Checkpoint, device: torch.device) -> Iterator[str]:
    """Precision, then ms per crop at each size of batch; "-" where memory runs out."""
    network = checkpoint.network.to(device)
    wait = getattr(torch, device.type).synchronize if device.type != "cpu" else lambda: None
    for kind, dtype in (
        ("float32", None),
        ("float16", torch.float16),
        ("bfloat16", torch.bfloat16),
    ):
        for how, run in (("eager", network), ("compiled", torch.compile(network))):
            times = []
            for batch in BATCHES:
                images = torch.rand(batch, 3, network.size, network.size, device=device)

                def forward(run=run, images=images, dtype=dtype) -> None:
                    with torch.autocast(device.type, dtype, enabled=dtype is not None):
                        run(images, TRACKED)
                    wait()

                with torch.inference_mode():
                    times.append(milliseconds(forward) / batch)
            yield " | ".join([f"{kind} {how}", *(f"{value:.3f}" for value in times)])


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
