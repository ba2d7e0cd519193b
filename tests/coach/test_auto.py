import numpy as np
import pytest

from blazepose.coach import Counter, analyze
from motion import MOTIONS, Camera, Figure, Frames, Plan, both, exercise, film, plank

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


def test_nothing_is_announced_twice_where_the_exercise_changes_back() -> None:
    sets = [
        exercise("squat", Plan((1,) * 4), camera=Camera(20), fps=12),
        exercise("biceps curl", Plan((1,) * 12), camera=Camera(20), fps=12),
        exercise("squat", Plan((1,) * 12), camera=Camera(20), fps=12),
    ]
    counter, begin_s, told = Counter("auto"), 0.0, []
    for frames in sets:
        for time_s, pose in frames:
            state = counter(pose, time_s + begin_s)
            told += [(state.exercise, rep.depth_s) for rep in state.announced]
        begin_s += frames[-1][0] + 0.1
    assert len(told) == len(set(told))
    assert sum(name == "squat" for name, _ in told) == 16


def test_a_plank_is_not_lost_for_the_squat_before_it() -> None:
    begin = exercise("squat", Plan((1,)), camera=Camera(85), fps=10)
    hold = film(plank, 15, camera=Camera(85, noise_m=0.005), fps=10)
    frames = [*begin, *((time_s + begin[-1][0] + 0.1, pose) for time_s, pose in hold)]
    analysis = analyze(frames, "auto")
    assert analysis.exercise == "plank"
    assert sum(hold.end_s - hold.start_s for hold in analysis.holds) == pytest.approx(15, abs=1)


def _last(counter: Counter, frames: Frames, begin_s: float) -> tuple[str, int]:
    for time_s, pose in frames:
        state = counter(pose, time_s + begin_s)
    return state.exercise, state.count
