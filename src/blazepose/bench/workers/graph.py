"""A network of another system on OpenVINO, the runtime that blazepose takes itself.

So that what differs between the systems is the systems.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from blazepose.no_telemetry import openvino

VERSION = f"OpenVINO {openvino.__version__.partition('-')[0]}"


def compile_network(
    file: str,
    *,
    mean: float = 0.0,
    scale: float = 1.0,
    size_wh: tuple[int, int] | None = None,
) -> Any:
    """A network that takes uint8 pictures, as `blazepose` compiles its own.

    Args:
        file: OpenVINO .xml or .onnx.
        mean: the network sees (pixel - mean) / scale.
        scale: see `mean`.
        size_wh: of the picture, for a network (1, 3, H, W) that takes any; it then takes pictures
            (1, H, W, 3).
    """
    core = openvino.Core()
    model = core.read_model(file)
    if size_wh:
        model.reshape([1, 3, size_wh[1], size_wh[0]])
    steps = openvino.preprocess.PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    if size_wh:
        steps.input().tensor().set_layout(openvino.Layout("NHWC"))
        steps.input().model().set_layout(openvino.Layout("NCHW"))
    if (mean, scale) != (0.0, 1.0):
        steps.input().preprocess().convert_element_type(openvino.Type.f32).mean(mean).scale(scale)
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    return core.compile_model(steps.build(), "CPU", options)


def crop(image: np.ndarray, region: tuple[float, float, float], size: int) -> np.ndarray:
    """A square region of an image, black where it goes beyond.

    Args:
        image: (H, W, 3) uint8.
        region: left, top and side in px.
        size: side of the result in px.

    Returns:
        (size, size, 3) uint8.
    """
    left, top, side = region
    scale = size / side
    # Corners lie on corners, hence the half pixels.
    shift = [scale * (0.5 - left) - 0.5, scale * (0.5 - top) - 0.5]
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    return cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR)


def whole(width: int, height: int) -> tuple[float, float, float]:
    """The smallest square round an image: left, top and side in px."""
    side = max(width, height)
    return (width - side) / 2, (height - side) / 2, float(side)
