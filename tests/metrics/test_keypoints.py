import numpy as np
import pytest

from blazepose.metrics import (
    auc,
    pck,
    pck_curve,
    pck_per_joint,
    pdj,
    relative_error,
    visibility_accuracy,
)

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


def test_a_person_without_length_is_left_out():
    assert pck(TRUTH, TRUTH, ALL, np.array([50.0, 0.0])) == 1


def test_errors_are_in_units_of_the_scale():
    pred = TRUTH + np.float32([[[5, 0], [0, 10]], [[np.nan, 0], [0, 50]]])
    errors = relative_error(pred, TRUTH, np.array([[True, True], [True, False]]), SCALE)
    np.testing.assert_allclose(errors, [[0.1, 0.2], [np.inf, np.nan]])


# Two people, three joints: 0.1 and 0.3 off, one not found, one not labelled.
ERRORS = np.array([[0.1, 0.3, 0.0], [np.inf, 0.1, np.nan]])


def test_the_curve_is_pck_at_each_alpha():
    curve = pck_curve(ERRORS, np.array([0.0, 0.1, 0.2, 0.31]))
    assert curve.tolist() == [0, 0.2, 0.6, 0.8]


def test_the_area_is_that_under_a_finely_drawn_curve():
    alphas = np.linspace(0, 0.5, 5001)
    assert auc(ERRORS) == pytest.approx(pck_curve(ERRORS, alphas).mean(), 1e-3)
    assert auc(ERRORS) == pytest.approx((0.8 + 0.4 + 1 + 0 + 0.8) / 5)


def test_each_joint_has_its_own_share():
    never = np.array([[0.1, np.nan], [0.3, np.nan]])
    assert pck_per_joint(ERRORS).tolist() == [0.5, 0.5, 1]
    np.testing.assert_equal(pck_per_joint(never), [0.5, np.nan])


def test_pdj_weighs_joints_and_pck_weighs_points():
    assert pdj(ERRORS) == pytest.approx(2 / 3)
    assert pck_curve(ERRORS, np.array([0.2])).tolist() == [0.6]


def test_visibility_is_right_where_it_says_what_the_label_says():
    pred = np.array([[0.9, 0.2, 0.9, np.nan]])
    visible = np.array([[True, False, False, True]])
    everything = np.ones((1, 4), bool)
    assert visibility_accuracy(pred, visible, everything) == 0.5
    assert visibility_accuracy(pred, visible, np.array([[True, True, False, False]])) == 1
