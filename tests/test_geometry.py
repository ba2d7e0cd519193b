import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blazepose.geometry import crop, crop_points, rotation, uncrop, uncrop_points, wrap_angle
from blazepose.pose import Roi

rois = st.builds(
    Roi,
    st.tuples(st.floats(-100, 900), st.floats(-100, 900)),
    st.floats(1, 2000),
    st.floats(-math.pi, math.pi),
)


@given(rois, st.floats(1, 512))
def test_uncrop_points_is_the_inverse_of_crop_points(roi: Roi, size: float) -> None:
    points = np.array([[0, 0], [12.5, 700], [640, 480]], np.float32)
    back = uncrop_points(crop_points(points, roi, size), roi, size)
    assert np.abs(back - points).max() < 0.02


def test_the_corners_of_a_region_become_the_corners_of_its_crop() -> None:
    roi = Roi((30, 50), 20)
    corners = np.array([[20, 40], [40, 60]], np.float32)
    assert crop_points(corners, roi, 256) == pytest.approx(np.array([[0, 0], [256, 256]]))


def test_the_head_of_somebody_leaning_right_is_at_the_top_of_the_crop() -> None:
    roi = Roi((100, 100), 50, math.radians(90))  # turned clockwise: up in the crop is right
    head = np.array([[120, 100]], np.float32)
    assert crop_points(head, roi, 50) == pytest.approx(np.array([[25, 5]]), abs=1e-4)


@pytest.mark.parametrize("size", [32, 64, 256])
@pytest.mark.parametrize("angle_deg", [0, 30, 90, -135, 180])
@pytest.mark.parametrize("border", ["black", "replicate"])
def test_one_white_pixel_lands_where_the_points_say(
    size: int, angle_deg: float, border: str
) -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[40, 21] = 255
    roi = Roi((25.5, 35), 32, math.radians(angle_deg))
    expected = crop_points(np.array([[21.5, 40.5]], np.float32), roi, size)[0]
    assert _centre_of_light(crop(image, roi, size, border=border)[..., 0]) == pytest.approx(
        expected, abs=0.1
    )


@pytest.mark.parametrize("angle_deg", [0, 30, 90])
def test_one_white_pixel_of_a_mask_lands_where_the_points_say(angle_deg: float) -> None:
    patch = np.zeros((64, 64), np.float32)
    patch[40, 21] = 1
    roi = Roi((100, 120), 128, math.radians(angle_deg))
    expected = uncrop_points(np.array([[21.5, 40.5]], np.float32), roi, 64)[0]
    assert _centre_of_light(uncrop(patch, roi, (200, 240))) == pytest.approx(expected, abs=0.1)


def test_outside_of_the_image_is_black_or_the_nearest_pixel() -> None:
    image = np.full((10, 10, 3), 200, np.uint8)
    outside = Roi((-20, 5), 10)
    assert (crop(image, outside, 8, border="black") == 0).all()
    assert (crop(image, outside, 8, border="replicate") == 200).all()


def test_rotation_turns_clockwise_on_the_screen() -> None:
    right = np.array([1, 0], np.float32)
    assert rotation(math.pi / 2) @ right == pytest.approx(np.array([0, 1]), abs=1e-6)  # down


@pytest.mark.parametrize(("angle", "wrapped"), [(0, 0), (4, 4 - 2 * math.pi), (-math.pi, -math.pi)])
def test_wrap_angle_gives_the_same_turn_within_half_a_circle(angle: float, wrapped: float) -> None:
    assert wrap_angle(angle) == pytest.approx(wrapped)


def _centre_of_light(image: np.ndarray) -> np.ndarray:
    y, x = np.indices(image.shape)
    return np.array([((x + 0.5) * image).sum(), ((y + 0.5) * image).sum()]) / image.sum()
