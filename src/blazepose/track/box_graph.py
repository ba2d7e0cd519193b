"""Person detectors of other makers in OpenVINO: what a file says of itself, and running it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from blazepose.errors import ModelError
from blazepose.no_telemetry import openvino as ov
from blazepose.runtimes.graph import read_model
from blazepose.shapes import Float32, UInt8
from blazepose.track.box_layouts import Layout, Picture, Shape, Signature

SUFFIXES = (".onnx", ".xml")
Graph: TypeAlias = Callable[[UInt8[np.ndarray, "H W 3"]], list[Float32[np.ndarray, "..."]]]

_SIZE = 640  # of most detectors, where a file leaves it free
_ARITHMETIC = {"Add", "Subtract", "Multiply", "Divide"}


def read_graph(path: Path, *, name: str) -> tuple[Any, Signature]:
    """A detector's file, its free axes settled, and what it says of itself.

    Args:
        path: .onnx or .xml.
        name: what messages call it.

    Raises:
        ModelError: it is missing, of another kind, damaged, or takes no picture.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ModelError(f"cannot read {name}: expected a person detector as .onnx or .xml")
    if not path.is_file():
        raise ModelError(f"no such file: {name}")
    model = read_model(path, name=name)
    inputs = tuple(map(_shape, model.inputs))
    size_wh = _settle(model, name)
    first = _first_steps(model.inputs[0])
    kinds = frozenset(step.get_type_name() for step in model.get_ops())
    signature = Signature(
        inputs=inputs,
        outputs={_name(port, i): _shape(port) for i, port in enumerate(model.outputs)},
        size_wh=size_wh,
        first=first,
        kinds=kinds,
        takes_pixels=(bool(first) and first <= _ARITHMETIC)
        or model.inputs[0].element_type.is_integral(),
        classes=_classes(model),
    )
    return model, signature


def compile_graph(model: Any, layout: Layout, *, threads: int | None, name: str) -> Graph:
    """Make a detector ready to run on RGB pictures of its own size.

    Args:
        model: from `read_graph`.
        layout: how its pictures are to be, and which outputs count.
        threads: processor threads; None leaves it to OpenVINO.
        name: what messages call it.

    Returns:
        Picture -> the outputs that count, valid until the next call.

    Raises:
        ModelError: OpenVINO cannot run it.
    """
    names = [_name(port, i) for i, port in enumerate(model.outputs)]
    wanted = [model.outputs[names.index(output)] for output in layout.outputs]
    options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if threads is not None:
        # Not pinned, as several processes would all be held to the first core.
        options |= {"INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
    try:
        cut = ov.Model(wanted, model.get_parameters())
        ready = ov.compile_model(_with_our_picture(cut, layout.picture), "CPU", options)
    except RuntimeError as error:
        raise ModelError(
            f"OpenVINO cannot run {name}: export it as .xml, or without its own choice of boxes"
        ) from error
    request = ready.create_infer_request()

    def run(picture: np.ndarray) -> list[np.ndarray]:
        request.infer([picture[None]], share_inputs=True)
        values = [request.get_output_tensor(i).data for i in range(len(wanted))]
        return [np.asarray(v[0] if layout.batched else v, np.float32) for v in values]

    return run


def _settle(model: Any, name: str) -> tuple[int, int]:
    """Let a graph take one picture at a time, of a known size; its width and height."""
    shape = _shape(model.inputs[0]) if model.inputs else ()
    if len(shape) != 4:
        raise ModelError(f"{name} is no person detector: it takes no picture, but {shape}")
    channels, height, width = _axes(shape)
    said = _literal(_said(model, ["framework", "imgsz"])) or (_SIZE, _SIZE)  # height, width
    free = {channels: 3, height: said[0], width: said[1]}
    settled = [1] + [free[axis] if shape[axis] < 0 else shape[axis] for axis in (1, 2, 3)]
    try:
        if tuple(settled) != shape:
            model.reshape({model.inputs[0]: settled})
    except RuntimeError as error:
        raise ModelError(
            f"{name} cannot take one picture at a time: export it again for a batch of 1"
        ) from error
    return settled[width], settled[height]


def _axes(shape: Shape) -> tuple[int, int, int]:
    """Which axes of an input are channels, height and width."""
    return (3, 1, 2) if shape[3] == 3 and shape[1] != 3 else (1, 2, 3)


def _first_steps(port: Any) -> frozenset[str]:
    """Kinds of the operations that take a port's values, changes of precision aside."""
    steps = [target.get_node() for target in port.get_target_inputs()]
    if [step.get_type_name() for step in steps] == ["Convert"]:
        return _first_steps(steps[0].output(0))
    return frozenset(step.get_type_name() for step in steps)


def _classes(model: Any) -> dict[int, str]:
    """Number -> name of what a detector finds, where its exporter wrote that down."""
    names = _literal(_said(model, ["framework", "names"]))  # in ONNX files
    if isinstance(names, dict):
        return names
    if isinstance(names, list):
        return dict(enumerate(names))
    return dict(enumerate(_said(model, ["model_info", "labels"]).split()))  # in OpenVINO files


def _literal(said: str) -> Any:
    """A value that an exporter wrote as Python would; None where it is nothing of the kind."""
    try:
        return ast.literal_eval(said)
    except (ValueError, SyntaxError):
        return None


def _said(model: Any, place: list[str]) -> str:
    return str(model.get_rt_info(place).value) if model.has_rt_info(place) else ""


def _name(port: Any, index: int) -> str:
    return min(port.names, default=f"output {index}")


def _shape(port: Any) -> Shape:
    shape = port.partial_shape
    if shape.rank.is_dynamic:
        return ()
    return tuple(side.get_length() if side.is_static else -1 for side in shape)


def _with_our_picture(model: Any, picture: Picture) -> Any:
    """Fold the way from RGB pixels to what the network wants into the graph."""
    steps = ov.preprocess.PrePostProcessor(model)
    rgb, bgr = ov.preprocess.ColorFormat.RGB, ov.preprocess.ColorFormat.BGR
    channels, _, _ = _axes(_shape(model.inputs[0]))
    tensor = steps.input().tensor().set_element_type(ov.Type.u8)
    tensor.set_layout(ov.Layout("NHWC")).set_color_format(rgb)
    steps.input().model().set_layout(ov.Layout("NHWC" if channels == 3 else "NCHW"))
    change = steps.input().preprocess().convert_element_type(ov.Type.f32)
    change.convert_color(bgr if picture.bgr else rgb)
    change.mean(list(picture.mean)).scale(list(picture.std))
    return steps.build()
