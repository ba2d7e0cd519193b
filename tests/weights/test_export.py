"""The ring: released file -> PyTorch -> each format -> its runtime, against the released file."""

import json

import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter

from blazepose.errors import ModelError, OutputError
from blazepose.nets.build import build
from blazepose.no_telemetry import openvino as ov
from blazepose.skeleton import LSP14
from blazepose.weights.checkpoint import KEY, Checkpoint
from blazepose.weights.export import export, export_task
from blazepose.weights.formats import EXPORTS
from blazepose.weights.layout import INPUT
from blazepose.weights.load import load_network, load_task
from blazepose.weights.tflite import read_tflite


def _run_litert(file, images):
    interpreter = Interpreter(str(file))
    interpreter.allocate_tensors()
    place, *outputs = (
        detail["index"]
        for detail in interpreter.get_input_details() + interpreter.get_output_details()
    )
    rows = []
    for image in images:
        interpreter.set_tensor(place, image[None])
        interpreter.invoke()
        rows.append([interpreter.get_tensor(index)[0] for index in outputs])
    return [np.stack(values) for values in zip(*rows, strict=True)]


def _run_onnx(file, images):
    return onnxruntime.InferenceSession(file).run(None, {INPUT: images})


def _run_openvino(file, images):
    hint = {"INFERENCE_PRECISION_HINT": "f32"}
    return list(ov.Core().compile_model(file, "CPU", hint)([images]).to_tuple())


RUNS = {"onnx": _run_onnx, "openvino": _run_openvino, "tflite": _run_litert}


@pytest.mark.weights
@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("half", [False, True], ids=["float32", "float16"])
@pytest.mark.parametrize("to", list(RUNS))
@pytest.mark.parametrize("name", ["lite", "detector"])
def test_an_exported_file_computes_what_the_released_one_does(
    name, to, half, released, crops, tmp_path
):
    checkpoint = load_network(released(name))
    images = np.ascontiguousarray(crops(checkpoint.network)[:8].transpose(0, 2, 3, 1))
    file = tmp_path / f"{name}{EXPORTS[to]}"
    export(checkpoint, file, to=to, half=half)
    theirs, ours = _run_litert(released(name), images), RUNS[to](file, images)
    assert [values.shape for values in ours] == [values.shape for values in theirs]
    assert np.abs(ours[0] - theirs[0]).max() < (0.5 if half else 0.1)  # px


@pytest.mark.weights
@pytest.mark.slow
def test_a_bundle_goes_back_to_the_same_networks(released, tmp_path):
    landmarks, file = load_network(released("lite")), tmp_path / "lite.task"
    export_task(landmarks, file, detector=released("detector").read_bytes(), half=True)
    detector, again = load_task(file)
    assert (detector.name, again.name) == ("detector", "lite")
    before, after = landmarks.network.state_dict(), again.network.state_dict()
    assert all((before[name] == after[name]).all() for name in before)


@pytest.mark.slow
def test_a_custom_skeleton_is_in_the_exported_file(tmp_path):
    checkpoint = Checkpoint("paper-lite", build("paper-lite", skeleton=LSP14), LSP14)
    export(checkpoint, tmp_path / "mine.tflite", to="tflite")
    metadata = read_tflite(tmp_path / "mine.tflite").metadata
    assert json.loads(metadata[KEY])["skeleton"]["names"] == list(LSP14.names)
    export(checkpoint, tmp_path / "mine.onnx", to="onnx")
    session = onnxruntime.InferenceSession(tmp_path / "mine.onnx")
    description = json.loads(session.get_modelmeta().custom_metadata_map[KEY])
    assert description["skeleton"]["names"] == list(LSP14.names)
    assert [output.shape for output in session.get_outputs()] == [["batch", 70], ["batch", 1]]


@pytest.mark.slow
def test_coreml_gets_the_released_names_and_an_older_package_is_replaced(tmp_path):
    coremltools = pytest.importorskip("coremltools")
    file = tmp_path / "face.mlpackage"
    for _ in range(2):
        export(Checkpoint("face", build("face")), file, to="coreml")
    description = coremltools.utils.load_spec(str(file)).description
    assert [port.name for port in description.input] == [INPUT]
    assert [port.name for port in description.output] == ["Identity", "Identity_1"]
    assert KEY in description.metadata.userDefined
    assert [found.name for found in tmp_path.iterdir()] == ["face.mlpackage"]


def test_a_network_that_mediapipe_cannot_read_is_not_bundled(tmp_path):
    checkpoint = Checkpoint("paper-lite", build("paper-lite", skeleton=LSP14), LSP14)
    with pytest.raises(ModelError, match="MediaPipe reads only lite, full and heavy with 39"):
        export_task(checkpoint, tmp_path / "mine.task", detector=b"")


def test_an_unknown_format_is_answered_with_the_known_ones(tmp_path):
    checkpoint = Checkpoint("face", build("face"))
    with pytest.raises(ValueError, match="did you mean 'onnx'"):
        export(checkpoint, tmp_path / "mine", to="onx")


@pytest.mark.parametrize("to", ["onnx", "openvino"])
def test_a_place_that_cannot_be_written_is_named(to, tmp_path):
    checkpoint = Checkpoint("face", build("face"))
    file = tmp_path / "gone" / f"face{EXPORTS[to]}"
    with pytest.raises(OutputError, match=r"cannot write .*gone"):
        export(checkpoint, file, to=to)
