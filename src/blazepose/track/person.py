"""One followed person: id, filters, where they were seen and where to look next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from blazepose.pose import Pose, Roi
from blazepose.roi import from_circle
from blazepose.shapes import Float32
from blazepose.smooth import AUXILIARY, VISIBILITY_ALPHA, LowPass, MaskMix, OneEuro
from blazepose.track.filters import ReleasedFilter, SteadyFilter
from blazepose.track.landmarker import Landmarks

MIN_SCORE = 0.5
"""Score of a pose above which somebody is there (MediaPipe's)."""

_SPEED_ALPHA = 0.3
_LONGEST_STEP_S = 0.5  # a speed over a longer gap says nothing
_COASTING_S = 0.3  # for how long somebody unseen is taken to go on as they went


@dataclass(frozen=True)
class Smoothing:
    """What is filtered over time.

    Attributes:
        points: places, visibility and world places.
        mask: the mask, where there is one.
        released: points as the released solution filters them.
    """

    points: bool = True
    mask: bool = True
    released: bool = False


class Person:
    """Somebody who is followed.

    Attributes:
        id: stays.
        roi: where to look next.
        pose: as seen last, not smoothed, without the mask; None before the first look.
        seen_s: time of the last look, s.
    """

    def __init__(self, id: int, roi: Roi, *, smooth: Smoothing) -> None:
        self.id = id
        self.roi = roi
        self.pose: Pose | None = None
        self.seen_s = 0.0
        self._speed = np.zeros(2, np.float32)  # px per s, of the circle's centre
        self._smooth = smooth
        self.forget_motion()

    def forget_motion(self) -> None:
        """Start the filters anew: time jumped."""
        self._points = ReleasedFilter() if self._smooth.released else SteadyFilter()
        self._auxiliary, self._visibility = OneEuro(AUXILIARY), LowPass(VISIBILITY_ALPHA)
        self._mask = MaskMix()
        self._speed = np.zeros(2, np.float32)

    def update(self, landmarks: Landmarks, time_s: float) -> Pose:
        """Take this frame's landmarks; the pose with its id, smoothed if asked for."""
        # The auxiliary points are filtered in any case, as in the released solution: a region
        # that trembles makes the points tremble.
        diameter = landmarks.diameter
        roi = from_circle(*self._auxiliary(landmarks.auxiliary, time_s, scale=1 / diameter))
        self._note(roi, time_s)
        pose = self.pose = replace(landmarks.pose, id=self.id)
        if landmarks.mask is not None:
            # Mixed in the region, which goes along with the person: in the frame it would trail.
            mask = self._mask(landmarks.mask) if self._smooth.mask else landmarks.mask
            pose = replace(pose, mask=landmarks.laid(mask))
        if not self._smooth.points:
            return pose
        points, world = self._points(pose.points, pose.world, time_s, diameter=diameter)
        visibility = self._visibility(pose.visibility)
        if not self._smooth.released:  # who left the frame is not seen any more
            visibility = np.minimum(visibility, pose.presence)
        return replace(pose, points=points, world=world, visibility=visibility)

    def expected(self, time_s: float) -> Float32[np.ndarray, "K 2"]:
        """Where the points should be now, px: as seen last, moved as the person moved."""
        assert self.pose is not None
        gap_s = min(max(time_s - self.seen_s, 0.0), _COASTING_S)
        return self.pose.points[:, :2] + self._speed * np.float32(gap_s)

    def _note(self, roi: Roi, time_s: float) -> None:
        if self.pose is not None and 0 < (gap_s := time_s - self.seen_s) < _LONGEST_STEP_S:
            moved = np.subtract(roi.center_xy, self.roi.center_xy) / gap_s
            self._speed += np.float32(_SPEED_ALPHA) * (moved.astype(np.float32) - self._speed)
        self.roi, self.seen_s = roi, time_s
