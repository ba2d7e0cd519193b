"""A .tflite file of one convolution, small enough to be damaged in every place."""

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

# (out, rows, columns, in); half of it zero, so that the sparse form differs from the dense one
KERNEL = (np.arange(-9, 9).reshape(1, 3, 3, 2) * (np.arange(18).reshape(1, 3, 3, 2) % 2)) / 4
BIAS = np.array([0.5])


def tiny_model(*, sparse: bool = False) -> Any:
    """Input (1, 4, 4, 2) -> 3x3 convolution, SAME, ReLU6 -> (1, 4, 4, 1); weights in float16."""
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT()]  # number 0 stays empty, as in every file
    graph = schema.SubGraphT()
    graph.tensors, graph.operators = [], []
    model.subgraphs, model.operatorCodes = [graph], []
    image = _tensor(model, "image", (1, 4, 4, 2))
    stored = _tensor(model, "kernel16", KERNEL.shape, KERNEL, sparse=sparse)
    if sparse:
        stored = _apply(model, schema.BuiltinOperator.DENSIFY, [stored], "dense", KERNEL.shape, 2)
    kernel = _apply(model, schema.BuiltinOperator.DEQUANTIZE, [stored], "kernel", KERNEL.shape)
    stored_bias = _tensor(model, "bias16", BIAS.shape, BIAS)
    bias = _apply(model, schema.BuiltinOperator.DEQUANTIZE, [stored_bias], "bias", BIAS.shape)
    output = _apply(
        model, schema.BuiltinOperator.CONV_2D, [image, kernel, bias], "out", (1, 4, 4, 1)
    )
    options = schema.Conv2DOptionsT()
    options.strideH = options.strideW = options.dilationHFactor = options.dilationWFactor = 1
    options.fusedActivationFunction = schema.ActivationFunctionType.RELU6
    graph.operators[-1].builtinOptionsType = schema.BuiltinOptions.Conv2DOptions
    graph.operators[-1].builtinOptions = options
    graph.inputs, graph.outputs = [image], [output]
    return model


def pack(model: Any) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(
    model: Any,
    name: str,
    shape: tuple[int, ...],
    values: np.ndarray | None = None,
    *,
    sparse: bool = False,
    kind: int = schema.TensorType.FLOAT32,
) -> int:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, 0
    if values is not None:
        tensor.type, tensor.buffer = schema.TensorType.FLOAT16, len(model.buffers)
        if sparse:
            tensor.sparsity, values = _sparsity(values)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.astype(np.float16).tobytes(), np.uint8)
        model.buffers.append(buffer)
    model.subgraphs[0].tensors.append(tensor)
    return len(model.subgraphs[0].tensors) - 1


def _sparsity(values: np.ndarray) -> tuple[Any, np.ndarray]:
    """Last dimension compressed, the others dense, as in the released detector."""
    sparsity = schema.SparsityParametersT()
    sparsity.traversalOrder = list(range(values.ndim))
    sparsity.dimMetadata = [schema.DimensionMetadataT() for _ in values.shape]
    for dimension, size in zip(sparsity.dimMetadata, values.shape, strict=True):
        dimension.format, dimension.denseSize = schema.DimensionType.DENSE, size
    rows = values.reshape(-1, values.shape[-1])
    last = sparsity.dimMetadata[-1]
    last.format = schema.DimensionType.SPARSE_CSR
    segments, indices = schema.Uint8VectorT(), schema.Uint8VectorT()
    segments.values = np.cumsum([0, *(rows != 0).sum(1)]).astype(np.uint8)
    indices.values = np.nonzero(rows)[1].astype(np.uint8)
    last.arraySegmentsType = last.arrayIndicesType = schema.SparseIndexVector.Uint8Vector
    last.arraySegments, last.arrayIndices = segments, indices
    return sparsity, rows[rows != 0]


def _apply(
    model: Any, code: int, inputs: list[int], name: str, shape: tuple[int, ...], kind: int = 0
) -> int:
    operator, operator_code = schema.OperatorT(), schema.OperatorCodeT()
    operator_code.builtinCode = operator_code.deprecatedBuiltinCode = code
    operator.opcodeIndex = len(model.operatorCodes)
    operator.inputs, operator.outputs = inputs, [_tensor(model, name, shape, kind=kind and 1)]
    model.operatorCodes.append(operator_code)
    model.subgraphs[0].operators.append(operator)
    return operator.outputs[0]
