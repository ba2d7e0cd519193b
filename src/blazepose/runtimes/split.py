"""A graph in two parts, so that each can compute in a precision of its own.

The heads are the last layers before outputs that are numbers and not maps: coordinates, presence,
metres. A coordinate up to 256 px has steps of a pixel in bfloat16, so they stay in float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from blazepose.no_telemetry import openvino as ov

_LAYERS = ("Convolution", "MatMul")


@dataclass(frozen=True)
class Parts:
    """OpenVINO models that make up a network, or the bytes of compiled ones.

    Attributes:
        trunk: from an image to maps and to the features that the heads read, or to all outputs.
        heads: from these features to the other outputs; None if the trunk has them all.
        names: of all outputs, those of the trunk first.
    """

    trunk: Any
    heads: Any | None
    names: tuple[str, ...]


def split(model: Any, names: list[str]) -> Parts:
    """Cut a network's heads off.

    Args:
        model: with static shapes; outputs with two axes are numbers.
        names: of its outputs, in their order.
    """
    numbers = [i for i, port in enumerate(model.outputs) if len(port.partial_shape) == 2]
    found = {i: _last_layer(model.outputs[i].get_node()) for i in numbers}
    layers = {i: layer for i, layer in found.items() if layer is not None}
    maps = [i for i in range(len(names)) if i not in layers]
    if not layers:
        return Parts(model, None, tuple(names))
    copy = model.clone()  # its operators are in the same order
    copies = copy.get_ordered_ops()
    places = {op.get_name(): i for i, op in enumerate(model.get_ordered_ops())}
    features: dict[int, Any] = {}
    inputs = []
    for source in (layer.input_value(0) for layer in layers.values()):
        place = places[source.get_node().get_name()]
        if place in features:
            continue
        features[place] = source
        shape = [axis.get_length() for axis in source.partial_shape]
        inputs.append(ov.opset13.parameter(shape, np.float32))
        for reader in copies[place].output(source.get_index()).get_target_inputs():
            reader.replace_source_output(inputs[-1].output(0))
    trunk_ports = [*(model.outputs[i] for i in maps), *features.values()]
    return Parts(
        ov.Model(trunk_ports, model.get_parameters()),
        ov.Model([copy.outputs[i] for i in layers], inputs),
        tuple(names[i] for i in (*maps, *layers)),
    )


def _last_layer(node: Any) -> Any | None:
    """The last operator with weights before an output; None where there is none."""
    while node.get_type_name() not in _LAYERS:
        if not node.inputs():
            return None
        node = node.input_value(0).get_node()
    return node
