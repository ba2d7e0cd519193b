"""One person out of a crowd: the one whom the user chose.

Everybody is watched, so that where people cross nobody is taken for the one who was chosen, and
only that one is given. While they are out of sight nobody stands in for them whom a frame has
shown beside them.
"""

from __future__ import annotations

from collections.abc import Sequence

from blazepose.pose import Frame, Pose, Roi
from blazepose.track.choice import Follow, check_inside, choose, point, region
from blazepose.track.crowd import Crowd
from blazepose.track.landmarker import Landmarker
from blazepose.track.person import MIN_SCORE

# Regions to look at round a point where the detector sees nobody: sides in parts of the frame's
_SIDES = (1.0, 0.5, 0.25)
_PASSES = 3  # each in the region that the one before gives


class Chosen:
    """Follows the one whom a choice means.

    The choice is made in the first frame in which it means somebody, and anew when who was chosen
    is forgotten.

    Attributes:
        frames_ahead: as of the `Crowd`.
    """

    def __init__(self, crowd: Crowd, landmarker: Landmarker, follow: Follow) -> None:
        self._crowd, self._landmarker, self._follow = crowd, landmarker, follow
        self.frames_ahead = crowd.frames_ahead
        self.reset()

    def reset(self, *, ids: bool = False) -> None:
        """Forget everybody; as `Crowd.reset`."""
        self._crowd.reset(ids=ids)
        self._id: int | None = None
        self._others: set[int] = set()  # ids of those seen beside the chosen one
        self._is_first = True

    def forget_motion(self) -> None:
        """Time jumped back."""
        self._crowd.forget_motion()

    def add(self, roi: Roi) -> None:
        """Follow whoever is in a region from the next frame on."""
        self._id = self._crowd.add(roi)

    def __call__(self, frame: Frame, coming: Sequence[Frame] = ()) -> list[Pose]:
        """The chosen one; [] while out of sight.

        Args:
            frame: the next one.
            coming: those after it, as for the `Crowd`.

        Raises:
            OutsideFrameError: the point or region of the choice is not in the frame.
        """
        if self._id is not None and not self._crowd.knows(self._id):
            self._id = None
        poses = self._crowd(frame, coming) if self._id is not None else self._begin(frame)
        ids = {pose.id for pose in poses}
        if self._id is not None:
            self._id = self._crowd.id_of(self._id)
        if self._id in ids:
            self._others |= ids - {self._id}
        elif self._id is not None and not isinstance(self._follow, int):
            # Not known again for sure, or the id would be the old one; but it can be nobody else.
            again = self._crowd.likest(self._id, ids - self._others)
            self._id = self._id if again is None else again
        return [pose for pose in poses if pose.id == self._id]

    def _begin(self, frame: Frame) -> list[Pose]:
        """Everybody in a frame, with the choice made if it means somebody there."""
        height, width = frame.pixels.shape[:2]
        check_inside(self._follow, (width, height))
        thorough = self._is_first and not isinstance(self._follow, int)
        self._is_first = False
        if (where := region(self._follow)) and (roi := self._seen_in(frame, where)):
            self._id = self._crowd.add(roi)
            thorough = False
        poses = self._crowd(frame, thorough=thorough)
        if self._id is None and (pose := choose(self._follow, poses, (width, height))):
            self._id = pose.id
        if self._id is None and thorough and (roi := self._missed(frame)):
            self._id = self._crowd.add(roi)
        return poses

    def _seen_in(self, frame: Frame, where: Roi) -> Roi | None:
        """The region of whoever is in a box, a given one as it is; None if nobody is there."""
        landmarks = self._landmarker(frame.pixels, where)
        if landmarks.pose.score <= MIN_SCORE:
            return None
        return where if where == self._follow else landmarks.next_roi

    def _missed(self, frame: Frame) -> Roi | None:
        """The region of somebody on the chosen point whom the detector does not see."""
        if (place := point(self._follow)) is None:
            return None
        height, width = frame.pixels.shape[:2]
        for side in _SIDES:
            roi = Roi(place, side * max(width, height))
            for _ in range(_PASSES):
                landmarks = self._landmarker(frame.pixels, roi)
                roi = landmarks.next_roi
            seen = [landmarks.pose] if landmarks.pose.score > MIN_SCORE else []
            if choose(self._follow, seen, (width, height)):
                return roi
        return None
