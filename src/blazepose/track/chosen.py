"""One person out of a crowd: the one whom the user chose.

Everybody is watched, so that where people cross nobody is taken for the one who was chosen, and
only that one is given. While they are out of sight nobody stands in for them.
"""

from __future__ import annotations

from blazepose.pose import Frame, Pose, Roi
from blazepose.track.choice import Follow, check_inside, choose, region
from blazepose.track.crowd import Crowd
from blazepose.track.landmarker import Landmarker
from blazepose.track.person import MIN_SCORE


class Chosen:
    """Follows the one whom a choice means.

    The choice is made in the first frame in which it means somebody, and anew when who was chosen
    is forgotten.
    """

    def __init__(self, crowd: Crowd, landmarker: Landmarker, follow: Follow) -> None:
        self._crowd, self._landmarker, self._follow = crowd, landmarker, follow
        self.reset()

    def reset(self) -> None:
        """Forget everybody; ids go on, so they stay unique."""
        self._crowd.reset()
        self._id: int | None = None
        self._is_first = True

    def forget_motion(self) -> None:
        """Time jumped back."""
        self._crowd.forget_motion()

    def add(self, roi: Roi) -> None:
        """Follow whoever is in a region from the next frame on."""
        self._id = self._crowd.add(roi)

    def __call__(self, frame: Frame) -> list[Pose]:
        """The chosen one; [] while out of sight.

        Raises:
            OutsideFrameError: the point or region of the choice is not in the frame.
        """
        if self._id is not None and not self._crowd.knows(self._id):
            self._id = None
        poses = self._crowd(frame) if self._id is not None else self._begin(frame)
        return [pose for pose in poses if pose.id == self._id]

    def _begin(self, frame: Frame) -> list[Pose]:
        """Everybody in a frame, with the choice made if it means somebody there."""
        height, width = frame.image.shape[:2]
        check_inside(self._follow, (width, height))
        thorough = self._is_first and not isinstance(self._follow, int)
        self._is_first = False
        if (where := region(self._follow)) and (roi := self._seen_in(frame, where)):
            self._id = self._crowd.add(roi)
            thorough = False
        poses = self._crowd(frame, thorough=thorough)
        if self._id is None and (pose := choose(self._follow, poses, (width, height))):
            self._id = pose.id
        return poses

    def _seen_in(self, frame: Frame, where: Roi) -> Roi | None:
        """The region of whoever is in a box, a given one as it is; None if nobody is there."""
        landmarks = self._landmarker(frame.image, where)
        if landmarks.pose.score <= MIN_SCORE:
            return None
        return where if where == self._follow else landmarks.next_roi
