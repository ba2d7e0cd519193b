"""Which tensor of a file is which parameter of a network.

Nothing is looked up by name: converters choose names as they like. The steps of the file and those
of the network are put in the order of the data's flow and compared one by one, kind, operands,
window, stride, padding and shapes; where all agree, the weights belong together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from blazepose.nets.trace import Recorder, Step, Trace
from blazepose.weights.tflite import Graph, Operator

_SAME = 0  # of the schema's Padding
_ACTIVATIONS = {1: "relu", 3: "relu6"}
_KINDS = {
    "ADD": "add",
    "CONCATENATION": "cat",
    "CONV_2D": "conv2d",
    "DEPTHWISE_CONV_2D": "conv2d",
    "LOGISTIC": "sigmoid",
    "MAX_POOL_2D": "max_pool2d",
    "PAD": "pad",
    "RELU": "relu",
    "RESIZE_BILINEAR": "interpolate",
}
_LAYOUT = ("RESHAPE", "DEPTH_TO_SPACE", "TRANSPOSE")


@dataclass(frozen=True)
class Misfit:
    """Where a file and a network part.

    Attributes:
        agreed: how many steps fit before that.
        message: what the file has, and what the network has there.
    """

    agreed: int
    message: str


def trace_graph(graph: Graph) -> Trace:
    """The steps of a file's graph in PyTorch's words; weights are named by operator number."""
    recorder = Recorder(graph.inputs)
    for number, operator in enumerate(graph.operators):
        _record(recorder, graph, operator, number)
    return recorder.finish(graph.outputs)


def match(file: Trace, network: Trace) -> dict[str, int] | Misfit:
    """Pair the convolutions of a file with those of a network.

    Returns:
        Module name -> number of the operator in the file; or where the two differ.
    """
    theirs, ours = _in_flow_order(file), _in_flow_order(network)
    for agreed, (step, expected) in enumerate(zip(theirs, ours, strict=False)):
        if replace(step, name="") != replace(expected, name=""):
            where = f" for {expected.name}" if expected.name else ""
            message = f"layer {agreed} is a {step}; expected{where} a {expected}"
            return Misfit(agreed, message)
    if len(theirs) != len(ours):
        return Misfit(
            min(len(theirs), len(ours)), f"it has {len(theirs)} layers; expected {len(ours)}"
        )
    return {
        expected.name: int(step.name)
        for step, expected in zip(theirs, ours, strict=True)
        if expected.name
    }


def state_dict(graph: Graph, names: Mapping[str, int]) -> dict[str, torch.Tensor]:
    """Weights and biases of a file under the names of a network's parameters."""
    state = {}
    for name, number in names.items():
        weight, bias = _weights(graph, graph.operators[number])
        state[f"{name}.weight"] = torch.from_numpy(weight.copy())
        state[f"{name}.bias"] = torch.from_numpy(bias.copy())
    return state


def _in_flow_order(trace: Trace) -> list[Step]:
    """Steps renumbered so that equal networks give equal lists."""
    order = trace.in_flow_order()
    new = {-1: -1} | {old: number for number, old in enumerate(order)}
    return [
        replace(step, inputs=tuple(new[i] for i in step.inputs))
        for step in (trace.steps[old] for old in order)
    ]


def _record(recorder: Recorder, graph: Graph, operator: Operator, number: int) -> None:
    kind = operator.kind
    source, result = operator.inputs[0], operator.outputs[0]
    size = math.prod(graph.tensors[result].shape)
    if kind in _LAYOUT:
        recorder.same(result, source)
    elif kind == "PAD" and (pad := _spatial_pad(graph, operator)) is not None:
        recorder.same(result, source, pad=pad)
    elif _KINDS.get(kind) == "conv2d":
        shape = _weights(graph, operator)[0].shape
        recorder.step(
            "conv2d",
            result,
            [source],
            size=size,
            weight=shape,
            stride=operator.options["stride"],
            pad=_same_pad(graph, operator, shape[2]),
            name=str(number),
            multiply_adds=size * math.prod(shape[1:]),
        )
    else:
        recorder.step(_kind(operator), result, operator.inputs, size=size)
    if activation := operator.options.get("activation", 0):
        recorder.step(_ACTIVATIONS.get(activation, "activation"), result, [result], size=size)


def _kind(operator: Operator) -> str:
    """Name of the step; one of its own for a resize or pooling that PyTorch's does not equal."""
    options, kind = operator.options, _KINDS.get(operator.kind, operator.kind.lower())
    if kind == "interpolate" and (options["align_corners"] or not options["half_pixel"]):
        return "interpolate between other corners"
    if kind == "max_pool2d" and (options["stride"], options["size"]) != (2, 2):
        return f"max_pool2d of {options['size']} with stride {options['stride']}"
    return kind


def _weights(graph: Graph, operator: Operator) -> tuple[np.ndarray, np.ndarray]:
    """Weight (out, in / groups, rows, columns) and bias (out,) of a convolution."""
    weight, bias = (graph.tensors[i].data for i in operator.inputs[1:3])
    if weight is None or bias is None or weight.ndim != 4:
        raise ValueError("a convolution has no constant weights")
    weight = weight.transpose((3, 0, 1, 2) if operator.kind.startswith("DEPTH") else (0, 3, 1, 2))
    if bias.shape != weight.shape[:1]:
        raise ValueError(f"a convolution has weights {weight.shape} and bias {bias.shape}")
    return weight, bias


def _spatial_pad(graph: Graph, operator: Operator) -> int | None:
    """Rows of zeros at the top; None where channels are padded, which is one axis, not two."""
    amounts = graph.tensors[operator.inputs[1]].data
    padded = [] if amounts is None else [pair for pair in amounts.reshape(-1, 2) if pair.any()]
    return int(padded[0][0]) if len(padded) == 2 else None


def _same_pad(graph: Graph, operator: Operator, kernel: int) -> int:
    """Rows of zeros that the operator itself puts at the top."""
    if operator.options["padding"] != _SAME:
        return 0
    before, after = (graph.tensors[i].shape[1] for i in (operator.inputs[0], operator.outputs[0]))
    return max((after - 1) * operator.options["stride"] + kernel - before, 0) // 2
