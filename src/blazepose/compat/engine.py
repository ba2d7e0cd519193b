"""What stands behind both of MediaPipe's APIs: pictures in, the people who are believed out.

Knows nothing of how either API dresses its results.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from os import PathLike
from threading import Lock

import numpy as np

from blazepose.pose import Frame, Pose
from blazepose.shapes import Float32
from blazepose.track import Estimator, Tracker
from blazepose.track.person import MIN_SCORE


class Engine:
    """Finds people in unrelated pictures, or follows them through a clip.

    Somebody new must reach one score and is then kept down to another, both compared with
    `Pose.score`. The tracker and the search decide who is there; these can only ask for more.
    """

    def __init__(
        self,
        model: str | PathLike[str],
        *,
        still: bool,
        people: int = 1,
        smooth: bool = True,
        mask: bool = False,
        smooth_mask: bool = True,
        found_at: float = 0.5,
        kept_at: float = 0.5,
    ) -> None:
        """Load the networks.

        Args:
            model: as for `Tracker`.
            still: the pictures have nothing to do with each other; search each thoroughly.
            people: how many at most.
            smooth: filter points over time, in a clip.
            mask: make `pose.mask`.
            smooth_mask: mix masks over time, in a clip.
            found_at: least score of somebody new, 0..1; up to 0.5 everybody will do.
            kept_at: least score of somebody followed, in the same way.

        Raises:
            ModelError, DownloadError: as for `Tracker`.
            ValueError: people below 1, or a score outside 0..1.
        """
        if people < 1:
            raise ValueError(f"the number of people must be at least 1, got {people}")
        for score in (found_at, kept_at):
            if not 0 <= score <= 1:
                raise ValueError(f"a confidence must lie in 0..1, got {score}")
        self._look: Callable[[Frame | np.ndarray], list[Pose]] = (
            partial(Estimator(model, mask=mask), people=people)
            if still
            else Tracker(
                model,
                people=people,
                smooth=smooth,
                released=True,
                mask=mask,
                smooth_mask=smooth_mask,
            )
        )
        wanted = (found_at, found_at if still else kept_at)
        self._found_at, self._kept_at = (s if s > MIN_SCORE else 0.0 for s in wanted)
        self._known: set[int] = set()
        self._in_turn = Lock()

    def __call__(self, image: np.ndarray, time_s: Callable[[], float] | None = None) -> list[Pose]:
        """The people in a picture, or in the next frame of the clip; threads take turns.

        Args:
            image: (H, W, 3) uint8 RGB.
            time_s: says when it was taken, once it is its turn; None: 1/30 s after the one before.

        Raises:
            TypeError, ValueError: no such array.
        """
        with self._in_turn:
            seen = self._look(Frame(image, time_s()) if time_s else image)
            poses = [pose for pose in seen if pose.score >= self._least(pose)]
            self._known = {pose.id for pose in poses}
        return poses

    def reset(self) -> None:
        """Forget everybody: a new clip begins."""
        with self._in_turn:
            self._known = set()
            if isinstance(self._look, Tracker):
                self._look.reset()

    def _least(self, pose: Pose) -> float:
        return self._kept_at if pose.id in self._known else self._found_at


def normalized_rows(pose: Pose, size_wh: tuple[int, int]) -> Float32[np.ndarray, "K 5"]:
    """Per point x, y, z, visibility and presence as MediaPipe gives them for the image.

    x and z are parts of the width, y is a part of the height.
    """
    width, height = size_wh
    scaled = pose.points / np.array([width, height, width], np.float32)
    return np.column_stack([scaled, pose.visibility, pose.presence])


def world_rows(pose: Pose) -> Float32[np.ndarray, "K 5"]:
    """Per point x, y, z in metres from mid-hip, visibility and presence."""
    return np.column_stack([pose.world, pose.visibility, pose.presence])
