"""Whom to coach when several people are in the picture: the largest, and then the same person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from blazepose.pose import Pose

_WAIT_S = 1.0  # for somebody out of sight, before the largest of the others is followed
_NEAR = 0.5  # sides of the region; who turns up nearer than that is the same person, lost and found
_PASSING = 0.3  # part of the frames; who is there for less is not worth a word


class Follower:
    """Takes the people of each frame, gives the one to coach.

    Attributes:
        followed: number of frames by the id that was followed in them.
    """

    def __init__(self, person: int | None = None) -> None:
        """Follow the person with an id; None: the largest."""
        self._wanted = person
        self._last: tuple[Pose, float] | None = None  # the one followed, and when
        self._frames = 0
        self._seen: Counter[int] = Counter()
        self.followed: Counter[int] = Counter()

    def __call__(self, people: Sequence[Pose], time_s: float) -> Pose | None:
        """The person to coach; None while out of sight.

        Args:
            people: of the frame, with ids.
            time_s: of the frame.
        """
        self._frames += 1
        self._seen.update(pose.id for pose in people)
        pose = self._chosen(people, time_s)
        if pose:
            self._last = pose, time_s
            self.followed[pose.id] += 1
        return pose

    @property
    def seen(self) -> list[int]:
        """Ids of everybody, in the order they came."""
        return list(self._seen)

    @property
    def others(self) -> list[int]:
        """Ids of those who were there for a while and were never followed."""
        fewest = _PASSING * self._frames
        return [
            id for id, count in self._seen.items() if count > fewest and id not in self.followed
        ]

    def _chosen(self, people: Sequence[Pose], time_s: float) -> Pose | None:
        last_id = self._last[0].id if self._last else None
        wanted = last_id if self._wanted is None else self._wanted
        for pose in people:
            if pose.id == wanted:
                return pose
        if self._wanted is not None or not people:
            return None
        largest = max(people, key=_size)
        if self._last is None:
            return largest
        pose, seen_s = self._last
        same = min(people, key=lambda other: _apart(pose, other))
        if _apart(pose, same) < _NEAR:
            return same
        return largest if not 0 <= time_s - seen_s < _WAIT_S else None


def _size(pose: Pose) -> float:
    """Diagonal of the box round the points, px."""
    return float(np.hypot(*np.ptp(_known(pose), axis=0))) if len(_known(pose)) else 0.0


def _apart(one: Pose, other: Pose) -> float:
    """Distance of two bodies, in parts of the larger of them."""
    size = max(_size(one), _size(other))
    if not size:
        return float("inf")
    ways = (_known(pose).mean(axis=0) for pose in (one, other))
    return float(np.hypot(*np.subtract(*ways))) / size


def _known(pose: Pose) -> np.ndarray:
    """(N, 2) points that have a place."""
    xy = pose.points[:, :2]
    return xy[np.isfinite(xy).all(axis=1)]
