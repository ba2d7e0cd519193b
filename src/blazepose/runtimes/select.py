"""Choice of the runtime for a file."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import cast, get_args

from blazepose.errors import MissingExtraError, ModelError, did_you_mean
from blazepose.runtimes.protocol import Network, Precision, Runtime

# name -> (module to import, file suffixes it reads, extra that brings it), in order of preference.
# OpenVINO comes with the package itself.
RUNTIMES = {
    "openvino": ("openvino", {".tflite", ".onnx", ".xml"}, "openvino"),
    "litert": ("ai_edge_litert", {".tflite"}, "litert"),
    "onnx": ("onnxruntime", {".onnx"}, "onnx"),
    "torch": ("torch", {".safetensors", ".tflite"}, "train"),
}


def load(
    path: Path,
    network: Network,
    *,
    runtime: str = "auto",
    threads: int | None = None,
    precision: Precision = "auto",
    name: str | None = None,
) -> Runtime:
    """Load a model file.

    Args:
        path: .tflite, .onnx, OpenVINO .xml, or a .safetensors checkpoint.
        network: what the file must be, and which outputs to compute.
        runtime: a key of `RUNTIMES`, or "auto": the first that is installed and reads the file.
        threads: processor threads for one network; None leaves it to the runtime.
        precision: see `Precision`; only openvino computes in another than float32.
        name: what messages call the file, if not by its path.

    Raises:
        ValueError: unknown runtime or precision, or threads below 1.
        ModelError: the file is damaged, foreign, or not for this runtime.
        MissingExtraError: the runtime is not installed.
    """
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1, got {threads}")
    chosen = _choose(path) if runtime == "auto" else runtime
    if chosen not in RUNTIMES:
        raise ValueError(f"unknown runtime {chosen!r}: {did_you_mean(chosen, ['auto', *RUNTIMES])}")
    module, suffixes, extra = RUNTIMES[chosen]
    if path.suffix.lower() not in suffixes:
        raise ModelError(
            f"{chosen} reads {', '.join(sorted(suffixes))}, not {path.name}: export the model "
            "(blazepose export), or choose another runtime"
        )
    if importlib.util.find_spec(module) is None:
        raise MissingExtraError(f"the runtime {chosen}", extra)
    if precision not in get_args(Precision):
        raise ValueError(f"precision must be {', '.join(get_args(Precision))}, got {precision!r}")
    if precision == "mixed" and chosen != "openvino":
        raise ValueError(f"precision 'mixed' takes the runtime openvino, got {chosen!r}")
    backend = importlib.import_module(f"blazepose.runtimes.{chosen}")
    options = {"precision": precision} if chosen == "openvino" else {}
    open_model = cast(Callable[..., Runtime], backend.open_model)
    return open_model(path, network, name or str(path), threads, **options)


def reads(runtime: str, path: Path) -> bool:
    """Whether a runtime takes a file, going by its suffix; an unknown runtime may, until tried."""
    return runtime not in RUNTIMES or path.suffix.lower() in RUNTIMES[runtime][1]


def _choose(path: Path) -> str:
    """First installed runtime that reads the file, else the one to install."""
    suffix = path.suffix.lower()
    able = [name for name, (_, suffixes, _) in RUNTIMES.items() if suffix in suffixes]
    if not able:
        known = sorted(set().union(*(suffixes for _, suffixes, _ in RUNTIMES.values())))
        raise ModelError(f"cannot run {path.name}: expected a {', '.join(known)} file")
    installed = [name for name in able if importlib.util.find_spec(RUNTIMES[name][0])]
    return (installed or able)[0]
