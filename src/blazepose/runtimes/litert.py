"""LiteRT (TensorFlow Lite), the released models' own runtime."""

from __future__ import annotations

import contextlib
import math
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from blazepose.errors import ModelError
from blazepose.runtimes.protocol import Network, in_turn, match_outputs, one_by_one

_ADVICE = "fetch or export it again"
# What the FlatBuffers reader raises, and what follows, when numbers in a damaged file are wrong.
_DAMAGE = (struct.error, LookupError, ValueError, TypeError, AttributeError, MemoryError, OSError)
_MAX_ELEMENTS = 1 << 23  # of a tensor; the largest of a released model has under 2^21
_UNPACKING = (schema.BuiltinOperator.DENSIFY, schema.BuiltinOperator.DEQUANTIZE)


class LiteRtRuntime:
    """An interpreter with its graph cut to the outputs asked for; see `protocol.Runtime`."""

    def __init__(self, interpreter: Any, network: Network, names: list[str]) -> None:
        self._interpreter = interpreter
        self._mean, self._scale = np.float32(network.mean), np.float32(1 / network.std)
        self._input = interpreter.get_input_details()[0]["index"]
        details = interpreter.get_output_details()
        self._outputs = {name: detail["index"] for name, detail in zip(names, details, strict=True)}

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Run the network on RGB pictures (N, S, S, 3) uint8."""
        return one_by_one(self._run, images)

    def each(self, images: Iterable[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        """One picture (S, S, 3) uint8 after the other."""
        return in_turn(self, images)

    def _run(self, image: np.ndarray) -> dict[str, np.ndarray]:
        pixels = (image.astype(np.float32) - self._mean) * self._scale
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(i) for name, i in self._outputs.items()}


def open_model(path: Path, network: Network, name: str, threads: int | None) -> LiteRtRuntime:
    """Read a .tflite, cut it to the outputs asked for, and prepare it."""
    try:
        model = _unpack(path, name)
        graph = model.subgraphs[0]
        _check(model, graph)
        found = match_outputs(
            network, name, _shapes(graph, graph.inputs), _shapes(graph, graph.outputs)
        )
        _keep_outputs(graph, [int(graph.outputs[i]) for i in found.values()])
        content = _pack(model)
    except _DAMAGE as error:
        raise ModelError(f"cannot read {name}: it is damaged, {_ADVICE}") from error
    try:
        interpreter = Interpreter(model_content=content, num_threads=threads)
        with _silent_stderr():
            interpreter.allocate_tensors()
        runtime = LiteRtRuntime(interpreter, network, list(found))
        answer = runtime(np.zeros((1, network.size, network.size, 3), np.uint8))
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"LiteRT cannot run {name}: {_first_line(error)}") from error
    if any(values.shape[1:] != network.wanted[output] for output, values in answer.items()):
        raise ModelError(f"cannot read {name}: it is damaged, {_ADVICE}")
    return runtime


def _unpack(path: Path, name: str) -> Any:
    data = path.read_bytes()
    if data[4:8] != b"TFL3":
        raise ModelError(f"cannot read {name}: its content is no .tflite model, {_ADVICE}")
    return schema.ModelT.InitFromPackedBuf(data, 0)


def _check(model: Any, graph: Any) -> None:
    """Refuse what LiteRT would take on trust, and crash or work for minutes on."""
    for tensor in graph.tensors:
        if math.prod(_shape(tensor)) > _MAX_ELEMENTS:
            raise ValueError(f"impossible shape {tensor.shape}")
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        if max(code.builtinCode, code.deprecatedBuiltinCode) in _UNPACKING:
            packed, unpacked = graph.tensors[operator.inputs[0]], graph.tensors[operator.outputs[0]]
            if _shape(packed) != _shape(unpacked):
                raise ValueError(f"{packed.shape} unpacks to {unpacked.shape}")


def _shapes(graph: Any, indices: Any) -> list[tuple[int, ...]]:
    return [_shape(graph.tensors[i]) for i in indices]


def _shape(tensor: Any) -> tuple[int, ...]:
    return () if tensor.shape is None else tuple(int(n) for n in tensor.shape)


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
