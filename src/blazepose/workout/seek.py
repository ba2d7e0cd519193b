"""People in the frames of a clip, looked for as thoroughly as in a photo when nobody is found.

Who lies on the floor, hangs or stands on the head is missed by the detector of upright faces. The
search of photos finds them, and then the tracker holds them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from functools import cached_property
from typing import Protocol, runtime_checkable

from blazepose.pose import Frame, Pose, Roi
from blazepose.skeleton import Skeleton

_PATIENCE_S = 0.4  # in which the tracker itself looks at every part of the frame
_EVERY_S = 1.0  # a search costs as much as dozens of frames


@runtime_checkable
class Follows(Protocol):
    """A `Tracker`, or a fake one."""

    @property
    def skeleton(self) -> Skeleton:
        """Names and edges of the points."""

    def reset(self, *, ids: bool = False) -> None:
        """A new clip begins; `ids`: with id 1."""

    def track(self, frames: Iterable[Frame]) -> Generator[tuple[Frame, list[Pose]]]:
        """Each frame and the people in it."""

    def add(self, roi: Roi) -> None:
        """Follow whoever is in a region of the next frame."""


@runtime_checkable
class Searches(Protocol):
    """An `Estimator`, or a fake one."""

    def __call__(self, image: Frame, *, people: int = 1) -> list[Pose]:
        """The people in a picture."""


class Seeker:
    """Takes the frames of a clip, gives them with the people in them, who have ids."""

    def __init__(self, tracker: Follows, load: Callable[[], Searches]) -> None:
        """Follow with a tracker.

        Args:
            tracker: fresh, or reset.
            load: loads the search when it is first needed; most clips never need it.
        """
        self._tracker, self._load = tracker, load

    @property
    def skeleton(self) -> Skeleton:
        """Names and edges of the points."""
        return self._tracker.skeleton

    def track(self, frames: Iterable[Frame]) -> Generator[tuple[Frame, list[Pose]]]:
        """Each frame of a new clip and the people in it."""
        self._tracker.reset(ids=True)
        again_s: float | None = None
        for frame, people in self._tracker.track(frames):
            if people or again_s is None:
                again_s = frame.time_s + _PATIENCE_S
            elif not 0 < again_s - frame.time_s <= _EVERY_S:  # more where time jumped back
                again_s = frame.time_s + _EVERY_S
                if roi := self._searched(frame):
                    self._tracker.add(roi)
            yield frame, people

    def _searched(self, frame: Frame) -> Roi | None:
        found = self._estimator(frame, people=1)
        return found[0].roi if found else None

    @cached_property
    def _estimator(self) -> Searches:
        return self._load()
