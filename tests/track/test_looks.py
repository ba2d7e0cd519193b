import numpy as np
import pytest

from blazepose.pose import Pose, Roi
from blazepose.skeleton import BLAZEPOSE33
from blazepose.track.looks import looks, mixed, unlikeness


def standing(x: float) -> Pose:
    """Somebody upright at a place, 40 px wide and 200 tall."""
    points = np.full((33, 3), x, np.float32)
    height = {"shoulder": 60, "hip": 140, "knee": 200}
    for i, name in enumerate(BLAZEPOSE33.names):
        points[i, 0] += -20 if "left" in name else 20
        points[i, 1] = next((y for part, y in height.items() if part in name), 40)
    return Pose(
        points, points * 0, points[:, 0] * 0 + 1, points[:, 0] * 0 + 1, 1.0, Roi((x, 140), 300)
    )


def dressed(shirt: tuple[int, int, int], trousers: tuple[int, int, int], x: int) -> np.ndarray:
    image = np.full((300, 400, 3), 200, np.uint8)
    image[50:145, x - 30 : x + 30] = shirt
    image[145:260, x - 30 : x + 30] = trousers
    return image


RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (30, 160, 30)


def test_clothes_are_known_again_elsewhere_and_in_other_light() -> None:
    first = looks(dressed(RED, BLUE, 100), standing(100))
    dimmer = (dressed(RED, BLUE, 300) * 0.8).astype(np.uint8)
    again, other = looks(dimmer, standing(300)), looks(dressed(GREEN, BLUE, 300), standing(300))
    assert unlikeness(first, first) == pytest.approx(0, abs=1e-3)
    assert unlikeness(first, again) < 0.45 < unlikeness(first, other)


def test_a_pale_colour_in_the_shade_is_not_taken_for_grey() -> None:
    lilac, shade, grey = (150, 125, 180), (92, 76, 111), (83, 83, 83)
    first, again, other = (
        looks(dressed(colour, colour, 100), standing(100)) for colour in (lilac, shade, grey)
    )
    assert unlikeness(first, again) < 0.3 < 0.6 < unlikeness(first, other)


def test_a_histogram_has_sum_one() -> None:
    seen = looks(dressed(RED, BLUE, 100), standing(100))
    assert seen is not None
    assert seen.sum() == pytest.approx(1, abs=1e-5)


def test_somebody_out_of_the_picture_has_no_looks_and_is_neither_like_nor_unlike() -> None:
    assert looks(dressed(RED, BLUE, 100), standing(900)) is None
    assert unlikeness(None, looks(dressed(RED, BLUE, 100), standing(100))) == 0.5


def test_looks_change_slowly() -> None:
    red = looks(dressed(RED, RED, 100), standing(100))
    green = looks(dressed(GREEN, GREEN, 100), standing(100))
    after = mixed(red, green)
    assert unlikeness(after, red) < unlikeness(after, green)
    assert mixed(None, green) is green
    assert mixed(red, None) is red
