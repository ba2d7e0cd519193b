from collections.abc import Generator, Iterable
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

    holds: bool = False

    skeleton = BLAZEPOSE33

    def reset(self, *, ids: bool = False) -> None:
        assert ids

    def track(self, frames: Iterable[Frame]) -> Generator[tuple[Frame, list[Pose]]]:
        for frame in frames:
            yield frame, [POSE] if self.holds else []

    def add(self, roi: Roi) -> None:
        assert roi == FOUND
        self.holds = True


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
    found = [bool(people) for _, people in seeker.track(_frames(2))]
    assert found == [False] * 5 + [True] * 15
    assert search.times == [0.4]


def test_where_nobody_is_the_search_is_made_once_a_second() -> None:
    search = Search(finds=False)
    seeker = Seeker(Blind(), lambda: search)
    assert not any(people for _, people in seeker.track(_frames(3)))
    assert search.times == [0.4, 1.4, 2.4]


def test_the_search_is_not_even_loaded_for_a_tracker_that_sees() -> None:
    def load() -> Search:
        raise AssertionError("loaded")

    seeker = Seeker(Blind(holds=True), load)
    assert all(people for _, people in seeker.track(_frames(2)))


def test_after_time_jumped_back_the_search_goes_on() -> None:
    search = Search(finds=False)
    seeker = Seeker(Blind(), lambda: search)
    blank = np.zeros((8, 8, 3), np.uint8)
    assert len(list(seeker.track(Frame(blank, time_s) for time_s in (100.0, 100.5, 3.0, 3.1)))) == 4
    assert search.times == [100.5, 3.0]
