import numpy as np
import pytest

from blazepose.metrics import oks, person_area, sigmas
from blazepose.skeleton import BLAZEPOSE33, COCO17, LSP14, Skeleton

SCATTER = np.array([0.1, 0.05])
TRUTH = np.array([[[0, 0], [100, 0]]], float)
AREA = np.array([10_000.0])
ALL = np.ones((1, 2), bool)


def test_the_same_pose_is_alike():
    assert oks(TRUTH, TRUTH, ALL, AREA, SCATTER).tolist() == [[1]]


def test_each_keypoint_falls_off_by_its_own_scatter():
    pred = TRUTH + np.array([[[20, 0], [0, 20]]])  # one unit and two units: 2 * 100 * scatter
    expected = (np.exp(-0.5) + np.exp(-2)) / 2
    assert oks(pred, TRUTH, ALL, AREA, SCATTER) == pytest.approx(expected)


def test_points_without_a_label_or_not_found():
    pred = np.array([[[0, 0], [np.nan, np.nan]]])
    assert oks(pred, TRUTH, ALL, AREA, SCATTER) == 0.5
    assert oks(pred, TRUTH, np.array([[True, False]]), AREA, SCATTER) == 1
    assert oks(pred, TRUTH, ~ALL, AREA, SCATTER) == 0


def test_everybody_found_meets_everybody_labelled():
    two = np.concatenate([TRUTH, TRUTH + 500])
    three = np.concatenate([TRUTH + 500, TRUTH + 900, TRUTH])
    likeness = oks(three, two, np.ones((2, 2), bool), np.array([1e4, 1e4]), SCATTER)
    assert likeness.argmax(axis=0).tolist() == [2, 0]
    assert likeness.shape == (3, 2)


def test_sigmas_of_coco_are_its_own():
    assert sigmas(COCO17)[[0, 1, 3, 5, 7, 9, 11, 13, 15]].tolist() == [
        *(0.026, 0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089)
    ]


def test_sigmas_go_by_name():
    assert sigmas(LSP14)[-2:].tolist() == [0.079, 0.079]
    assert sigmas(BLAZEPOSE33)[BLAZEPOSE33.index("right_eye_outer")] == 0.025
    assert sigmas(BLAZEPOSE33)[BLAZEPOSE33.index("mouth_left")] == 0.025
    assert sigmas(Skeleton("dog", ("tail",), ())).tolist() == [0.072]


def test_a_person_fills_about_half_of_a_box():
    assert person_area(np.array([[10.0, 10, 20, 30]])) == pytest.approx(106)
