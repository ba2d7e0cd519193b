"""How near tracking is to what the processor can do: the table of docs/performance.md.

    python scripts/floor.py VIDEOS/squat_front.mp4

The floor of a model is its multiply-adds, those of the mask left out, over the fastest matrix
product that OpenVINO computes here in the same precision on the same cores. Beside it the network
alone, and a tracked frame with all that belongs to it: crop, network, heatmaps, filters. Medians,
warm, in turns.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
from rich.progress import track

import blazepose as bp
from blazepose.no_telemetry import openvino as ov
from blazepose.runtimes import Precision
from blazepose.runtimes.graph import has_bfloat16, read_model
from blazepose.track.landmarker import SIZE
from blazepose.weights import store
from blazepose.weights.cost import cost as cost_of

MODELS = ("lite", "full", "heavy")
SIDES = (256, 512, 1024)  # of the matrices tried
FRAMES, ROUNDS, CALLS = 60, 9, 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    given = parser.parse_args()
    frames = list(islice(bp.frames(given.clip), FRAMES))
    patch = np.zeros((1, SIZE, SIZE, 3), np.uint8)
    kinds: tuple[Precision, ...] = ("mixed", "float32") if has_bfloat16() else ("float32",)
    runs: dict[tuple[str, str], tuple[Callable[[], object], Callable[[], object]]] = {}
    for kind in kinds:
        for name in MODELS:
            tracker = bp.Tracker(name, precision=kind)
            network = tracker._landmarker._network
            runs[name, kind] = lambda n=network: n(patch), lambda t=tracker: [t(f) for f in frames]
    peaks = {kind: peak(kind) for kind in kinds}
    alone: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    whole: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    for _ in track(range(ROUNDS)):
        for key, (network_run, clip_run) in runs.items():
            alone[key].append(statistics.median(milliseconds(network_run) for _ in range(CALLS)))
            whole[key].append(milliseconds(clip_run) / len(frames))
    print("| model | precision | multiply-adds | peak, G/s | floor, ms | network, ms | frame, ms |")
    print("|---|---|---|---|---|---|---|")
    for name, kind in runs:
        cost = multiply_adds(name)
        cells = [
            f"{cost / 1e6:.0f} M",
            f"{peaks[kind] / 1e9:.0f}",
            f"{1e3 * cost / peaks[kind]:.2f}",
        ]
        cells += [f"{statistics.median(times[name, kind]):.2f}" for times in (alone, whole)]
        print("|", " | ".join([name, kind, *cells]), "|")


def multiply_adds(name: str) -> int:
    """Of what tracking computes: all but the mask."""
    model = read_model(store.path(name))
    mask = [1, SIZE, SIZE, 1]
    wanted = [port for port in model.outputs if list(port.get_partial_shape().to_shape()) != mask]
    return cost_of(ov.Model(wanted, model.get_parameters())).multiply_adds


def peak(kind: Precision) -> float:
    """Multiply-adds per second of the best square matrix product."""
    best = 0.0
    for side in SIDES:
        left = ov.opset13.parameter([side, side], np.float32)
        right = ov.opset13.constant(np.random.default_rng(0).random((side, side), np.float32))
        model = ov.Model([ov.opset13.matmul(left, right, False, False)], [left])
        options = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if kind == "mixed" else "f32",
        }
        request = ov.Core().compile_model(model, "CPU", options).create_infer_request()
        matrix = np.zeros((side, side), np.float32)
        times = [
            milliseconds(lambda r=request, m=matrix: r.infer([m], share_inputs=True))
            for _ in range(CALLS)
        ]
        best = max(best, side**3 / min(times) * 1e3)
    return best


def milliseconds(run: Callable[[], object]) -> float:
    """Time of one call."""
    began = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
