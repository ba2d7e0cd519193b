"""Display matrices: all eight ways a picture can lie."""

import itertools

import numpy as np
import pytest

from blazepose.video.upright import Turn

QUARTERS = [
    (a, b, c, d)
    for a, b, c, d in itertools.product((-1, 0, 1), repeat=4)
    if abs(a) == abs(d) and abs(b) == abs(c) and abs(a) + abs(b) == 1
]


def _matrix(a: float, b: float, c: float, d: float) -> bytes:
    fixed = [int(v * 65536) for v in (a, b, 0, c, d, 0, 0, 0)] + [1 << 30]
    return np.array(fixed, np.int32).tobytes()


def _by_hand(image: np.ndarray, a: int, b: int, c: int, d: int) -> np.ndarray:
    """Every pixel to (a x + c y, b x + d y), then shifted to begin at (0, 0)."""
    ys, xs = np.mgrid[: image.shape[0], : image.shape[1]]
    right, down = a * xs + c * ys, b * xs + d * ys
    right, down = right - right.min(), down - down.min()
    shown = np.zeros((down.max() + 1, right.max() + 1, 3), np.uint8)
    shown[down, right] = image
    return shown


def test_there_are_eight_of_them() -> None:
    assert len(QUARTERS) == 8


@pytest.mark.parametrize("quarter", QUARTERS)
def test_pixels_land_where_the_matrix_says(quarter: tuple[int, int, int, int]) -> None:
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    turn = Turn.from_display_matrix(_matrix(*quarter))
    shown = turn(image)
    np.testing.assert_array_equal(shown, _by_hand(image, *quarter))
    assert turn.size(3, 2) == (shown.shape[1], shown.shape[0])


def test_an_odd_angle_is_rounded_to_the_nearest_quarter() -> None:
    cos, sin = np.cos(np.radians(80)), np.sin(np.radians(80))
    assert Turn.from_display_matrix(_matrix(cos, sin, -sin, cos)) == Turn(swap=True, mirror_x=True)


def test_no_turn_makes_no_copy() -> None:
    image = np.zeros((2, 3, 3), np.uint8)
    assert Turn()(image) is image


@pytest.mark.parametrize("angle_deg", [0, 90, 180, 270, -90, 88])
def test_an_angle_turns_counter_clockwise(angle_deg: int) -> None:
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    expected = np.rot90(image, round(angle_deg / 90))
    np.testing.assert_array_equal(Turn.by_degrees(angle_deg)(image), expected)
