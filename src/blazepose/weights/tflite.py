"""Read .tflite files: a frozen list of tensors and operators, weights as dense float32.

Knows the file format and nothing of networks; `names` gives the operators a meaning. Weights that
a file stores as float16 or sparse come out dense and float32, and the DEQUANTIZE and DENSIFY
operators that would do this at run time are gone from the list.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tflite

from blazepose.errors import ModelError

# What the FlatBuffers reader raises when offsets in a damaged file lead nowhere.
_DAMAGED = (struct.error, IndexError, KeyError, TypeError, ValueError, AttributeError)
_MAX_ELEMENTS = 1 << 24  # of one constant; the largest released one has under 2^20


@dataclass(frozen=True, eq=False)
class Tensor:
    """An array of the graph.

    Attributes:
        name: as the converter wrote it.
        shape: as in the file, e.g. (1, H, W, C) for feature maps.
        data: the values of a constant (float32 if the file has float16 or float32), else None.
    """

    name: str
    shape: tuple[int, ...]
    data: np.ndarray | None = None


@dataclass(frozen=True)
class Operator:
    """A step of the graph.

    Attributes:
        kind: name in the TFLite schema, e.g. "CONV_2D".
        inputs: indices of tensors; -1 for an input that is left out.
        outputs: indices of tensors.
        options: of the kinds in `_OPTIONS`, e.g. {"stride": 2, "padding": 0, "activation": 3}.
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Graph:
    """A network as a file holds it; operators stand in the order of execution."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    metadata: Mapping[str, bytes]


def read_tflite(path: Path) -> Graph:
    """Read a .tflite file.

    Raises:
        ModelError: the file cannot be read, is damaged, or holds something else.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error
    return parse_tflite(data, source=str(path))


def parse_tflite(data: bytes, *, source: str = "the model") -> Graph:
    """The graph in the bytes of a .tflite file.

    Args:
        data: content of the file.
        source: where it came from, for error messages.

    Raises:
        ModelError: the bytes are damaged, no .tflite, or hold what this reader does not know.
    """
    if data[4:8] != b"TFL3":
        raise ModelError(f"{source} is not a .tflite file: its mark TFL3 is missing")
    try:
        return _fold_constants(_graph(tflite.Model.GetRootAs(data, 0), len(data)))
    except _DAMAGED as error:
        raise ModelError(f"{source} is damaged or cut short; fetch or export it again") from error
    except ModelError as error:
        raise ModelError(f"{source}: {error}") from error


def _graph(model: Any, size: int) -> Graph:
    if model.SubgraphsLength() != 1:
        raise ModelError(f"expected one graph, it holds {model.SubgraphsLength()}")
    graph = model.Subgraphs(0)
    # A vector longer than the file is damage that would keep the loops below busy for hours.
    counts = (graph.TensorsLength(), graph.OperatorsLength(), model.MetadataLength())
    if max(counts) > size:
        raise IndexError(counts)
    tensors = tuple(_tensor(model, graph.Tensors(i)) for i in range(graph.TensorsLength()))
    operators = tuple(
        _operator(model, graph.Operators(i), len(tensors)) for i in range(graph.OperatorsLength())
    )
    return Graph(
        tensors,
        operators,
        _indices(graph.InputsAsNumpy(), len(tensors)),
        _indices(graph.OutputsAsNumpy(), len(tensors)),
        {
            model.Metadata(i).Name().decode(): _bytes(model, model.Metadata(i).Buffer())
            for i in range(model.MetadataLength())
        },
    )


def _indices(values: Any, count: int) -> tuple[int, ...]:
    indices = tuple(int(v) for v in np.atleast_1d(values))
    if any(not -1 <= i < count for i in indices):
        raise IndexError(indices)
    return indices


def _bytes(model: Any, index: int) -> bytes:
    if index >= model.BuffersLength():
        raise IndexError(index)
    buffer = model.Buffers(index)
    return buffer.DataAsNumpy().tobytes() if buffer.DataLength() else b""


_DTYPES: dict[int, np.dtype[Any]] = {
    tflite.TensorType.FLOAT32: np.dtype("<f4"),
    tflite.TensorType.FLOAT16: np.dtype("<f2"),
    tflite.TensorType.INT32: np.dtype("<i4"),
    tflite.TensorType.INT64: np.dtype("<i8"),
    tflite.TensorType.INT8: np.dtype("<i1"),
    tflite.TensorType.UINT8: np.dtype("<u1"),
    tflite.TensorType.BOOL: np.dtype("?"),
}


def _tensor(model: Any, tensor: Any) -> Tensor:
    """A tensor, dense if its values are here."""
    name = tensor.Name().decode()
    shape = tuple(int(n) for n in tensor.ShapeAsNumpy()) if tensor.ShapeLength() else ()
    data = _bytes(model, tensor.Buffer())
    if not data:
        return Tensor(name, shape)
    if tensor.Type() not in _DTYPES:
        raise ModelError(f"tensor {name} is of type {tensor.Type()}, which is not read here")
    if min(shape, default=1) < 0 or math.prod(shape) > _MAX_ELEMENTS:
        raise ModelError(f"tensor {name} has the impossible shape {shape}")
    values = np.frombuffer(data, _DTYPES[tensor.Type()])
    if tensor.Sparsity() is not None:
        values = _densify(values, shape, tensor.Sparsity())
    return Tensor(name, shape, values.reshape(shape))


def _densify(values: np.ndarray, shape: tuple[int, ...], sparsity: Any) -> np.ndarray:
    """Lay out the stored values among zeros.

    Follows the dimensions in order and keeps the flat position of every branch: a dense dimension
    splits each into all its indices, a compressed one (CSR) into those that are listed.
    """
    order = sparsity.TraversalOrderAsNumpy().tolist()
    if sparsity.BlockMapLength() or order != list(range(len(shape))):
        raise ModelError("weights are sparse in blocks; export the model with dense weights")
    if sparsity.DimMetadataLength() != len(shape):
        raise IndexError(shape)
    places = np.zeros(1, np.int64)
    for axis, size in enumerate(shape):
        dimension = sparsity.DimMetadata(axis)
        if dimension.Format() == tflite.DimensionType.DENSE:
            places = (places[:, None] * size + np.arange(size)).ravel()
        else:
            segments = _vector(dimension.ArraySegmentsType(), dimension.ArraySegments())
            indices = _vector(dimension.ArrayIndicesType(), dimension.ArrayIndices())
            if segments[-1] != len(indices):
                raise IndexError(segments[-1])
            places = np.repeat(places, np.diff(segments)) * size + indices
    dense = np.zeros(math.prod(shape), values.dtype)
    dense[places] = values
    return dense


def _vector(kind: int, table: Any) -> np.ndarray:
    reader = {1: tflite.Int32Vector, 2: tflite.Uint16Vector, 3: tflite.Uint8Vector}[kind]()
    reader.Init(table.Bytes, table.Pos)
    return np.atleast_1d(reader.ValuesAsNumpy()).astype(np.int64)


# operator -> (option table, ours -> its field)
_OPTIONS: dict[str, tuple[Callable[[], Any], dict[str, str]]] = {
    "CONV_2D": (
        tflite.Conv2DOptions,
        {"stride": "StrideH", "padding": "Padding", "activation": "FusedActivationFunction"},
    ),
    "DEPTHWISE_CONV_2D": (
        tflite.DepthwiseConv2DOptions,
        {"stride": "StrideH", "padding": "Padding", "activation": "FusedActivationFunction"},
    ),
    "MAX_POOL_2D": (tflite.Pool2DOptions, {"stride": "StrideH", "size": "FilterHeight"}),
    "ADD": (tflite.AddOptions, {"activation": "FusedActivationFunction"}),
    "RESIZE_BILINEAR": (
        tflite.ResizeBilinearOptions,
        {"align_corners": "AlignCorners", "half_pixel": "HalfPixelCenters"},
    ),
    "DEPTH_TO_SPACE": (tflite.DepthToSpaceOptions, {"size": "BlockSize"}),
}
_KINDS = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}


def _operator(model: Any, operator: Any, tensors: int) -> Operator:
    code = model.OperatorCodes(operator.OpcodeIndex())
    # The old 8-bit field is at its limit where the new one counts on.
    kind = _KINDS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
    return Operator(
        kind,
        _indices(operator.InputsAsNumpy(), tensors) if operator.InputsLength() else (),
        _indices(operator.OutputsAsNumpy(), tensors),
        dict(_options(kind, operator.BuiltinOptions())),
    )


def _options(kind: str, table: Any) -> Iterator[tuple[str, int]]:
    if kind in _OPTIONS and table is not None:
        make, fields = _OPTIONS[kind]
        reader = make()
        reader.Init(table.Bytes, table.Pos)
        for ours, theirs in fields.items():
            yield ours, int(getattr(reader, theirs)())


def _fold_constants(graph: Graph) -> Graph:
    """Do what DENSIFY and DEQUANTIZE do to constants, and drop those operators."""
    tensors, kept = list(graph.tensors), []
    for operator in graph.operators:
        source = tensors[operator.inputs[0]].data if operator.inputs else None
        if operator.kind not in ("DENSIFY", "DEQUANTIZE") or source is None:
            kept.append(operator)
            continue
        if operator.kind == "DEQUANTIZE":
            if source.dtype != np.float16:
                raise ModelError("weights are quantised to integers; only float ones are read")
            source = source.astype(np.float32)
        goal = operator.outputs[0]
        tensors[goal] = replace(tensors[goal], data=source)
    return replace(graph, tensors=tuple(tensors), operators=tuple(kept))
