import numpy as np
import pytest

from blazepose.coach.period import period_s


@pytest.mark.parametrize("fps", [5, 30, 120])
def test_the_period_of_a_wave_is_found_at_any_frame_rate(fps: float) -> None:
    times = np.arange(10 * fps) / fps
    found, likeness = period_s(times, np.sin(2 * np.pi * times / 1.7))
    assert found == pytest.approx(1.7, abs=0.1)
    assert likeness > 0.9


def test_noise_has_no_strong_period() -> None:
    values = np.random.default_rng(0).normal(0, 1, 300)
    assert period_s(np.arange(300) / 30, values)[1] < 0.4


def test_unknown_values_are_bridged_and_a_series_without_turns_has_no_period() -> None:
    times = np.arange(300) / 30
    wave = np.sin(2 * np.pi * times / 2)
    wave[40:60] = np.nan
    assert period_s(times, wave)[0] == pytest.approx(2, abs=0.1)
    assert np.isnan(period_s(times, np.full(300, np.nan))[0])
    assert np.isnan(period_s(times, times)[0])
