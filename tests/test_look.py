from itertools import combinations

import numpy as np
import pytest

from blazepose.look import CENTRE, INK, LEFT, PEOPLE, RIGHT, look, person_colour
from blazepose.skeleton import BLAZEPOSE33, LSP14, SKELETONS

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", 2009: full severity, on linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)  # of linear sRGB


def lab(colour, sight):
    """CIE L*a*b* of a colour as somebody with that sight sees it."""
    rgb = np.array(colour) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = XYZ @ (SIGHT[sight] @ linear).clip(0, 1) / (0.9505, 1.0, 1.089)
    f = [np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one, other, sight):
    return np.linalg.norm(lab(one, sight) - lab(other, sight))


@pytest.mark.parametrize("sight", SIGHT)
def test_left_right_and_centre_stay_apart_for_colour_blind_eyes(sight):
    assert difference(LEFT, RIGHT, sight) > 90
    assert min(difference(side, CENTRE, sight) for side in (LEFT, RIGHT)) > 35


@pytest.mark.parametrize("sight", SIGHT)
def test_people_stay_apart_for_colour_blind_eyes(sight):
    assert min(difference(a, b, sight) for a, b in combinations(PEOPLE, 2)) > 25


@pytest.mark.parametrize("colour", [LEFT, RIGHT, *PEOPLE])
def test_every_colour_stands_out_from_its_outline(colour):
    assert lab(colour, "full")[0] - lab(INK, "full")[0] > 40


def test_people_have_a_lasting_colour_and_neighbours_differ():
    assert person_colour(1) != person_colour(2)
    assert person_colour(1) == person_colour(1 + len(PEOPLE))


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=lambda s: s.name)
def test_a_bone_of_one_side_never_has_the_other_sides_colour(skeleton):
    shape = look(skeleton)
    for ends, side in zip(shape.bones, shape.bone_sides, strict=True):
        touched = set(shape.sides[ends])
        assert side in touched or touched == {"left", "right"}
        assert (side == "centre") == (touched in ({"left", "right"}, {"centre"}))


def test_the_line_to_a_shoulder_belongs_to_its_side():
    shape = look(LSP14)
    at = shape.bones.tolist().index([LSP14.index("neck"), LSP14.index("left_shoulder")])
    assert shape.bone_sides[at] == "left"


def test_face_and_hands_are_lighter_than_limbs():
    weight = dict(zip(BLAZEPOSE33.names, look(BLAZEPOSE33).weight, strict=True))
    assert weight["left_eye"] < weight["left_heel"] < weight["left_knee"]
    assert weight["left_index"] < weight["left_foot_index"] < weight["left_wrist"]


def test_head_is_found_on_every_skeleton():
    for skeleton in SKELETONS.values():
        assert look(skeleton).head.any()
        assert not look(skeleton).head[skeleton.index("left_hip")]
