"""Small detector files that really look: they see the white rectangle in a dark picture.

Each works out the corners of what is white in its input and writes them down the way a family of
detectors does, so that a test goes through a whole file: picture in, boxes out. The families'
outputs are linear in the corners; where they are not, a file says a constant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH, HEIGHT = 128, 96
FINE = 12 * 16 + 6 * 8 + 3 * 4  # cells of the strides 8, 16, 32
COARSE = FINE + 2 * 2  # and 64

Table = tuple[np.ndarray, np.ndarray]
"""What a file says: a constant array, and what each corner (4, ...) adds to it for each px."""


def table(shape: Sequence[int]) -> Table:
    """Zeros, to be filled."""
    return np.zeros(shape, np.float32), np.zeros((4, *shape), np.float32)


def say_corners(said: Table, places: Sequence[tuple[int, ...]]) -> None:
    """Write x0, y0, x1, y1 to four places of a table."""
    for corner, place in enumerate(places):
        said[1][corner][place] = 1


def say_centre(said: Table, places: Sequence[tuple[int, ...]]) -> None:
    """Write the middle x, middle y, width, height to four places of a table."""
    for axis in (0, 1):
        low, high = said[1][axis], said[1][axis + 2]
        low[places[axis]] = high[places[axis]] = 0.5
        low[places[axis + 2]], high[places[axis + 2]] = -1, 1


def write_file(
    path: Path,
    outputs: Mapping[str, Table],
    *,
    start: Sequence[onnx.NodeProto] = (),
    constants: Mapping[str, np.ndarray] | None = None,
    sides: Sequence[int | str] = (1, 3, HEIGHT, WIDTH),
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """An ONNX file that says `outputs` of the white rectangle in its picture.

    Args:
        path: where to.
        outputs: name -> table.
        start: steps from "images" to "seen"; by default all of it is seen as it is.
        constants: that the steps take.
        sides: of the input; a word for a free axis.
        metadata: as exporters add it.
    """
    steps = list(start) or [helper.make_node("Relu", ["images"], ["seen"])]
    values = _extent(steps, 1 if sides[1] == 3 else 3) | dict(constants or {})
    for name, (base, slopes) in outputs.items():
        values |= {
            f"{name} base": base.reshape(-1),
            f"{name} slopes": slopes.reshape(4, -1),
            f"{name} shape": np.array(base.shape),
        }
        steps += [
            helper.make_node("MatMul", ["corners", f"{name} slopes"], [f"{name} moved"]),
            helper.make_node("Add", [f"{name} moved", f"{name} base"], [f"{name} flat"]),
            helper.make_node("Reshape", [f"{name} flat", f"{name} shape"], [name]),
        ]
    graph = helper.make_graph(
        steps,
        "detector",
        [_port("images", sides)],
        [_port(name, said[0].shape) for name, said in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    return save(path, graph, metadata=metadata)


def save(path: Path, graph: onnx.GraphProto, *, metadata: Mapping[str, str] | None = None) -> Path:
    """Write a graph, checked, with metadata."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, dict(metadata or {}))
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def _port(name: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _extent(steps: list[onnx.NodeProto], channels: int) -> dict[str, np.ndarray]:
    """Add steps from "seen" to "corners" (4,), px: x0, y0, x1, y1 of what is white.

    White is what lies above 0.7 of the way from the darkest to the brightest value, so that it is
    white in whatever range, and grey borders are not.
    """
    height, width = {1: (2, 3), 3: (1, 2)}[channels]
    steps += [
        helper.make_node("ReduceMax", ["seen"], ["brightest"], keepdims=0),
        helper.make_node("ReduceMin", ["seen"], ["darkest"], keepdims=0),
        helper.make_node("Sub", ["brightest", "darkest"], ["range"]),
        helper.make_node("Mul", ["range", "share"], ["step"]),
        helper.make_node("Add", ["darkest", "step"], ["limit"]),
    ]
    corners = []
    for name, others, length in (
        ("x", [0, channels, height], WIDTH),
        ("y", [0, channels, width], HEIGHT),
    ):
        steps += [
            helper.make_node("ReduceMax", ["seen"], [f"{name} line"], axes=others, keepdims=0),
            helper.make_node("Greater", [f"{name} line", "limit"], [f"{name} white"]),
            helper.make_node("Where", [f"{name} white", f"{name} from", "far"], [f"{name} starts"]),
            helper.make_node("Where", [f"{name} white", f"{name} to", "near"], [f"{name} ends"]),
            helper.make_node("ReduceMin", [f"{name} starts"], [f"{name}0"], axes=[0]),
            helper.make_node("ReduceMax", [f"{name} ends"], [f"{name}1"], axes=[0]),
        ]
        corners.append((f"{name} from", np.arange(length, dtype=np.float32)))
        corners.append((f"{name} to", np.arange(1, length + 1, dtype=np.float32)))
    steps.append(helper.make_node("Concat", ["x0", "y0", "x1", "y1"], ["corners"], axis=0))
    limits = {"share": np.float32(0.7), "far": np.float32(1e6), "near": np.float32(-1e6)}
    return {name: np.asarray(value) for name, value in limits.items()} | dict(corners)
