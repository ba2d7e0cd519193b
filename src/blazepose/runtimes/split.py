"""A network in two parts, so that each can compute in a precision of its own.

The heads are the last layers before outputs that are numbers and not maps: coordinates, presence,
metres. A coordinate up to 256 px has steps of a pixel in bfloat16, so they stay in float32. They
are small products, which NumPy has done before OpenVINO has handed one to a thread: 0.02 instead of
0.4 ms of processor time for Full, a fifteenth of a frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from blazepose.no_telemetry import openvino as ov
from blazepose.runtimes.heads import Head

_LAYERS = ("Convolution", "MatMul")
_SAME_NUMBERS = ("Convert", "Reshape", "Squeeze", "Transpose", "Unsqueeze")


@dataclass(frozen=True)
class Parts:
    """A network from pictures to outputs.

    Attributes:
        trunk: an OpenVINO model, or the bytes of a compiled one, from an image to maps and then to
            the features that the heads read; or to all outputs.
        heads: from these features to the other outputs; none if the trunk has them all.
        names: of all outputs, those of the trunk first.
    """

    trunk: Any
    heads: tuple[Head, ...]
    names: tuple[str, ...]


def split(model: Any, names: list[str]) -> Parts | None:
    """Cut a network's heads off; None where one is more than a layer.

    Args:
        model: with static shapes; outputs with two axes are numbers.
        names: of its outputs, in their order.
    """
    numbers = [i for i, port in enumerate(model.outputs) if len(port.partial_shape) == 2]
    maps = [i for i in range(len(names)) if i not in numbers]
    features: list[Any] = []
    heads = []
    for port in (model.outputs[i] for i in numbers):
        chain = list(_back_to_layer(port.get_node()))
        source = chain[-1].input_value(0)
        place = next((i for i, f in enumerate(features) if _is_same(f, source)), len(features))
        if place == len(features):
            features.append(source)
        head = _head(chain, place)
        if head is None:
            return None
        heads.append(head)
    trunk = ov.Model([*(model.outputs[i] for i in maps), *features], model.get_parameters())
    return Parts(trunk, tuple(heads), tuple(names[i] for i in (*maps, *numbers)))


def _back_to_layer(node: Any) -> Iterator[Any]:
    """The operators from an output back to the last one with weights, or to the network's input."""
    yield node
    while node.get_type_name() not in _LAYERS and node.inputs():
        node = node.input_value(_variable(node)).get_node()
        yield node


def _variable(node: Any) -> int:
    """Which of an operator's inputs is no constant."""
    return next((i for i, v in enumerate(node.input_values()) if _constant(v) is None), 0)


def _is_same(one: Any, other: Any) -> bool:
    names = [port.get_node().get_friendly_name() for port in (one, other)]
    return names[0] == names[1] and one.get_index() == other.get_index()


def _head(chain: list[Any], place: int) -> Head | None:
    """What a chain of operators, the last one first, makes of features; None where that is unknown.

    Args:
        chain: to the layer.
        place: of the features among those of all heads.
    """
    *after, layer = chain
    weights = _matrix(layer)
    if weights is None:
        return None
    bias, is_probability = np.zeros(len(weights), np.float32), False
    for node in reversed(after):
        kind = node.get_type_name()
        if kind == "Sigmoid" and not is_probability:
            is_probability = True
        elif kind in ("Add", "Multiply") and not is_probability:
            values = _constant(node.input_value(1 - _variable(node)))
            if values is None or values.size not in (1, len(weights)):
                return None
            bias = bias + values.ravel() if kind == "Add" else bias * values.ravel()
            weights = weights if kind == "Add" else weights * values.reshape(-1, 1)
        elif kind not in (*_SAME_NUMBERS, "Result"):
            return None
    return Head(place, weights, bias, is_probability)


def _matrix(layer: Any) -> np.ndarray | None:
    """(N, D) of a layer that sees all D features at once; None for others."""
    if layer.get_type_name() not in _LAYERS:
        return None
    weights = _constant(layer.input_value(1))
    seen, made = (list(port.get_shape()) for port in (layer.input(0), layer.output(0)))
    if weights is None or made[0] != 1:
        return None
    if layer.get_type_name() == "Convolution":
        sees_all = list(weights.shape[1:]) == seen[1:] and made[2:] == [1, 1]
        return np.ascontiguousarray(weights.reshape(len(weights), -1)) if sees_all else None
    turned = layer.get_attributes()
    if weights.ndim != 2 or seen[:-1] != [1] * (len(seen) - 1) or turned["transpose_a"]:
        return None
    return np.ascontiguousarray(weights if turned["transpose_b"] else weights.T)


def _constant(port: Any) -> np.ndarray | None:
    """Its numbers where a port has the same ones always, float32; None for others."""
    node = port.get_node()
    while node.get_type_name() in _SAME_NUMBERS:
        node = node.input_value(0).get_node()
    return node.data.astype(np.float32) if node.get_type_name() == "Constant" else None
