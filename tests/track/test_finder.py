"""Our own finder of whole people, on real pictures."""

from pathlib import Path

import numpy as np
import pytest

import blazepose as bp
from blazepose.errors import ModelError
from blazepose.pose import Frame
from blazepose.roi import from_detection, whole_image
from blazepose.track.box_detector import open_detector
from blazepose.track.finder import Finder
from blazepose.track.models import open_finder
from blazepose.video import read_image
from blazepose.weights import store

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def frame() -> Frame:
    """The first of a clip with one person."""
    clip = DATA / "videos" / "squat_front.mp4"
    if not clip.is_file():
        pytest.skip("no shared/data/videos beside the checkout")
    with bp.frames(clip) as source:
        return next(iter(source))


@pytest.fixture(scope="module")
def finder() -> Finder:
    found = open_finder(threads=1)
    assert isinstance(found, Finder)
    return found


def test_a_black_picture_has_nobody(finder: Finder) -> None:
    image = np.zeros((240, 320, 3), np.uint8)
    assert finder(image, whole_image(320, 240), threshold=0.3) == []


@pytest.mark.weights
@pytest.mark.shared
def test_a_person_is_found_with_box_and_region(finder: Finder, frame: Frame) -> None:
    height, width = frame.image.shape[:2]
    (best, *_) = finder(frame.image, whole_image(width, height), threshold=0.3)
    (pose,) = bp.Tracker("lite")(frame)
    points = pose.points[:, :2]
    low, high = best.box_xyxy[:2], best.box_xyxy[2:]
    assert ((points > low - 0.1 * height) & (points < high + 0.1 * height)).mean() > 0.9
    hip = points[[23, 24]].mean(axis=0)
    region = from_detection(best)
    assert np.hypot(*np.subtract(region.center_xy, hip)) < 0.25 * region.size
    assert np.isnan(best.points[3]).all()


@pytest.mark.shared
def test_the_region_looked_at_does_not_matter(finder: Finder, frame: Frame) -> None:
    height, width = frame.image.shape[:2]
    whole = finder(frame.image, whole_image(width, height), threshold=0.3)[0]
    turned = np.ascontiguousarray(np.rot90(frame.image, 3))  # a quarter turn clockwise
    look = whole_image(height, width, angle_rad=np.pi / 2)
    again = finder(turned, look, threshold=0.3)[0]
    x0, y0, x1, y1 = again.box_xyxy
    back = np.array([y0, height - x1, y1, height - x0])
    assert back == pytest.approx(whole.box_xyxy, abs=0.03 * height)


def test_a_file_of_a_finder_is_known_by_what_it_says(tmp_path: Path) -> None:
    copy = tmp_path / "mine.tflite"
    copy.write_bytes(store.path("finder").read_bytes())
    assert isinstance(open_detector(copy, threads=1), Finder)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    copy = tmp_path / "mine.tflite"
    copy.write_bytes(store.path("finder").read_bytes()[:100_000])
    with pytest.raises(ModelError, match="mine"):
        open_detector(copy)


@pytest.mark.weights
@pytest.mark.shared
def test_a_tracker_asks_the_finder_where_the_detector_sees_nobody() -> None:
    photo = DATA / "lsp" / "images" / "im0018.jpg"
    if not photo.is_file():
        pytest.skip("no shared/data/lsp beside the checkout")
    image = read_image(photo)
    assert bp.Tracker("full", detector="detector", precision="float32")(image) == []
    tracker = bp.Tracker("full", precision="float32")
    (pose,) = tracker(image)
    assert pose.score > 0.5
    tracker.reset()
    assert tracker(Frame(np.zeros_like(image), 0.0)) == []
    assert tracker(Frame(image, 0.05)) == []  # asked a moment ago
    assert tracker(Frame(image, 0.1)) or tracker(Frame(image, 0.2))  # a part, then the whole
