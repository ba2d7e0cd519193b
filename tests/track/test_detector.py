import math

import pytest
from people import RADIUS, detector, picture

from blazepose.pose import Roi
from blazepose.roi import whole_image
from blazepose.track.detector import Detector


@pytest.mark.parametrize("size_wh", [(400, 400), (640, 360), (300, 500)])
def test_a_person_is_found_where_it_is_in_the_frame(size_wh: tuple[int, int]) -> None:
    image = picture(*size_wh, spot=(120, 200))
    (found,) = Detector(detector())(image, whole_image(*size_wh), threshold=0.5)
    assert found.points[0] == pytest.approx([120.5, 200.5], abs=2)
    assert found.points[1] == pytest.approx([120.5, 200.5 - RADIUS * max(size_wh)], abs=2)
    assert found.score == pytest.approx(1 / (1 + math.exp(-3)))


def test_a_person_is_found_in_a_turned_tile() -> None:
    image = picture(spot=(120, 200))
    tile = Roi((140.0, 190.0), 200.0, math.pi / 2)
    (found,) = Detector(detector())(image, tile, threshold=0.5)
    assert found.points[0] == pytest.approx([120.5, 200.5], abs=1.5)
    # Upright in a tile turned clockwise is to the right in the frame.
    assert found.points[1] == pytest.approx([120.5 + RADIUS * 200, 200.5], abs=1.5)
    assert (found.box_xyxy[2:] > found.box_xyxy[:2]).all()


def test_nobody_is_an_empty_list() -> None:
    assert Detector(detector())(picture(), whole_image(400, 400), threshold=0.5) == []


def test_a_score_under_the_threshold_does_not_count() -> None:
    image = picture(spot=(200, 200))
    assert Detector(detector())(image, whole_image(400, 400), threshold=0.99) == []
