"""What one visitor is told."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visiting import JPEG

from blazepose.video import frames
from blazepose.web import Options, TrackingSession
from blazepose.web.coaching import EXERCISES, Coaching
from blazepose.web.protocol import Shot, VisitError

CLIP = Path(__file__).parents[3] / "shared" / "data" / "videos" / "squat_front.mp4"


def test_who_wants_no_counting_gets_none() -> None:
    assert Coaching("none")(None, 0.0) is None


@pytest.mark.parametrize("exercise", [name for name in EXERCISES if name != "none"])
def test_counting_begins_at_zero(exercise: str) -> None:
    counted = Coaching(exercise)(None, 0.0)
    assert counted is not None
    assert counted["count"] == 0
    assert counted["remarks"] == []
    assert json.dumps(counted, allow_nan=False)


@pytest.mark.weights
def test_a_picture_without_anybody_has_no_person() -> None:
    session = TrackingSession(Options(exercise="squat"))
    answer = json.loads(session(Shot(5, 0.0, JPEG)))
    assert answer["sequence"] == 5
    assert answer["person"] is None
    assert answer["size_wh"] == [16, 12]
    assert len(json.loads(session.greeting())["skeleton"]["names"]) == 33


@pytest.mark.weights
def test_a_picture_that_is_none_is_refused() -> None:
    with pytest.raises(VisitError):
        TrackingSession(Options())(Shot(0, 0.0, b"no picture"))


@pytest.mark.weights
@pytest.mark.shared
@pytest.mark.slow
def test_the_squat_of_a_clip_is_counted_from_its_pictures() -> None:
    if not CLIP.is_file():
        pytest.skip("no shared/data/videos beside the checkout")
    session = TrackingSession(Options("lite", "squat"))
    counts = []
    for number, frame in enumerate(frames(CLIP)):
        answer = json.loads(session(Shot(number, frame.time_s, _coded(frame.image))))
        counts.append(answer["counter"]["count"])
        assert np.shape(answer["person"]["points"]) == (33, 5)
        assert np.shape(answer["person"]["world"]) == (33, 3)
        assert answer["person"]["angles"]["left_knee"] is not None
    assert counts[0] == 0
    assert counts[-1] == 1
    session.start("squat")
    assert json.loads(session(Shot(0, 0.0, _coded(frame.image))))["counter"]["count"] == 0


def _coded(image: np.ndarray) -> bytes:
    small = Image.fromarray(image).resize((image.shape[1] // 2, image.shape[0] // 2))
    small.save(file := io.BytesIO(), "JPEG", quality=85)
    return file.getvalue()
