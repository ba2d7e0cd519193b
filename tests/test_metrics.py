import numpy as np
import pytest

from blazepose.metrics import pck, torso_size
from blazepose.skeleton import COCO17, LSP14, Skeleton

# Two people on a square torso of side 30: the diagonal is 50 for the first, 100 for the second.
TRUTH = np.array([[[0, 0], [30, 40]], [[0, 0], [60, 80]]], np.float32)
SCALE = np.array([50, 100], np.float32)
ALL = np.ones((2, 2), bool)


def test_perfect_points_are_all_correct():
    assert pck(TRUTH, TRUTH, ALL, SCALE) == 1


def test_a_point_counts_until_it_is_alpha_times_the_scale_away():
    pred = TRUTH.copy()
    pred[:, 0, 0] = [9.9, 10.1]  # the limits are 10 and 20
    assert pck(pred, TRUTH, ALL, SCALE, 0.2) == 1
    pred[0, 0, 0] = 10
    assert pck(pred, TRUTH, ALL, SCALE, 0.2) == 0.75
    assert pck(pred, TRUTH, ALL, SCALE, 0.1) == 0.5


def test_a_missing_person_is_wrong_in_every_labelled_point():
    pred = TRUTH.copy()
    pred[1] = np.nan
    assert pck(pred, TRUTH, ALL, SCALE) == 0.5


def test_points_without_a_label_do_not_count():
    pred = TRUTH + np.float32([[[0, 0], [99, 99]]])
    assert pck(pred, TRUTH, np.array([[True, False], [True, True]]), SCALE) == 2 / 3


def test_a_person_without_a_scale_is_left_out():
    pred = TRUTH.copy()
    pred[1] += 99
    assert pck(pred, TRUTH, ALL, np.array([50, np.nan])) == 1


def test_nothing_to_count_is_an_error():
    with pytest.raises(ValueError, match="at least one labelled keypoint"):
        pck(TRUTH, TRUTH, ~ALL, SCALE)


@pytest.mark.parametrize("skeleton", [LSP14, COCO17])
def test_torso_goes_from_left_shoulder_to_right_hip(skeleton: Skeleton):
    points = np.zeros((1, len(skeleton), 2), np.float32)
    points[0, skeleton.index("left_shoulder")] = [40, 10]
    points[0, skeleton.index("right_hip")] = [10, 50]
    assert torso_size(points, np.ones((1, len(skeleton)), bool), skeleton) == [50]


def test_torso_is_nan_when_an_end_is_not_labelled():
    points = np.ones((2, len(LSP14), 2), np.float32)
    labelled = np.ones((2, len(LSP14)), bool)
    labelled[1, LSP14.index("right_hip")] = False
    assert np.isnan(torso_size(points, labelled, LSP14)).tolist() == [False, True]
