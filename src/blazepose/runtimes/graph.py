"""OpenVINO's graphs: a model file read, cut to the outputs asked for, and given our input."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from blazepose.errors import ModelError
from blazepose.no_telemetry import openvino as ov
from blazepose.runtimes import split
from blazepose.runtimes.protocol import Network, match_outputs
from blazepose.runtimes.split import Parts

_READERS = {".tflite": "tflite", ".onnx": "onnx", ".xml": "ir"}


@cache
def core() -> Any:
    """The one of this process."""
    return ov.Core()


def has_bfloat16() -> bool:
    """Whether the processor computes in bfloat16, at about twice the speed."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def read_model(path: Path, *, name: str | None = None) -> Any:
    """The graph in a model file, as OpenVINO holds it.

    Args:
        path: .tflite, .onnx or .xml.
        name: what the user calls it, if not by its path.

    Raises:
        ModelError: the content is of another kind, or damaged.
    """
    suffix, advice = path.suffix.lower(), "fetch or export it again"
    reader = ov.frontend.FrontEndManager().load_by_framework(_READERS[suffix])
    if not reader.supported(str(path)):  # else OpenVINO tries every reader, and they fill stderr
        raise ModelError(f"cannot read {name or path}: its content is no {suffix} model, {advice}")
    try:
        return core().read_model(path)
    except RuntimeError as error:
        raise ModelError(f"cannot read {name or path}: it is damaged, {advice}") from error


def parts_of(path: Path, network: Network, name: str, *, is_mixed: bool) -> Parts | None:
    """The network in a model file, cut to the outputs asked for; None: it cannot be mixed."""
    model = read_model(path, name=name)
    found = match_outputs(network, name, _shapes(model.inputs), _shapes(model.outputs))
    wanted = [model.outputs[index] for index in found.values()]
    try:
        if model.is_dynamic():  # a free batch axis costs a third of the speed on a CPU
            model.reshape([1, network.size, network.size, 3])
        cut = ov.Model(wanted, model.get_parameters())
        cut = _with_our_ports(cut, network, channels_first=is_mixed)
        return split.split(cut, list(found)) if is_mixed else Parts(cut, (), tuple(found))
    except RuntimeError as error:
        raise unusable(name) from error


def unusable(name: str) -> ModelError:
    """The error where OpenVINO reads a file and cannot run it."""
    return ModelError(f"OpenVINO cannot run {name}: export it again, or otherwise")


def _shapes(ports: Any) -> list[tuple[int, ...]]:
    return [tuple(d.get_length() if d.is_static else -1 for d in p.partial_shape) for p in ports]


def _with_our_ports(model: Any, network: Network, *, channels_first: bool) -> Any:
    """Fold the way from pixels to the network's range into the graph: no copy per frame.

    Maps stay as OpenVINO computes them, which saves turning them round (a 20th of Full's time):
    channels last in float32, first in bfloat16.
    """
    steps = ov.preprocess.PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8)
    steps.input().preprocess().convert_element_type(ov.Type.f32).mean(network.mean).scale(
        network.std
    )
    for index, port in enumerate(model.outputs):
        if channels_first and len(port.partial_shape) == 4:
            steps.output(index).model().set_layout(ov.Layout("NHWC"))
            steps.output(index).tensor().set_layout(ov.Layout("NCHW"))
    return steps.build()
