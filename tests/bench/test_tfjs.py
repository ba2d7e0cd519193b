"""TensorFlow.js graphs made by hand, computed by OpenVINO and by hand."""

import base64
from pathlib import Path

import numpy as np
import pytest

from blazepose.bench.tfjs import frozen_graph
from blazepose.errors import ModelError
from blazepose.no_telemetry import openvino

WEIGHT = np.array([[[[2.0, -1.0]]]], np.float32)  # (1, 1, 1, 2)
BIAS = np.array([0.5, 3.0], np.float32)


def word(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def model(*, fused: tuple[str, ...] = ("BiasAdd", "Relu6"), kept: str = "float32") -> dict:
    """A 1x1 convolution of a 2x2 picture, with what is fused to it."""
    shape = {"shape": {"dim": [{"size": str(n)} for n in (1, 2, 2, 1)]}}
    kind = {"type": "DT_FLOAT"}
    attributes = {
        "T": kind,
        "strides": {"list": {"i": ["1", "1", "1", "1"]}},
        "dilations": {"list": {"i": ["1", "1", "1", "1"]}},
        "padding": {"s": word("SAME")},
        "data_format": {"s": word("NHWC")},
        "fused_ops": {"list": {"s": [word(step) for step in fused]}},
        "num_args": {"i": "1"},
    }
    tensor = {"value": {"tensor": {"dtype": "DT_FLOAT"}}, "dtype": kind}
    nodes = [
        {
            "name": "x",
            "op": "Placeholder",
            "attr": {"dtype": kind, "shape": shape},
        },
        {"name": "w", "op": "Const", "attr": tensor},
        {"name": "b", "op": "Const", "attr": tensor},
        {"name": "y", "op": "_FusedConv2D", "input": ["x", "w", "b"], "attr": attributes},
    ]
    rows = [
        {"name": name, "shape": list(values.shape), "dtype": "float32"}
        | ({} if kept == "float32" else {"quantization": {"dtype": kept}})
        for name, values in (("w", WEIGHT), ("b", BIAS))
    ]
    return {"modelTopology": {"node": nodes}, "weightsManifest": [{"weights": rows}]}


def run(content: bytes, folder: Path) -> np.ndarray:
    file = folder / "graph.pb"
    file.write_bytes(content)
    compiled = openvino.Core().compile_model(file, "CPU")
    return compiled([np.array([0, 1, 2, 4], np.float32).reshape(1, 2, 2, 1)])[0].reshape(4, 2)


@pytest.mark.parametrize("kept", ["float32", "float16"])
def test_a_fused_convolution_computes_what_its_parts_say(tmp_path, kept):
    weights = b"".join(values.astype(kept).tobytes() for values in (WEIGHT, BIAS))
    found = run(frozen_graph(model(kept=kept), weights), tmp_path)
    assert found.tolist() == [[0.5, 3.0], [2.5, 2.0], [4.5, 1.0], [6.0, 0.0]]


def test_a_bias_alone_is_fused_too(tmp_path):
    weights = WEIGHT.tobytes() + BIAS.tobytes()
    found = run(frozen_graph(model(fused=("BiasAdd",)), weights), tmp_path)
    assert found[3].tolist() == [8.5, -1.0]


def test_an_unknown_step_is_told():
    with pytest.raises(ModelError, match="y: expected BiasAdd, Relu or Relu6 fused, got"):
        frozen_graph(model(fused=("BiasAdd", "Elu")), WEIGHT.tobytes() + BIAS.tobytes())


def test_weights_that_end_early_are_told():
    with pytest.raises(ModelError, match="end within b"):
        frozen_graph(model(), WEIGHT.tobytes())
