"""Write a network as .tflite, in the form of the released files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np

from blazepose.aside import aside
from blazepose.errors import MissingExtraError
from blazepose.weights.checkpoint import Checkpoint, describe
from blazepose.weights.description import KEY
from blazepose.weights.layout import INPUT, FileLayout
from blazepose.weights.metadata import NAME, image_metadata
from blazepose.weights.quiet import quiet


def export_tflite(checkpoint: Checkpoint, path: Path, *, half: bool = False) -> None:
    """Write NAME.tflite, for a batch of one.

    Args:
        checkpoint: what to write.
        path: of the file.
        half: store weights in float16, as the released files do; arithmetic stays float32.

    Raises:
        MissingExtraError: litert-torch is not installed.
        OutputError: the file cannot be written.
    """
    content = tflite_bytes(checkpoint, half=half)
    with aside(path) as part:
        part.write_bytes(content)


def tflite_bytes(checkpoint: Checkpoint, *, half: bool = False) -> bytes:
    """The same as the bytes of the file."""
    network, layout = checkpoint.network, FileLayout(checkpoint.network)
    model = _unpack(_convert(layout))
    graph = model.subgraphs[0]
    for index, name in zip([*graph.inputs, *graph.outputs], [INPUT, *layout.names], strict=True):
        graph.tensors[index].name = name
    model.signatureDefs = None  # they have names of their own for inputs and outputs
    if half:
        _store_half(model)
    image = image_metadata(mean=network.mean, std=network.std, outputs=layout.outputs)
    _add_metadata(model, {NAME: image, KEY: json.dumps(describe(checkpoint)).encode()})
    return _pack(model)


def add_normalization(content: bytes, *, mean: float, std: float) -> bytes:
    """A .tflite with the metadata that bundles need; unchanged where it has some.

    Args:
        content: of the file.
        mean: the network sees (pixel - mean) / std of pixels 0..255.
        std: see `mean`.
    """
    model = _unpack(content)
    if any(entry.name == NAME.encode() for entry in model.metadata or []):
        return content
    graph = model.subgraphs[0]
    outputs = [graph.tensors[index].name.decode() for index in graph.outputs]
    _add_metadata(model, {NAME: image_metadata(mean=mean, std=std, outputs=outputs)})
    return _pack(model)


def _convert(layout: FileLayout) -> bytes:
    with quiet():
        try:
            import litert_torch
        except ImportError as error:
            raise MissingExtraError("writing .tflite", "export") from error
        return bytes(litert_torch.convert(layout, (layout.example(),)).model_content())


def _unpack(content: bytes) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromPackedBuf(content, 0)


def _pack(model: Any) -> bytes:
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _add_metadata(model: Any, entries: Mapping[str, bytes]) -> None:
    from ai_edge_litert import schema_py_generated as schema

    model.metadata = list(model.metadata or [])
    for name, content in entries.items():
        entry = schema.MetadataT()
        entry.name, entry.buffer = name, _add_buffer(model, np.frombuffer(content, np.uint8))
        model.metadata.append(entry)


def _store_half(model: Any) -> None:
    """Keep float32 weights as float16 with a DEQUANTIZE, as the released files do.

    Biases stay: they are a hundredth of the size, and would cost as much accuracy as the rest.
    """
    from ai_edge_litert import schema_py_generated as schema

    graph, widen = model.subgraphs[0], []
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    model.operatorCodes.append(code)
    for index, tensor in enumerate(list(graph.tensors)):
        data = model.buffers[tensor.buffer].data
        if tensor.type != schema.TensorType.FLOAT32 or data is None or len(tensor.shape) < 2:
            continue
        half = schema.TensorT()
        half.name, half.shape, half.type = tensor.name + b"_half", tensor.shape, 1
        values = np.asarray(data, np.uint8).view(np.float32).astype(np.float16)
        half.buffer, tensor.buffer = _add_buffer(model, values.view(np.uint8)), 0
        graph.tensors.append(half)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(model.operatorCodes) - 1
        operator.inputs, operator.outputs = [len(graph.tensors) - 1], [index]
        widen.append(operator)
    graph.operators = [*widen, *graph.operators]
    used = {tensor.buffer for tensor in graph.tensors} | {e.buffer for e in model.metadata or []}
    for index, buffer in enumerate(model.buffers):
        if index not in used:
            buffer.data = None


def _add_buffer(model: Any, data: np.ndarray) -> int:
    from ai_edge_litert import schema_py_generated as schema

    buffer = schema.BufferT()
    buffer.data = data
    model.buffers.append(buffer)
    return len(model.buffers) - 1
