import numpy as np
import pytest

from blazepose.coach import Counter, analyze
from motion import MOTIONS, Camera, Figure, Frames, Plan, both, exercise, film

EASY = {"squat": 30, "lunge": 60, "push-up": 70, "sit-up": 80, "pull-up": 10}


@pytest.mark.parametrize("move", sorted(MOTIONS))
def test_every_exercise_is_recognised(move: str) -> None:
    camera = Camera(EASY.get(move, 15), noise_m=0.005)
    analysis = analyze(exercise(move, Plan((1,) * 4), camera=camera, fps=12), "auto")
    assert (analysis.exercise, analysis.repetitions) == (move, 4)


def _raise(time_s: float) -> Figure:
    """Straight arms lifted to the sides and lowered: no exercise we know."""
    arms = both(180, 52 - 38 * np.cos(2 * np.pi * time_s / 1.6))
    return Figure(upper=arms, fore=arms, anchor="hip")


def test_an_unknown_motion_is_counted_once_it_has_shown_that_it_repeats() -> None:
    frames = film(_raise, 1.6 * 8, camera=Camera(0, noise_m=0.005), fps=15)
    analysis = analyze(frames, "auto")
    assert analysis.exercise == "unknown"
    assert 6 <= analysis.repetitions <= 8


def test_the_counter_follows_a_change_of_exercise() -> None:
    squats = exercise("squat", Plan((1,) * 3), camera=Camera(20), fps=12)
    curls = exercise("biceps curl", Plan((1,) * 12), camera=Camera(20), fps=12)
    counter = Counter("auto")
    assert counter.state.exercise == ""
    after_squats = _last(counter, squats, 0.0)
    after_curls = _last(counter, curls, squats[-1][0] + 0.1)
    assert after_squats == ("squat", 3)
    assert after_curls == ("biceps curl", 12)


def test_what_was_done_before_it_was_recognised_is_announced_then() -> None:
    counter = Counter("auto")
    frames = exercise("jumping jack", Plan((1,) * 4), camera=Camera(0), fps=20)
    told = [len(counter(pose, time_s).announced) for time_s, pose in frames]
    assert [count for count in told if count] == [3, 1]


def _last(counter: Counter, frames: Frames, begin_s: float) -> tuple[str, int]:
    for time_s, pose in frames:
        state = counter(pose, time_s + begin_s)
    return state.exercise, state.count
