"""LiteRT (TensorFlow Lite), the released models' own runtime."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from blazepose.errors import ModelError
from blazepose.runtimes.protocol import Network, match_outputs


class LiteRtRuntime:
    """An interpreter with its graph cut to the outputs asked for; see `protocol.Runtime`."""

    def __init__(self, interpreter: Any, network: Network, names: list[str]) -> None:
        self._interpreter = interpreter
        self._mean, self._scale = np.float32(network.mean), np.float32(1 / network.std)
        self._input = interpreter.get_input_details()[0]["index"]
        details = interpreter.get_output_details()
        self._outputs = {name: detail["index"] for name, detail in zip(names, details, strict=True)}

    def __call__(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """Run the network on one RGB picture (S, S, 3) uint8."""
        pixels = (image[None].astype(np.float32) - self._mean) * self._scale
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(i)[0] for name, i in self._outputs.items()}


def open_model(path: Path, network: Network, threads: int | None) -> LiteRtRuntime:
    """Read a .tflite, cut it to the outputs asked for, and prepare it."""
    model = _read(path)
    graph = model.subgraphs[0]
    inputs, outputs = (
        [tuple(int(n) for n in graph.tensors[i].shape) for i in indices]
        for indices in (graph.inputs, graph.outputs)
    )
    found = match_outputs(network, path, inputs, outputs)
    _keep_outputs(graph, [int(graph.outputs[i]) for i in found.values()])
    try:
        interpreter = Interpreter(model_content=_pack(model), num_threads=threads)
        with _silent_stderr():
            interpreter.allocate_tensors()
        interpreter.invoke()  # some damage shows only now
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"LiteRT cannot run {path}: {_first_line(error)}") from error
    return LiteRtRuntime(interpreter, network, list(found))


def _read(path: Path) -> Any:
    data = path.read_bytes()
    if data[4:8] != b"TFL3":
        raise ModelError(
            f"cannot read {path}: its content is no .tflite model, fetch or export it again"
        )
    try:
        return schema.ModelT.InitFromPackedBuf(data, 0)
    except (struct.error, IndexError, ValueError, TypeError, AttributeError, MemoryError) as error:
        raise ModelError(f"cannot read {path}: it is damaged, fetch or export it again") from error


def _keep_outputs(graph: Any, outputs: list[int]) -> None:
    """Drop every operator that the outputs do not need (operators stand in execution order)."""
    needed, kept = set(outputs), []
    for operator in reversed(graph.operators):
        if needed & {int(i) for i in operator.outputs}:
            needed |= {int(i) for i in operator.inputs}
            kept.append(operator)
    graph.operators = kept[::-1]
    graph.outputs = outputs


def _pack(model: Any) -> bytes:
    model.signatureDefs = None  # they name the outputs that were cut
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """LiteRT greets on the process's own stderr, and no option of it says not to."""
    try:
        kept = os.dup(2)
    except OSError:  # a program without a console
        yield
        return
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device, no path
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
