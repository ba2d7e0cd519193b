import numpy as np
import pytest

from blazepose.metrics import mpjpe, pa_mpjpe

TRUTH = np.random.default_rng(0).normal(size=(2, 6, 3))
ALL = np.ones((2, 6), bool)


def turned(points: np.ndarray, angle_rad: float) -> np.ndarray:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return points @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def test_a_shift_of_a_centimetre_is_10_mm():
    assert mpjpe(TRUTH + np.array([0.01, 0, 0]), TRUTH, ALL) == pytest.approx(10)


def test_people_are_averaged_after_their_joints():
    pred = TRUTH.copy()
    pred[0, :, 0] += 0.01
    labelled = ALL.copy()
    labelled[0, 1:] = False
    assert mpjpe(pred, TRUTH, labelled) == pytest.approx(5)


def test_somebody_not_found_has_no_error():
    pred = TRUTH + np.array([0, 0.02, 0])
    pred[1] = np.nan
    assert mpjpe(pred, TRUTH, ALL) == pytest.approx(20)
    assert pa_mpjpe(pred, TRUTH, ALL) == pytest.approx(0, abs=1e-9)


def test_alignment_takes_away_turn_scale_and_shift():
    pred = turned(TRUTH, 2.1) * 3 + np.array([1, -2, 5])
    assert mpjpe(pred, TRUTH, ALL) > 1000
    assert pa_mpjpe(pred, TRUTH, ALL) == pytest.approx(0, abs=1e-9)


def test_alignment_does_not_mirror():
    assert pa_mpjpe(TRUTH * [-1, 1, 1], TRUTH, ALL) > 100


def test_alignment_by_labelled_points_alone():
    pred = turned(TRUTH, 0.4)
    pred[:, 5] += 9
    labelled = ALL.copy()
    labelled[:, 5] = False
    assert pa_mpjpe(pred, TRUTH, labelled) == pytest.approx(0, abs=1e-9)


def test_points_that_fall_together_lie_on_the_mean_of_the_labels():
    spread = np.linalg.norm(TRUTH - TRUTH.mean(axis=1, keepdims=True), axis=-1).mean()
    assert pa_mpjpe(np.zeros_like(TRUTH), TRUTH, ALL) == pytest.approx(1e3 * spread)


@pytest.mark.parametrize("measure", [mpjpe, pa_mpjpe])
def test_nobody_found_is_an_error(measure):
    with pytest.raises(ValueError, match="at least one person"):
        measure(np.full_like(TRUTH, np.nan), TRUTH, ALL)
