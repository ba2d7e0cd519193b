"""OpenVINO, the default: fastest on x86, and it reads .tflite and .onnx as they are."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from blazepose.errors import ModelError
from blazepose.no_telemetry import openvino as ov
from blazepose.runtimes.protocol import Network, match_outputs, one_by_one

_READERS = {".tflite": "tflite", ".onnx": "onnx", ".xml": "ir"}


class OpenVinoRuntime:
    """A compiled network with uint8 input; see `protocol.Runtime`."""

    def __init__(self, compiled: Any, names: list[str]) -> None:
        self._request = compiled.create_infer_request()
        self._outputs = {
            name: _channels_last(self._request.get_output_tensor(i).data)
            for i, name in enumerate(names)
        }

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Run the network on RGB pictures (N, S, S, 3) uint8."""
        return one_by_one(self._run, images)

    def _run(self, image: np.ndarray) -> dict[str, np.ndarray]:
        self._request.infer([image], share_inputs=True, share_outputs=True)
        return self._outputs


def open_model(path: Path, network: Network, name: str, threads: int | None) -> OpenVinoRuntime:
    """Read, cut to the outputs asked for, and compile for the CPU in float32."""
    model = read_model(path, name=name)
    found = match_outputs(network, name, _shapes(model.inputs), _shapes(model.outputs))
    wanted = [model.outputs[index] for index in found.values()]
    try:
        if model.is_dynamic():  # a free batch axis costs a third of the speed on a CPU
            model.reshape([1, network.size, network.size, 3])
        cut = _with_our_ports(ov.Model(wanted, model.get_parameters()), network)
        compiled = _core().compile_model(cut, "CPU", _config(threads))
    except RuntimeError as error:
        raise ModelError(f"OpenVINO cannot run {name}: export it again, or otherwise") from error
    return OpenVinoRuntime(compiled, list(found))


@cache
def _core() -> Any:
    return ov.Core()


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
        return _core().read_model(path)
    except RuntimeError as error:
        raise ModelError(f"cannot read {name or path}: it is damaged, {advice}") from error


def _shapes(ports: Any) -> list[tuple[int, ...]]:
    return [tuple(d.get_length() if d.is_static else -1 for d in p.partial_shape) for p in ports]


def _channels_last(values: np.ndarray) -> np.ndarray:
    """A view of a map (1, C, H, W) as (1, H, W, C); other arrays as they are."""
    return values.transpose(0, 2, 3, 1) if values.ndim == 4 else values


def _with_our_ports(model: Any, network: Network) -> Any:
    """Fold the way from pixels to the network's range into the graph: no copy per frame.

    Maps stay with channels first, as OpenVINO computes them: that saves turning them round, and
    what is near in a map is near in memory.
    """
    steps = ov.preprocess.PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8)
    steps.input().preprocess().convert_element_type(ov.Type.f32).mean(network.mean).scale(
        network.std
    )
    for index, port in enumerate(model.outputs):
        if len(port.partial_shape) == 4:
            steps.output(index).model().set_layout(ov.Layout("NHWC"))
            steps.output(index).tensor().set_layout(ov.Layout("NCHW"))
    return steps.build()


def _config(threads: int | None) -> dict[str, Any]:
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    return options if threads is None else options | {"INFERENCE_NUM_THREADS": threads}
