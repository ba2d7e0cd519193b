import numpy as np
import pytest

from blazepose.coach.excursions import Excursion, Excursions, Phase
from blazepose.coach.signal import Steady


def _run(values: np.ndarray, *, fps: float = 30.0) -> tuple[list[Excursion], Excursions]:
    steady, excursions = Steady(), Excursions()
    samples = [s for i, value in enumerate(values) for s in steady(float(value), i / fps)]
    found = [excursions(*sample) for sample in samples]
    return [excursion for excursion in found if excursion], excursions


def _wave(cycles: float, *, period_s: float = 2.0, fps: float = 30.0) -> np.ndarray:
    times = np.arange(cycles * period_s * fps) / fps
    return (1 - np.cos(2 * np.pi * times / period_s)) / 2


def test_each_cycle_of_a_wave_is_one_excursion_of_its_height() -> None:
    found, _ = _run(_wave(4))
    assert len(found) == 4
    assert [e.amplitude for e in found] == pytest.approx([1] * 4, abs=0.05)
    assert [e.peak_s for e in found] == pytest.approx([1, 3, 5, 7], abs=0.1)


def test_tremble_is_no_excursion() -> None:
    noise = np.random.default_rng(0).normal(0, 0.06, 900)
    assert _run(noise)[0] == []
    assert len(_run(_wave(5) + noise[:300])[0]) == 5


def test_a_pause_at_depth_or_at_rest_changes_nothing() -> None:
    one = _wave(1)
    held = np.concatenate([one[:30], np.ones(600), one[30:], np.zeros(300), one])
    assert len(_run(held)[0]) == 2


def test_coming_only_half_way_up_is_not_the_end() -> None:
    wave = np.concatenate([_wave(1)[:30], 1 - _wave(1) / 2, _wave(1)[30:]])
    assert len(_run(wave)[0]) == 1


def test_who_stays_a_little_bent_is_not_kept_waiting() -> None:
    found, _ = _run(np.concatenate([_wave(1)[:52], np.full(60, _wave(1)[52])]))
    assert len(found) == 1
    assert found[0].over_s < 52 / 30 + 0.6


def test_rest_may_drift() -> None:
    found, _ = _run(_wave(10) + np.linspace(0, 0.5, 600))
    assert len(found) == 10


def test_an_excursion_cut_off_is_incomplete_and_one_nearly_back_is_not() -> None:
    _, early = _run(_wave(1)[:36])
    cut = early.finish()
    assert cut is not None
    assert not cut.complete
    _, late = _run(_wave(1)[:53])
    nearly = late.finish()
    assert nearly is None or nearly.complete


def test_a_turn_hidden_in_a_gap_of_a_second_is_still_made() -> None:
    for start in range(10, 100, 10):
        wave = _wave(3)
        wave[start : start + 30] = np.nan
        assert len(_run(wave)[0]) == 3, start


def test_a_long_gap_ends_what_was_under_way() -> None:
    wave = np.concatenate([_wave(1)[:30], np.full(90, np.nan), _wave(1)[30:], _wave(1)])
    found, _ = _run(wave)
    assert [e.complete for e in found] == [False, True]


def test_the_phases_follow_the_signal() -> None:
    excursions, phases = Excursions(), []
    for index, value in enumerate(np.concatenate([np.zeros(10), _wave(1), np.zeros(10)])):
        excursions(index / 30, float(value))
        phases.append(excursions.phase)
    order = [p for p, q in zip(phases, [None, *phases], strict=False) if p != q]
    assert order == [Phase.REST, Phase.OUT, Phase.DEPTH, Phase.BACK, Phase.REST]
    assert Excursions().phase is None
