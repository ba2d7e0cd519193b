"""The same crops of people through each runtime, with the released weights."""

from itertools import islice

import numpy as np
import pytest

from blazepose.boxes import sigmoid
from blazepose.geometry import crop
from blazepose.roi import from_detection, whole_image
from blazepose.runtimes import Network, load
from blazepose.track.detector import Detector
from blazepose.video import frames
from blazepose.weights import store

pytestmark = pytest.mark.weights

POINTS = {"landmarks": (195,), "presence": (1,), "world": (117,)}
EVERYTHING = POINTS | {"mask": (256, 256, 1), "heatmap": (64, 64, 39)}
LANDMARKS = Network("landmark network", size=256, mean=0, std=255, outputs=EVERYTHING)
DETECTOR = Network(
    "detector", size=224, mean=127.5, std=127.5, outputs={"places": (2254, 12), "scores": (2254, 1)}
)


@pytest.fixture(scope="module")
def crops() -> list[np.ndarray]:
    """A person of the demo clip, cropped in ten frames as the tracker would."""
    detector = Detector.open(store.path("detector"))
    found = []
    with frames(store.path("demo")) as clip:
        for frame in islice(clip, 20, 200, 18):
            height, width = frame.image.shape[:2]
            people = detector(frame.image, whole_image(width, height), threshold=0.3)
            found += [crop(frame.image, from_detection(person), 256) for person in people]
    assert len(found) >= 10
    return found


@pytest.mark.parametrize("model", ["lite", "full", "heavy"])
def test_openvino_and_litert_agree_on_landmarks(model: str, crops: list[np.ndarray]) -> None:
    path = store.path(model)
    openvino = load(path, LANDMARKS, runtime="openvino")
    litert = load(path, LANDMARKS, runtime="litert", threads=2)
    for picture in crops:
        ours, theirs = openvino(picture), litert(picture)
        assert set(ours) == set(EVERYTHING)
        assert np.abs(ours["landmarks"] - theirs["landmarks"]).max() < 0.05
        assert np.abs(ours["world"] - theirs["world"]).max() < 1e-3
        assert np.abs(ours["presence"] - theirs["presence"]).max() < 1e-3
        for name in ("mask", "heatmap"):
            assert np.abs(sigmoid(ours[name]) - sigmoid(theirs[name])).max() < 5e-3


def test_openvino_and_litert_agree_on_detections(crops: list[np.ndarray]) -> None:
    path = store.path("detector")
    openvino, litert = (load(path, DETECTOR, runtime=r) for r in ("openvino", "litert"))
    for picture in crops:
        small = picture[:224, :224]
        ours, theirs = openvino(small), litert(small)
        assert np.abs(ours["places"] - theirs["places"]).max() < 0.05
        assert np.abs(ours["scores"] - theirs["scores"]).max() < 0.01


@pytest.mark.parametrize("runtime", ["openvino", "litert"])
def test_cutting_outputs_off_does_not_change_the_others(
    runtime: str, crops: list[np.ndarray]
) -> None:
    path = store.path("full")
    few = Network("landmark network", size=256, mean=0, std=255, outputs=POINTS)
    whole, cut = load(path, LANDMARKS, runtime=runtime), load(path, few, runtime=runtime)
    for picture in crops:
        everything, points = whole(picture), cut(picture)
        assert set(points) == set(POINTS)
        for name, values in points.items():
            assert values == pytest.approx(everything[name], abs=1e-3)
