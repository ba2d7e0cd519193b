"""One person's landmarks frame by frame, with looks at the frames to come begun in advance.

A frame's region follows from the landmarks of the frame before, so a tracker would wait for one
network at a time, which leaves cores idle. Here it is guessed where the person will be, and the
network looks there meanwhile. What it finds counts where the guess proves to be as near to the
region as regions of somebody who stands still are to each other; else the frame is looked at again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from blazepose.pose import Frame, Roi
from blazepose.roi import apart
from blazepose.track.landmarker import Landmarker, Landmarks

FRAMES = 2  # looked at in advance; more guesses fail, and two keep two networks busy

# What a guess may be off by: parts of the region's side, of its size and rad. Regions that are
# right move by 0.015, 0.065 and 0.05 at most in nine of ten photos.
_SHIFT, _GROWTH, _TURN = 0.02, 1.065, 0.05

# Share of the last motion that is expected again; with all of it points tremble more. Size and turn
# are expected to stay.
_GOES_ON = 0.7

# A right guess saves a fifth of a frame's time, a wrong one costs a look.
_WORTH = 0.85  # share of the guesses that have to be right
_LATEST = 0.1  # weight of the last one in that share


@dataclass(frozen=True, eq=False)
class _Look:
    """One that has begun.

    Attributes:
        frame: that is looked at.
        roi: where in it.
        landmarks: waits for what is found.
    """

    frame: Frame
    roi: Roi
    landmarks: Callable[[], Landmarks]


class LookAhead:
    """Looks at one person."""

    def __init__(self, landmarker: Landmarker) -> None:
        self._landmarker = landmarker
        self.forget()

    def forget(self) -> None:
        """Somebody else comes, or the same person elsewhere."""
        self._begun: deque[_Look] = deque()
        self._regions = deque[Roi](maxlen=FRAMES + 1)  # of the frames before
        self._rates = [_WORTH] * FRAMES  # of guesses one, two .. frames ahead that were right

    def __call__(self, frame: Frame, roi: Roi, coming: Sequence[Frame]) -> Landmarks:
        """The landmarks in a frame.

        Args:
            frame: the next one.
            roi: where the person is in it.
            coming: frames after it, as far as they are known.
        """
        look = self._looked(frame, roi)
        self._judge_guesses(roi)
        self._regions.append(roi)
        worth = takewhile(lambda rate: rate >= _WORTH, self._rates)
        coming = [later for later, _ in zip(coming, worth, strict=False)]
        if coming and look is None:
            look = self._begin(frame, roi)
        for number, later in enumerate(coming[len(self._begun) :], len(self._begun) + 1):
            self._begun.append(self._begin(later, self._guess(ahead=number)))
        return look.landmarks() if look else self._landmarker(frame.pixels, roi)

    def _looked(self, frame: Frame, roi: Roi) -> _Look | None:
        """What has begun for a frame; all that has is dropped where it looks at something else."""
        if self._begun and self._begun[0].frame is frame and _is_near(self._begun[0].roi, roi):
            return self._begun.popleft()
        self._begun.clear()
        return None

    def _judge_guesses(self, roi: Roi) -> None:
        """How good guesses of a frame's region would have been in the frames before."""
        for ahead in range(1, len(self._regions)):
            right = _is_near(self._guess(ahead=ahead, ago=ahead - 1), roi)
            self._rates[ahead - 1] += _LATEST * (right - self._rates[ahead - 1])

    def _begin(self, frame: Frame, roi: Roi) -> _Look:
        return _Look(frame, roi, self._landmarker.begin(frame.pixels, roi))

    def _guess(self, *, ahead: int, ago: int = 0) -> Roi:
        """The region so many frames after one some frames ago, as far as could be told there."""
        last = self._regions[-1 - ago]
        before = self._regions[-2 - ago] if len(self._regions) > 1 + ago else last
        (x, y), (x0, y0) = last.center_xy, before.center_xy
        part = _GOES_ON * ahead
        return replace(last, center_xy=(x + part * (x - x0), y + part * (y - y0)))


def _is_near(guess: Roi, roi: Roi) -> bool:
    shift, growth, turn_rad = apart(roi, guess)
    return shift <= _SHIFT and growth <= _GROWTH and turn_rad <= _TURN
