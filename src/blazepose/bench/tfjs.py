"""TensorFlow.js graph models -> frozen TensorFlow graphs, which OpenVINO reads.

A graph model is a TensorFlow graph written as JSON with its constants in a file beside it, so only
the writing differs; fused convolutions are taken apart again. Fields and numbers are those of
TensorFlow's graph.proto, node_def.proto, attr_value.proto and tensor.proto, as far as they occur.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from blazepose.errors import ModelError

_TYPES = {"DT_FLOAT": 1, "DT_INT32": 3, "DT_BOOL": 10}
_DTYPES = {"float32": "DT_FLOAT", "int32": "DT_INT32", "bool": "DT_BOOL"}
_FUSED = {
    "_FusedConv2D": "Conv2D",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
}
_VARINT, _BYTES, _FIXED32 = 0, 2, 5  # wire types


def frozen_graph(model: Mapping[str, Any], weights: bytes) -> bytes:
    """A GraphDef, the content of a .pb file.

    Args:
        model: content of model.json.
        weights: content of the .bin file.

    Raises:
        ModelError: the weights do not fit, or a fused step is unknown.
    """
    constants = _constants(model, weights)
    nodes = [part for node in model["modelTopology"]["node"] for part in _unfused(node)]
    return b"".join(_field(1, _node(node, constants)) for node in nodes)


def _constants(model: Mapping[str, Any], weights: bytes) -> dict[str, np.ndarray]:
    """Values by node; those stored in half precision or quantised are widened."""
    values, start = {}, 0
    for row in (row for group in model["weightsManifest"] for row in group["weights"]):
        kept = row.get("quantization", {"dtype": row["dtype"]})
        kind = np.dtype(kept["dtype"])
        count = int(np.prod(row["shape"], dtype=np.int64))
        content = weights[start : start + count * kind.itemsize]
        if len(content) < count * kind.itemsize:
            raise ModelError(f"the weights end within {row['name']}: fetch the model again")
        stored = np.frombuffer(content, kind).reshape(row["shape"])
        if "scale" in kept:
            stored = stored * np.float32(kept["scale"]) + np.float32(kept["min"])
        values[row["name"]] = stored.astype(row["dtype"])
        start += len(content)
    return values


def _unfused(node: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A fused convolution as its steps, the last of which has its name; others as they are."""
    if node["op"] not in _FUSED:
        yield dict(node)
        return
    steps = [base64.b64decode(word).decode() for word in node["attr"]["fused_ops"]["list"]["s"]]
    if not set(steps) <= {"BiasAdd", "Relu", "Relu6"}:
        raise ModelError(f"{node['name']}: expected BiasAdd, Relu or Relu6 fused, got {steps}")
    kept = {"T", "strides", "padding", "dilations", "data_format"}
    attributes = {key: value for key, value in node["attr"].items() if key in kept}
    names = [*(f"{node['name']}/{step}_input" for step in steps), node["name"]]
    inputs = list(node["input"])
    yield _step(_FUSED[node["op"]], names[0], inputs[:2], attributes)
    for number, step in enumerate(steps):
        more = inputs[2:3] if step == "BiasAdd" else []
        kind = {"T": attributes["T"]}
        yield _step(step, names[number + 1], [names[number], *more], kind)


def _step(op: str, name: str, inputs: list[str], attributes: dict[str, Any]) -> dict[str, Any]:
    return {"op": op, "name": name, "input": inputs, "attr": attributes}


def _node(node: Mapping[str, Any], constants: Mapping[str, np.ndarray]) -> bytes:
    attributes = {key: _attribute(value) for key, value in node.get("attr", {}).items()}
    if node["op"] == "Const":
        attributes["value"] = _field(8, _tensor(constants[node["name"]]))
    parts = [_text(1, node["name"]), _text(2, node["op"])]
    parts += [_text(3, name) for name in node.get("input", ())]
    parts += [_field(5, _text(1, key) + _field(2, value)) for key, value in attributes.items()]
    return b"".join(parts)


def _attribute(value: Mapping[str, Any]) -> bytes:
    """An AttrValue; of a list its members one after the other."""
    if "list" in value:
        members = [
            _attribute({kind: member}) for kind, many in value["list"].items() for member in many
        ]
        return _field(1, b"".join(members))
    if "shape" in value:
        return _field(7, _shape([int(axis["size"]) for axis in value["shape"].get("dim", ())]))
    if "tensor" in value:
        return b""  # a constant's; its value is written from the weights
    writers = {
        "s": lambda v: _field(2, base64.b64decode(v)),
        "i": lambda v: _key(3, _VARINT) + _varint(int(v)),
        "f": lambda v: _key(4, _FIXED32) + struct.pack("<f", v),
        "b": lambda v: _key(5, _VARINT) + _varint(int(v)),
        "type": lambda v: _key(6, _VARINT) + _varint(_TYPES[v]),
    }
    return b"".join(writers[kind](content) for kind, content in value.items())


def _tensor(values: np.ndarray) -> bytes:
    kind = _TYPES[_DTYPES[values.dtype.name]]
    content = np.ascontiguousarray(values).tobytes()
    return _key(1, _VARINT) + _varint(kind) + _field(2, _shape(values.shape)) + _field(4, content)


def _shape(sizes: Sequence[int]) -> bytes:
    return b"".join(_field(2, _key(1, _VARINT) + _varint(size)) for size in sizes)


def _text(number: int, value: str) -> bytes:
    return _field(number, value.encode())


def _field(number: int, content: bytes) -> bytes:
    return _key(number, _BYTES) + _varint(len(content)) + content


def _key(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # a negative one as its 64-bit complement
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
