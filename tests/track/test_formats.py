"""A tracker runs whatever format its model comes in."""

from pathlib import Path

import numpy as np
import pytest

import blazepose as bp
from blazepose.errors import ModelError
from blazepose.track.models import fetch, model_files
from blazepose.weights import store
from blazepose.weights.checkpoint import save_checkpoint
from blazepose.weights.load import load_tflite
from blazepose.weights.onnx import export_onnx
from blazepose.weights.openvino import export_openvino
from blazepose.weights.task import write_task

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def frame() -> bp.Frame:
    with bp.frames(store.path("demo")) as clip:
        return next(frame for frame in clip if frame.index == 78)


def _file(folder: Path, suffix: str) -> Path:
    """The released network `full` in another format."""
    path = folder / f"full{suffix}"
    if suffix == ".task":
        detector, landmarks = (store.path(name).read_bytes() for name in ("detector", "full"))
        write_task(path, detector=detector, landmarks=landmarks)
        return path
    write = {".onnx": export_onnx, ".xml": export_openvino, ".safetensors": save_checkpoint}
    write[suffix](load_tflite(store.path("full")), path)
    return path


@pytest.mark.parametrize("suffix", [".onnx", ".xml", ".safetensors", ".task"])
def test_a_model_in_another_format_gives_the_same_pose(
    frame: bp.Frame, tmp_path: Path, suffix: str
) -> None:
    (expected,) = bp.Tracker("full", precision="float32")(frame)
    tracker = bp.Tracker(_file(tmp_path, suffix), precision="float32")
    (pose,) = tracker(frame, roi=expected.roi)
    assert np.abs(pose.points - expected.points).max() < 0.1
    assert np.abs(pose.world - expected.world).max() < 1e-3
    assert pose.score == pytest.approx(expected.score, abs=1e-3)


def test_a_runtime_that_cannot_read_the_detector_computes_the_rest(
    frame: bp.Frame, tmp_path: Path
) -> None:
    (expected,) = bp.Tracker("full", precision="float32")(frame)
    tracker = bp.Tracker(_file(tmp_path, ".onnx"), runtime="onnx")
    (pose,) = tracker(frame)
    gap = np.linalg.norm((pose.points - expected.points)[:, :2], axis=1)
    assert gap.max() < 0.01 * expected.roi.size  # the region is not the same to the bit
    with pytest.raises(ModelError, match=r"onnx reads \.onnx, not"):
        bp.Tracker("full", runtime="onnx")


def test_a_suffix_may_be_in_capitals(frame: bp.Frame, tmp_path: Path) -> None:
    for suffix in (".onnx", ".task"):
        file = _file(tmp_path, suffix)
        assert bp.Tracker(file.rename(file.with_suffix(suffix.upper())))(frame)


def test_the_released_detector_is_fetched_where_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def path(name: str, **options: object) -> Path:
        fetched.append(name)
        return whole(name)

    fetched, whole = list[str](), store.path
    monkeypatch.setattr(store, "path", path)
    fetch("full-plus", "finder")
    bp.Tracker("full-plus", people="all")
    assert "detector" not in fetched
    fetch("full-plus")
    assert "detector" in fetched


def test_a_bundle_brings_its_own_detector(tmp_path: Path) -> None:
    files = model_files(_file(tmp_path, ".task"))
    assert files.detector.read_bytes() == store.path("detector").read_bytes()
    assert files.landmarks.read_bytes() == store.path("full").read_bytes()


@pytest.mark.parametrize("member", ["pose_detector.tflite", "pose_landmarks_detector.tflite"])
def test_a_damaged_network_in_a_bundle_is_told_by_the_bundles_name(
    tmp_path: Path, member: str
) -> None:
    networks = {"detector": store.path("detector"), "landmarks": store.path("full")}
    contents = {role: file.read_bytes() for role, file in networks.items()}
    contents["landmarks" if "landmarks" in member else "detector"] = b"\x1c\0\0\0TFL3 and no more"
    write_task(tmp_path / "mine.task", **contents)
    with pytest.raises(ModelError, match=rf"cannot read {member} in .*mine\.task: it is damaged"):
        bp.Tracker(tmp_path / "mine.task")


def test_a_detector_is_no_landmark_network() -> None:
    with pytest.raises(ModelError, match="no landmark network"):
        bp.Tracker("detector")
