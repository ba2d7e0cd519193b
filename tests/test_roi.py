import math
from itertools import pairwise

import cv2
import numpy as np
import pytest

from blazepose.geometry import crop, crop_points
from blazepose.pose import Detection, Roi
from blazepose.roi import (
    apart,
    as_sampled_by_mediapipe,
    circle,
    from_box,
    from_circle,
    from_detection,
    from_keypoints,
    from_points,
    tiles,
    whole_image,
)
from blazepose.skeleton import LSP14, Skeleton


def _xy(x: float, y: float) -> np.ndarray:
    return np.array([x, y], np.float32)


def test_a_circle_gives_a_square_a_quarter_larger_than_itself() -> None:
    roi = from_circle(_xy(50, 80), _xy(50, 40))
    assert roi.center_xy == (50, 80)
    assert roi.size == pytest.approx(2 * 40 * 1.25)
    assert roi.angle_rad == pytest.approx(0)


@pytest.mark.parametrize(
    ("rim", "angle_deg"), [((90, 80), 90), ((10, 80), -90), ((50, 120), -180), ((90, 40), 45)]
)
def test_the_region_turns_with_the_body(rim: tuple[float, float], angle_deg: float) -> None:
    roi = from_circle(_xy(50, 80), _xy(*rim))
    assert math.degrees(roi.angle_rad) == pytest.approx(angle_deg)


@pytest.mark.parametrize("roi", [Roi((50.0, 80.0), 40.0, 2.0), Roi((5.0, -3.0), 7.0, -0.3)])
def test_a_region_comes_back_from_its_circle(roi: Roi) -> None:
    again = from_circle(*circle(roi))
    assert again.center_xy == pytest.approx(roi.center_xy)
    assert (again.size, again.angle_rad) == pytest.approx((roi.size, roi.angle_rad))


def test_a_circle_without_extent_still_gives_a_region() -> None:
    assert from_circle(_xy(5, 5), _xy(5, 5)).size == 1


def test_alignment_mode_uses_mid_hip_and_the_full_body_circle() -> None:
    points = np.array([[50, 80], [50, 40], [1, 1], [2, 2]], np.float32)
    detection = Detection(np.array([0, 0, 9, 9], np.float32), points, 0.9)
    assert from_detection(detection) == from_circle(points[0], points[1])


def test_a_detection_without_points_is_taken_by_its_box() -> None:
    box = np.array([10, 20, 30, 100], np.float32)
    detection = Detection(box, np.full((4, 2), np.nan, np.float32), 0.9)
    assert from_detection(detection) == from_box(box)


def test_box_mode_is_the_square_on_the_longer_side() -> None:
    roi = from_box(np.array([10, 20, 30, 100], np.float32))
    assert roi.center_xy == (20, 60)
    assert roi.size == 80 * 1.25
    assert roi.angle_rad == 0


def test_the_whole_image_fits_into_its_letterbox() -> None:
    roi = whole_image(640, 480)
    assert (roi.center_xy, roi.size) == ((320, 240), 640)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("size_wh", [(640, 480), (480, 640), (300, 300), (1, 1), (2000, 100)])
def test_tiles_cover_the_image_and_overlap(count: int, size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    regions = tiles(width, height, count=count)
    for axis, length in ((0, width), (1, height)):
        spans = sorted({(r.center_xy[axis] - r.size / 2, r.center_xy[axis] + r.size / 2)
                        for r in regions})  # fmt: skip
        assert spans[0][0] <= 1e-3
        assert spans[-1][1] >= length - 1e-3
        for (_, end), (start, _) in pairwise(spans):
            assert end - start >= 0.24 * regions[0].size
    assert max(sum(r.center_xy[axis] == regions[0].center_xy[axis] for r in regions)
               for axis in (0, 1)) == count  # fmt: skip


@pytest.mark.parametrize("angle_rad", [0.0, 0.7, -2.0])
def test_mediapipes_crop_is_our_crop_of_the_shifted_region(angle_rad: float) -> None:
    image = np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)
    image = cv2.GaussianBlur(image, (0, 0), 3)
    roi = Roi((140.0, 110.0), 90.0, angle_rad)
    corners = crop_points(np.array([[0, 0], [300, 0], [0, 200]], np.float32), roi, 64)
    matrix = cv2.getAffineTransform(np.float32([[0, 0], [300, 0], [0, 200]]), corners)
    theirs = cv2.warpAffine(image, matrix, (64, 64), flags=cv2.INTER_LINEAR)  # corners as indices
    ours = crop(image, as_sampled_by_mediapipe(roi, 64), 64)
    assert np.abs(ours.astype(int) - theirs).max() <= 2


def test_keypoints_of_an_upright_person_give_an_upright_region_round_the_hips() -> None:
    points = np.zeros((14, 2), np.float32)
    place = {"hip": (50, 100), "shoulder": (50, 60), "ankle": (50, 180), "knee": (50, 140)}
    for name, xy in place.items():
        points[[LSP14.index(f"{side}_{name}") for side in ("left", "right")]] = xy
    labelled = points.any(axis=1)
    roi = from_keypoints(points, labelled, LSP14)
    assert roi is not None
    assert roi.center_xy == (50, 100)
    assert roi.size == pytest.approx(2 * 80 * 1.10 * 1.25, rel=1e-6)
    assert roi.angle_rad == pytest.approx(0, abs=1e-6)


def test_keypoints_without_hips_give_no_region() -> None:
    labelled = np.ones(14, bool)
    labelled[[LSP14.index("left_hip"), LSP14.index("right_hip")]] = False
    assert from_keypoints(np.random.default_rng(0).random((14, 2)), labelled, LSP14) is None


def test_points_without_hips_in_their_skeleton_give_the_box_round_them() -> None:
    hands = Skeleton("hands2", ("left_wrist", "right_wrist"), ())
    points = np.array([[10, 20], [50, 40]], np.float32)
    assert from_keypoints(points, np.ones(2, bool), hands) is None
    roi = from_points(points)
    assert (roi.center_xy, roi.angle_rad) == ((30, 30), 0)
    assert roi.size == pytest.approx(40 * 1.10 * 1.25)


def test_how_far_apart_regions_are() -> None:
    one, other = Roi((0.0, 0.0), 100.0, 3.1), Roi((3.0, 4.0), 80.0, -3.1)
    assert apart(one, other) == pytest.approx((0.05, 1.25, 2 * math.pi - 6.2))
    assert apart(other, one) == pytest.approx((0.0625, 1.25, 2 * math.pi - 6.2))
