"""What a network costs, read from its graph in OpenVINO: any .tflite, .onnx or .xml, no PyTorch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cost:
    """Size of a network.

    Attributes:
        parameters: weights and biases.
        multiply_adds: of its convolutions and matrix products, for one image.
    """

    parameters: int
    multiply_adds: int


def cost(model: Any) -> Cost:
    """The cost of an `openvino.Model`."""
    operators = model.get_ordered_ops()
    constants = [o for o in operators if o.get_type_name() == "Constant" and _is_real(o)]
    return Cost(
        parameters=sum(_count(_shape(constant.output(0))) for constant in constants),
        multiply_adds=sum(_multiply_adds(operator) for operator in operators),
    )


def _multiply_adds(operator: Any) -> int:
    """Values of the result, times how many products make one."""
    kind = operator.get_type_name()
    if kind not in ("Convolution", "GroupConvolution", "MatMul"):
        return 0
    result = _count(_shape(operator.output(0)))
    weight = _shape(operator.input(1).get_source_output())
    if kind == "Convolution":  # (out, in, rows, columns)
        return result * _count(weight[1:])
    if kind == "GroupConvolution":  # (groups, out / groups, in / groups, rows, columns)
        return result * _count(weight[2:])
    return result * _shape(operator.input(0).get_source_output())[-1]


def _is_real(constant: Any) -> bool:
    """Whether it holds weights: real numbers, more than one."""
    return bool(constant.get_element_type().is_real()) and _count(_shape(constant.output(0))) > 1


def _shape(port: Any) -> list[int]:
    """Shape for a batch of one."""
    return [size.get_length() if size.is_static else 1 for size in port.get_partial_shape()]


def _count(shape: list[int]) -> int:
    return math.prod(shape)
