"""ONNX Runtime: .onnx files on whatever devices it was built for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from google.protobuf.message import DecodeError

from blazepose.errors import ModelError
from blazepose.runtimes.protocol import Network, Shape, in_turn, match_outputs, one_by_one


class OnnxRuntime:
    """A session with its graph cut to the outputs asked for; see `protocol.Runtime`."""

    def __init__(self, session: Any, network: Network, names: list[str]) -> None:
        self._session = session
        self._mean, self._scale = np.float32(network.mean), np.float32(1 / network.std)
        self._input = session.get_inputs()[0].name
        self._takes_batches = not isinstance(session.get_inputs()[0].shape[0], int)
        self._names = names

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Run the network on RGB pictures (N, S, S, 3) uint8."""
        return self._run(images) if self._takes_batches else one_by_one(self._run, images)

    def each(self, images: Iterable[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        """One picture (S, S, 3) uint8 after the other."""
        return in_turn(self, images)

    def _run(self, images: np.ndarray) -> dict[str, np.ndarray]:
        pixels = (images.astype(np.float32) - self._mean) * self._scale
        return dict(zip(self._names, self._session.run(None, {self._input: pixels}), strict=True))


def open_model(path: Path, network: Network, name: str, threads: int | None) -> OnnxRuntime:
    """Read an .onnx file, cut it to the outputs asked for, and prepare it."""
    model = _read(path, name)
    inputs, outputs = _shapes(model.graph.input), _shapes(model.graph.output)
    found = match_outputs(network, name, inputs, outputs)
    wanted = [model.graph.output[index] for index in found.values()]
    del model.graph.output[:]
    model.graph.output.extend(wanted)  # what they do not need is then dropped as dead code
    options = ort.SessionOptions()
    options.log_severity_level = 3  # errors only
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        session = ort.InferenceSession(
            model.SerializeToString(), options, providers=ort.get_available_providers()
        )
    except Exception as error:
        raise ModelError(f"ONNX Runtime cannot run {name}: {_first_line(error)}") from error
    return OnnxRuntime(session, network, list(found))


def _read(path: Path, name: str) -> Any:
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except (OSError, ValueError, DecodeError, onnx.checker.ValidationError) as error:
        raise ModelError(
            f"cannot read {name}: {_first_line(error)}; fetch or export it again"
        ) from error
    return model


def _shapes(ports: Any) -> list[Shape]:
    dims = [port.type.tensor_type.shape.dim for port in ports]
    return [tuple(d.dim_value if d.HasField("dim_value") else -1 for d in port) for port in dims]


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
