import math

import numpy as np
import pytest
from people import landmarks, picture

from blazepose.geometry import rotation
from blazepose.pose import Roi
from blazepose.runtimes.fake import FakeRuntime
from blazepose.skeleton import BLAZEPOSE33
from blazepose.track.landmarker import Landmarker


@pytest.mark.parametrize("angle_rad", [0.0, 0.5, -math.pi / 2, math.pi])
def test_points_come_back_to_where_the_person_is(angle_rad: float) -> None:
    found = Landmarker(landmarks())(picture(spot=(210, 190)), Roi((200.0, 200.0), 128.0, angle_rad))
    assert found.pose.points[:, :2] == pytest.approx(np.tile([210.5, 190.5], (33, 1)), abs=1)
    assert found.pose.points[:, 2] == pytest.approx(np.full(33, 16 * 128 / 256))
    assert found.pose.score == pytest.approx(0.99)


def test_the_next_region_stands_as_the_body_stands() -> None:
    roi = Roi((200.0, 200.0), 128.0, 0.5)
    found = Landmarker(landmarks())(picture(spot=(210, 190)), roi)
    assert found.next_roi.angle_rad == pytest.approx(0.5, abs=1e-3)
    assert found.next_roi.size == pytest.approx(2 * 0.4 * 128 * 1.25, rel=1e-3)
    assert found.diameter == pytest.approx(2 * 0.4 * 128, rel=1e-3)


def test_world_points_turn_with_the_region() -> None:
    upright = Landmarker(landmarks())(picture(), Roi((200.0, 200.0), 128.0))
    assert upright.pose.world[0] == pytest.approx([0.1, 0.2, 0.3])
    lying = Landmarker(landmarks())(picture(), Roi((200.0, 200.0), 128.0, math.pi / 2))
    assert lying.pose.world[0] == pytest.approx([-0.2, 0.1, 0.3], abs=1e-6)


def test_a_point_outside_the_frame_is_neither_present_nor_visible() -> None:
    edge = Landmarker(landmarks())(picture(spot=(380, 200)), Roi((380.0, 200.0), 128.0))
    assert edge.pose.presence.min() > 0.99

    def outside(image: np.ndarray) -> dict[str, np.ndarray]:
        output = {name: values[0] for name, values in landmarks()(image[None]).items()}
        output["landmarks"].reshape(39, 5)[5, 0] = 400
        return output

    found = Landmarker(FakeRuntime(outside))(picture(spot=(290, 200)), Roi((300.0, 200.0), 200.0))
    assert found.pose.points[5, 0] > 400
    assert found.pose.presence[5] == found.pose.visibility[5] == 0
    assert found.pose.presence[4] > 0.99


def test_nobody_has_a_low_score() -> None:
    assert Landmarker(landmarks())(picture(), Roi((200.0, 200.0), 128.0)).pose.score == 0


@pytest.mark.parametrize("angle_rad", [0.0, 0.5])
def test_what_is_said_of_the_mirrored_region_is_turned_back(angle_rad: float) -> None:
    def lopsided(image: np.ndarray) -> dict[str, np.ndarray]:
        output = {name: values[0] for name, values in landmarks()(image[None]).items()}
        rows = output["landmarks"].reshape(39, 5)
        rows[BLAZEPOSE33.index("left_wrist"), :2] += [-20, 10]  # of the crop
        return output

    network, region = FakeRuntime(lopsided), Roi((200.0, 200.0), 128.0, angle_rad)
    shown = picture(spot=(210, 190))
    plain = Landmarker(network)(shown, region).pose
    mirrored = Landmarker(network)(shown, region, mirrored=True).pose
    left, right = (BLAZEPOSE33.index(f"{side}_wrist") for side in ("left", "right"))
    right_way = rotation(angle_rad) @ np.float32([-10, 5])  # in px of the frame
    wrong_way = rotation(angle_rad) @ np.float32([10, 5])
    body = plain.points[right, :2]
    assert plain.points[left, :2] - body == pytest.approx(right_way, abs=0.1)
    assert mirrored.points[left, :2] == pytest.approx(body, abs=1)
    assert mirrored.points[right, :2] - body == pytest.approx(wrong_way, abs=1)


def test_regions_side_by_side_give_what_each_gives_alone_in_the_mirror_too() -> None:
    landmarker, image = Landmarker(landmarks()), picture(spot=(210, 190))
    rois = [Roi((200.0, 200.0), 128.0), Roi((205.0, 190.0), 150.0, 0.5), Roi((50.0, 60.0), 90.0)]
    together = landmarker.each(image, rois, mirrored=[False, True, False], anywhere=True)
    for found, roi, mirrored in zip(together, rois, [False, True, False], strict=True):
        alone = landmarker(image, roi, mirrored=mirrored, anywhere=True)
        assert (found.pose.points == alone.pose.points).all()
        assert found.pose.score == alone.pose.score
