"""People in the frames of a clip, looked for as thoroughly as in a photo when nobody is found.

Who lies on the floor, hangs or stands on the head is missed by the detector of upright faces. The
search of photos finds them, and then the tracker holds them.
"""

from __future__ import annotations

from collections.abc import Callable
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

    def __call__(self, frame: Frame, *, roi: Roi | None = None) -> list[Pose]:
        """The people in the next frame; `roi`: where one is."""


@runtime_checkable
class Searches(Protocol):
    """An `Estimator`, or a fake one."""

    def __call__(self, image: Frame, *, people: int = 1) -> list[Pose]:
        """The people in a picture."""


class Seeker:
    """Takes frames, gives the people in them with ids."""

    def __init__(self, tracker: Follows, load: Callable[[], Searches]) -> None:
        """Follow with a tracker.

        Args:
            tracker: fresh, or reset.
            load: loads the search when it is first needed; most clips never need it.
        """
        self._tracker, self._load = tracker, load
        self._again_s: float | None = None

    @property
    def skeleton(self) -> Skeleton:
        """Names and edges of the points."""
        return self._tracker.skeleton

    def reset(self) -> None:
        """A new clip begins."""
        self._tracker.reset(ids=True)
        self._again_s = None

    def __call__(self, frame: Frame) -> list[Pose]:
        """The people in the next frame."""
        people = self._tracker(frame)
        if people or self._again_s is None:
            self._again_s = frame.time_s + _PATIENCE_S
            return people
        if 0 < self._again_s - frame.time_s <= _EVERY_S:  # more where time jumped back
            return []
        self._again_s = frame.time_s + _EVERY_S
        roi = self._searched(frame)
        return self._tracker(frame, roi=roi) if roi else []

    def _searched(self, frame: Frame) -> Roi | None:
        found = self._estimator(frame, people=1)
        return found[0].roi if found else None

    @cached_property
    def _estimator(self) -> Searches:
        return self._load()
