"""The same crops of people through each runtime, with the released weights."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from blazepose.boxes import sigmoid
from blazepose.geometry import crop
from blazepose.roi import from_detection, whole_image
from blazepose.runtimes import Network, SideBySide, load
from blazepose.runtimes.protocol import MOST_BEGUN
from blazepose.track.detector import Detector
from blazepose.video import frames
from blazepose.weights import store
from blazepose.weights.load import load_tflite
from blazepose.weights.onnx import export_onnx

pytestmark = pytest.mark.weights

POINTS = {"landmarks": (195,), "presence": (1,), "world": (117,)}
EVERYTHING = POINTS | {"mask": (256, 256, 1), "heatmap": (64, 64, 39)}
LANDMARKS = Network("landmark network", size=256, mean=0, std=255, outputs=EVERYTHING)
DETECTOR = Network(
    "detector", size=224, mean=127.5, std=127.5, outputs={"boxes": (2254, 12), "scores": (2254, 1)}
)


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    """A person of the demo clip, cropped in ten frames as the tracker would."""
    detector = Detector.open(store.path("detector"))
    found = []
    with frames(store.path("demo")) as clip:
        for frame in islice(clip, 20, 200, 18):
            height, width = frame.image.shape[:2]
            people = detector(frame.image, whole_image(width, height), threshold=0.3)
            found += [crop(frame.image, from_detection(person), 256) for person in people]
    assert len(found) >= 10
    return np.stack(found)


@pytest.mark.parametrize("model", ["lite", "full", "heavy"])
def test_openvino_and_litert_agree_on_landmarks(model: str, crops: np.ndarray) -> None:
    path = store.path(model)
    ours = load(path, LANDMARKS, runtime="openvino", precision="float32")(crops)
    theirs = load(path, LANDMARKS, runtime="litert", threads=2)(crops)
    _assert_same_landmarks(ours, theirs)


@pytest.mark.parametrize("runtime", ["openvino", "onnx"])
def test_an_exported_network_agrees_with_the_released_file(
    runtime: str, crops: np.ndarray, tmp_path: Path
) -> None:
    released = store.path("full")
    export_onnx(load_tflite(released), tmp_path / "full.onnx")
    ours = load(tmp_path / "full.onnx", LANDMARKS, runtime=runtime, precision="float32")(crops)
    _assert_same_landmarks(ours, load(released, LANDMARKS, runtime="litert", threads=2)(crops))


def test_pytorch_agrees_with_litert(crops: np.ndarray) -> None:
    path = store.path("full")
    ours = load(path, LANDMARKS, runtime="torch")(crops)
    _assert_same_landmarks(ours, load(path, LANDMARKS, runtime="litert", threads=2)(crops))


@pytest.mark.parametrize("runtime", ["openvino", "litert", "torch"])
def test_runtimes_agree_on_detections(runtime: str, crops: np.ndarray) -> None:
    path = store.path("detector")
    small = np.ascontiguousarray(crops[:, :224, :224])
    found = load(path, DETECTOR, runtime=runtime, precision="float32")(small)
    expected = load(path, DETECTOR, runtime="litert")(small)
    assert np.abs(found["boxes"] - expected["boxes"]).max() < 0.05
    assert np.abs(sigmoid(found["scores"]) - sigmoid(expected["scores"])).max() < 1e-3


@pytest.mark.parametrize("runtime", ["openvino", "litert", "torch"])
def test_a_batch_gives_what_each_picture_gives_and_cutting_outputs_changes_nothing(
    runtime: str, crops: np.ndarray
) -> None:
    path = store.path("full")
    few = Network("landmark network", size=256, mean=0, std=255, outputs=POINTS)
    whole, cut = (
        load(path, network, runtime=runtime, precision="float32") for network in (LANDMARKS, few)
    )
    batch = {name: values.copy() for name, values in whole(crops).items()}
    for i, picture in enumerate(crops):
        points = cut(picture[None])
        assert set(points) == set(POINTS)
        for name, values in points.items():
            assert values[0] == pytest.approx(batch[name][i], abs=2e-3)


@pytest.mark.parametrize(("model", "most_px"), [("lite", 2.5), ("full", 1.0), ("heavy", 1.5)])
def test_mixed_precision_stays_near_float32(model: str, most_px: float, crops: np.ndarray) -> None:
    path = store.path(model)
    exact, mixed = (
        load(path, LANDMARKS, runtime="openvino", precision=precision)(crops)
        for precision in ("float32", "mixed")
    )
    assert set(mixed) == set(exact)
    people = exact["presence"][:, 0] > 0.9
    assert people.sum() >= 5
    away = np.abs(mixed["landmarks"] - exact["landmarks"]).reshape(-1, 39, 5)[people, :33, :2]
    assert np.median(away) < most_px  # of the crop
    assert mixed["presence"][people].min() > 0.5  # still people


def test_coordinates_of_mixed_precision_are_finer_than_bfloat16(crops: np.ndarray) -> None:
    mixed = load(store.path("full"), LANDMARKS, runtime="openvino", precision="mixed")(crops)
    values = mixed["landmarks"]
    as_bfloat16 = (values.view(np.uint32) & 0xFFFF0000).view(np.float32)
    assert (values != as_bfloat16).mean() > 0.9


def _assert_same_landmarks(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    assert set(ours) == set(EVERYTHING)
    assert np.abs(ours["landmarks"] - theirs["landmarks"]).max() < 0.05
    assert np.abs(ours["world"] - theirs["world"]).max() < 1e-3
    assert np.abs(ours["presence"] - theirs["presence"]).max() < 1e-3
    for name in ("mask", "heatmap"):
        assert np.abs(sigmoid(ours[name]) - sigmoid(theirs[name])).max() < 5e-3


@pytest.mark.parametrize("runtime", ["openvino", "litert", "torch"])
def test_pictures_one_by_one_give_what_each_gives_also_after_a_reader_broke_off(
    runtime: str, crops: np.ndarray
) -> None:
    few = Network("landmark network", size=256, mean=0, std=255, outputs=POINTS)
    network = load(store.path("lite"), few, runtime=runtime, precision="float32")
    alone = [{name: v[0].copy() for name, v in network(c[None]).items()} for c in crops]
    next(iter(network.each(iter(crops))))
    count = 0
    for expected, found in zip(alone, network.each(iter(crops)), strict=True):
        for name, values in expected.items():
            assert found[name] == pytest.approx(values, rel=1e-3, abs=1e-2)
        count += 1
    assert count == len(crops)


def test_pictures_that_began_side_by_side_have_the_answers_of_calls(crops: np.ndarray) -> None:
    network = load(store.path("lite"), LANDMARKS, precision="float32")
    assert isinstance(network, SideBySide)
    expected = network(crops)["landmarks"]
    abandoned = [network.begin(crop) for crop in crops[:3]]
    waiting = [network.begin(crop) for crop in crops[-2:]]
    found = [wait()["landmarks"] for wait in waiting]
    assert len(abandoned) == 3
    assert np.abs(np.stack(found) - expected[-2:]).max() < 0.05


def test_what_began_keeps_its_answer_whatever_is_called_meanwhile(crops: np.ndarray) -> None:
    for _ in range(2):  # the second finds a compiled copy, and compiles nothing for calls yet
        network = load(store.path("lite"), LANDMARKS, precision="float32")
    assert isinstance(network, SideBySide)
    network.prepare(begin=True)  # so that calls borrow what `begin` uses
    expected = network.begin(crops[0])()["landmarks"].copy()
    waiting = [network.begin(crop) for crop in crops[:2]]
    for _ in range(MOST_BEGUN):
        network(crops[-1:])
    assert np.abs(waiting[0]()["landmarks"] - expected).max() < 0.05


def test_many_calls_in_a_row_all_have_the_same_answer_whatever_was_prepared(
    crops: np.ndarray,
) -> None:
    network = load(store.path("lite"), LANDMARKS, precision="float32")
    assert isinstance(network, SideBySide)
    network.prepare(begin=True)
    network.prepare(begin=False)
    # The first are lent what `begin` uses, which is let go when one for calls is there.
    found = [network(crops[:1])["landmarks"].copy() for _ in range(40)]
    assert np.abs(np.stack(found) - found[-1]).max() < 0.05
    began = network.begin(crops[0])
    assert np.abs(began()["landmarks"] - found[-1][0]).max() < 0.05


_FORKED = """
import multiprocessing, sys
import numpy as np
from blazepose import Tracker

tracker = Tracker("lite")

def track(_):
    return len(tracker(np.zeros((64, 64, 3), np.uint8)))

with multiprocessing.get_context("fork").Pool(1) as pool:
    try:
        pool.map_async(track, [0]).get(timeout=60)
    except RuntimeError as error:
        sys.exit(str(error))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_forked_process_is_told_to_make_its_own_tracker() -> None:
    ended = subprocess.run([sys.executable, "-c", _FORKED], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "make the Tracker in each process" in ended.stderr
