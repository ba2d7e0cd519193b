"""A part of a clip tracked by itself, and the parts joined to what one pass would have found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from blazepose.pose import Pose, Roi
from blazepose.posefile import PoseFrame
from blazepose.shapes import Float32
from blazepose.skeleton import Skeleton
from blazepose.track.matching import likeness, pairs
from blazepose.track.tracker import Tracker
from blazepose.track.workers import Beat
from blazepose.video import MediaInfo
from blazepose.video.parts import Part

_ONE = 0.2  # OKS of two poses of one person in a frame; left and right may have been swapped

Moment: TypeAlias = tuple[float, list[Pose]]  # time in the clip, s, and who was found
Lead: TypeAlias = tuple[float, Roi]  # at that time somebody is there


@dataclass(frozen=True, eq=False)
class Segment:
    """What was found in a part of a clip, with ids of its own.

    Attributes:
        moments: of each frame; those of the run-in are left out.
        border: the last of the run-in, which is the last of the part before; None if there is none.
        skeleton: of the poses.
        problem: one line on what was damaged; None if nothing.
    """

    moments: list[Moment]
    border: Moment | None
    skeleton: Skeleton
    problem: str | None


class PartTracker:
    """Tracks one part after the other."""

    def __init__(self, make: Callable[[], Tracker]) -> None:
        self._tracker = make()

    def __call__(self, clip: str, part: Part, lead: Lead | None, beat: Beat) -> Segment:
        """Track a part of a clip.

        Args:
            clip: path of the video.
            part: of it.
            lead: where somebody is; None leaves it to the detector.
            beat: called for each frame.
        """
        from blazepose.video.decode import Clip

        self._tracker.reset(ids=True)
        moments: list[Moment] = []
        border: Moment | None = None
        with closing(Clip(clip, part=part, threads=1)) as decoded:
            for frame in decoded.frames():
                if beat():
                    break
                roi = lead[1] if lead and frame.time_s == lead[0] else None
                moment = frame.time_s, self._tracker(frame, roi=roi)
                if frame.time_s < part.start_s:
                    border = moment
                else:
                    moments.append(moment)
        return Segment(moments, border, self._tracker.skeleton, decoded.problem)


class Joined:
    """Puts segments one behind the other: frames are counted, and people keep their ids."""

    def __init__(self, info: MediaInfo) -> None:
        self._size_wh = info.width, info.height
        self._before: list[PoseFrame] = []  # of the segment before
        self._count = self._last_id = 0

    def add(self, segment: Segment) -> Iterator[PoseFrame]:
        """Its frames as those of the clip."""
        ids, is_first = self._known(segment), not self._count
        self._before = [self._frame(m, ids, is_first=is_first) for m in segment.moments]
        return iter(self._before)

    def missed(self, part: Part, segment: Segment) -> Lead | None:
        """Where somebody was in the part before whom the run-in should have found and did not.

        Of several people in sight, a tracker of one may take another one when it begins anew.
        """
        last = self._before[-1] if self._before else None
        if last is None or not last.people or self._known(segment):
            return None
        seen = (frame for frame in self._before if frame.time_s >= part.lead_s and frame.people)
        frame = next(seen, None)  # None: the part before ended early
        return (frame.time_s, frame.people[0].roi) if frame else None

    def gap(self, segment: Segment) -> str | None:
        """A line if frames are missing, or there twice, where the segment begins."""
        ended_s = self._before[-1].time_s if self._before else None
        begins_s = segment.border[0] if segment.border else None
        if ended_s == begins_s or not segment.moments:
            return None
        return f"around {segment.moments[0][0]:.2f} s frames may be missing or doubled"

    def _known(self, segment: Segment) -> dict[int, int]:
        """Ids of the clip by those of the segment, of people in the frame that both have."""
        then = self._before[-1].people if self._before else []
        now = segment.border[1] if segment.border else []
        like = likeness(_places(now), _places(then), segment.skeleton)
        return {now[i].id: then[j].id for i, j in pairs(1 - like, limit=1 - _ONE)}

    def _frame(self, moment: Moment, ids: dict[int, int], *, is_first: bool) -> PoseFrame:
        time_s, poses = moment
        for pose in poses:
            if pose.id not in ids:  # in the first as in one pass
                ids[pose.id] = pose.id if is_first else self._last_id + 1
                self._last_id = max(self._last_id, ids[pose.id])
        people = [replace(pose, id=ids[pose.id]) for pose in poses]
        self._count += 1
        return PoseFrame(self._count - 1, time_s, people, *self._size_wh)


def _places(poses: Sequence[Pose]) -> list[Float32[np.ndarray, "K 2"]]:
    return [pose.points[:, :2] for pose in poses]
