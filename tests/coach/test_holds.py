from dataclasses import replace

import pytest

from blazepose.coach import Counter, analyze
from motion import Camera, both, film, plank, squat

SIDE = Camera(85, noise_m=0.005)


def _figure(time_s: float):
    return plank(0) if 2 <= time_s < 9 else squat(0)


def test_a_plank_is_timed_from_when_it_is_taken_to_when_it_is_left() -> None:
    analysis = analyze(film(_figure, 12, camera=SIDE, fps=10), "plank")
    (hold,) = analysis.holds
    assert (hold.start_s, hold.end_s) == pytest.approx((2, 9), abs=0.3)
    assert analysis.hold_s == pytest.approx(7, abs=0.3)
    assert not hold.remarks


def test_the_time_runs_while_it_is_held() -> None:
    counter = Counter("plank")
    held = [counter(pose, time_s).hold_s for time_s, pose in film(_figure, 8, camera=SIDE, fps=10)]
    assert held[15] == 0
    assert held[60] == pytest.approx(4, abs=0.3)
    assert counter.finish().held


def test_auto_recognises_a_plank() -> None:
    analysis = analyze(film(_figure, 12, camera=SIDE, fps=10), "auto")
    assert (analysis.exercise, len(analysis.holds)) == ("plank", 1)


def test_a_sagging_plank_is_told_so() -> None:
    sag = replace(plank(0), trunk=66, thigh=both(246 + 36), shin=both(246 + 36))
    analysis = analyze(film(lambda _: sag, 5, camera=SIDE, fps=10), "plank")
    assert {remark.name for remark in analysis.remarks} == {"hips sagging"}


def test_standing_is_no_plank() -> None:
    assert not analyze(film(lambda _: squat(0), 5, camera=SIDE, fps=10), "plank").holds
