from dataclasses import dataclass, field, replace

import numpy as np

from blazepose.pose import Frame, Pose, Roi
from blazepose.skeleton import BLAZEPOSE33
from blazepose.workout.seek import Seeker
from motion import Camera, film, squat

(_, POSE), *_ = film(lambda _: squat(0), 1, camera=Camera())
FOUND = Roi((10.0, 20.0), 30.0)


@dataclass
class Blind:
    """A tracker that finds nobody by itself, but holds whom it is shown."""

    given: list[float] = field(default_factory=list)

    skeleton = BLAZEPOSE33

    def reset(self, *, ids: bool = False) -> None:
        assert ids
        self.given.clear()

    def __call__(self, frame: Frame, *, roi: Roi | None = None) -> list[Pose]:
        if roi is not None:
            assert roi == FOUND
            self.given.append(frame.time_s)
        return [POSE] if self.given else []


@dataclass
class Search:
    """A search that finds somebody, or not."""

    finds: bool
    times: list[float] = field(default_factory=list)

    def __call__(self, image: Frame, *, people: int = 1) -> list[Pose]:
        self.times.append(image.time_s)
        return [replace(POSE, roi=FOUND)] if self.finds else []


def _frames(seconds: float) -> list[Frame]:
    blank = np.zeros((8, 8, 3), np.uint8)
    return [Frame(blank, index / 10, index) for index in range(round(10 * seconds))]


def test_whom_the_tracker_misses_the_search_finds_once() -> None:
    search = Search(finds=True)
    seeker = Seeker(Blind(), lambda: search)
    found = [bool(seeker(frame)) for frame in _frames(2)]
    assert found == [False] * 4 + [True] * 16
    assert search.times == [0.4]


def test_where_nobody_is_the_search_is_made_once_a_second() -> None:
    search = Search(finds=False)
    seeker = Seeker(Blind(), lambda: search)
    assert not any(seeker(frame) for frame in _frames(3))
    assert search.times == [0.4, 1.4, 2.4]


def test_the_search_is_not_even_loaded_for_a_tracker_that_sees() -> None:
    def load() -> Search:
        raise AssertionError("loaded")

    seeker = Seeker(Blind([0.0]), load)
    assert all(seeker(frame) for frame in _frames(2))


def test_after_time_jumped_back_the_search_goes_on() -> None:
    search = Search(finds=False)
    seeker = Seeker(Blind(), lambda: search)
    blank = np.zeros((8, 8, 3), np.uint8)
    for time_s in (100.0, 100.5, 3.0, 3.1):
        seeker(Frame(blank, time_s))
    assert search.times == [100.5, 3.0]
