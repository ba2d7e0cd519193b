import numpy as np
import openvino.opset13 as ops

from blazepose.no_telemetry import openvino as ov
from blazepose.weights.cost import Cost, cost


def test_parameters_and_multiply_adds_are_those_counted_by_hand():
    image = ops.parameter([-1, 3, 8, 8], ov.Type.f32)
    same = {"strides": [1, 1], "pads_begin": [1, 1], "pads_end": [1, 1], "dilations": [1, 1]}
    wide = ops.convolution(image, np.ones((4, 3, 3, 3), np.float32), **same)
    deep = ops.group_convolution(wide, np.ones((4, 1, 1, 3, 3), np.float32), **same)
    rows = ops.reshape(deep, np.array([0, -1]), special_zero=True)  # (B, 256)
    last = ops.matmul(rows, np.ones((256, 5), np.float32), False, False)
    found = cost(ov.Model([last], [image]))
    assert found == Cost(
        parameters=4 * 27 + 4 * 9 + 256 * 5,
        multiply_adds=4 * 64 * 27 + 4 * 64 * 9 + 256 * 5,
    )
