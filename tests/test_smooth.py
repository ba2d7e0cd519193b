import math

import numpy as np
import pytest

from blazepose.smooth import (
    POINTS,
    TREMBLE,
    LowPass,
    MaskMix,
    OneEuro,
    OneEuroOptions,
    Steady,
)


def test_the_first_value_passes_unchanged() -> None:
    value = np.array([3.0, -1.0], np.float32)
    assert (OneEuro(POINTS)(value, 0.0) == value).all()


def test_a_step_is_filtered_as_worked_out_by_hand() -> None:
    smooth = OneEuro(OneEuroOptions(1.0, 0.5, 2.0))
    smooth(np.array([0.0]), 0.0)
    speed = 10 / 0.02 * _alpha(2.0, 0.02)  # the filtered speed after a step of 10 in 0.02 s
    expected = 10 * _alpha(1.0 + 0.5 * speed, 0.02)
    assert smooth(np.array([10.0]), 0.02) == pytest.approx(expected)


def test_tremble_shrinks_and_a_fast_move_is_followed() -> None:
    smooth, rng = OneEuro(POINTS), np.random.default_rng(0)
    still = [smooth(rng.normal(0, 0.5, 2), i / 30, scale=1 / 400) for i in range(90)]
    assert np.std(still[30:]) < 0.25
    fast = [smooth(np.full(2, 20.0 * i), (90 + i) / 30, scale=1 / 400) for i in range(30)]
    assert abs(fast[-1][0] - 20 * 29) < 10


def test_a_slow_clip_comes_out_as_smooth_as_the_same_frames_at_30_a_second() -> None:
    slow, usual = OneEuro(POINTS), OneEuro(POINTS)
    for i, value in enumerate(np.random.default_rng(1).normal(0, 3, (20, 2))):
        assert slow(value, i / 5) == pytest.approx(usual(value, i / 30))


def test_time_that_does_not_grow_gives_the_raw_value_and_changes_nothing() -> None:
    smooth, other = OneEuro(POINTS), OneEuro(POINTS)
    for filter_ in (smooth, other):
        filter_(np.zeros(1), 1.0)
    assert smooth(np.array([9.0]), 1.0) == 9
    assert smooth(np.array([5.0]), 2.0) == other(np.array([5.0]), 2.0)


def test_after_a_reset_the_next_value_passes_unchanged() -> None:
    smooth, low = OneEuro(POINTS), LowPass(0.1)
    for filter_ in (lambda v: smooth(v, 0.0), low):
        filter_(np.zeros(1))
    smooth.reset()
    low.reset()
    assert smooth(np.array([7.0]), -3.0) == 7
    assert low(np.array([7.0])) == 7


def test_low_pass_moves_by_a_tenth_of_the_way() -> None:
    low = LowPass(0.1)
    low(np.array([1.0]))
    assert low(np.array([2.0])) == pytest.approx(1.1)


def test_filters_keep_float32() -> None:
    smooth = OneEuro(POINTS)
    for i in range(3):
        assert smooth(np.ones((33, 3), np.float32) * i, i / 30, scale=0.01).dtype == np.float32


def test_the_mask_before_counts_where_a_mask_is_unsure() -> None:
    mix = MaskMix()
    first = np.array([[0.0, 1.0, 1.0, 1.0]], np.float32)
    assert (mix(first) == first).all()
    # All of 0.7 at one half, by the squared entropy at a quarter, nothing at 0.
    mixed = mix(np.array([[0.5, 0.5, 0.25, 0.0]], np.float32))
    entropy = -(0.25 * math.log2(0.25) + 0.75 * math.log2(0.75))
    quarter = 0.25 + 0.7 * entropy**2 * 0.75
    assert mixed[0] == pytest.approx([0.15, 0.85, quarter, 0], abs=0.005)
    assert mixed.dtype == np.float32


def test_a_mask_that_is_mixed_is_the_one_before_for_the_next() -> None:
    mix = MaskMix()
    half = np.full((1, 1), 0.5, np.float32)
    mix(np.ones((1, 1), np.float32))
    assert [float(mix(half)[0, 0]) for _ in range(2)] == pytest.approx([0.85, 0.745], abs=1e-3)


def test_masks_of_another_size_and_after_a_reset_pass_unchanged() -> None:
    mix = MaskMix()
    mix(np.ones((2, 2), np.float32))
    half = np.full((3, 2), 0.5, np.float32)
    assert (mix(half) == half).all()
    mix.reset()
    assert (mix(half / 2) == half / 2).all()
    assert (half == 0.5).all()


def _alpha(cutoff: float, interval: float) -> float:
    return 1 / (1 + 1 / (2 * math.pi * cutoff * interval))


def test_a_steady_point_that_goes_on_as_it_went_is_hardly_behind() -> None:
    steady = Steady()
    for i in range(60):
        point = steady(np.array([[0.02 * i, 0.01 * i]], np.float32), i / 30, scale=1.0)
    assert point[0] == pytest.approx([0.02 * 59, 0.01 * 59], abs=0.002)
    assert point.dtype == np.float32


def test_a_steady_point_at_rest_does_not_drift_away() -> None:
    steady, rng = Steady(), np.random.default_rng(0)
    raw = rng.normal(0, TREMBLE, (300, 1, 2)).astype(np.float32)
    values = np.array([steady(raw[i], i / 30, scale=1.0) for i in range(300)])
    assert np.abs(values[60:]).max() < 3 * TREMBLE
    assert np.diff(values[60:], axis=0).std() < 0.25 * np.diff(raw[60:], axis=0).std()


def test_steady_points_whose_time_does_not_grow_pass_and_change_nothing() -> None:
    steady, other = Steady(), Steady()
    for filter_ in (steady, other):
        filter_(np.zeros((1, 2), np.float32), 1.0, scale=1.0)
    far, near = np.full((1, 2), 9, np.float32), np.full((1, 2), 5, np.float32)
    assert (steady(far, 1.0, scale=1.0) == far).all()
    assert (steady(near, 2.0, scale=1.0) == other(near, 2.0, scale=1.0)).all()
    steady.reset()
    assert (steady(far, -3.0, scale=1.0) == far).all()
