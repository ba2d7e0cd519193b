"""Worker: MediaPipe's older interface, `mp.solutions.pose`.

python solution.py MODEL WEIGHTS    # lite, full or heavy, and its .tflite
"""

from __future__ import annotations

import shutil
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import media  # type: ignore[import-not-found]
import mediapipe  # type: ignore[import-not-found]
import numpy as np
from serve import person, serve  # type: ignore[import-not-found]

_COMPLEXITY = {"lite": 0, "full": 1, "heavy": 2}


class Solution:
    """Tracks with smoothing on, as it comes; stills are `static_image_mode`."""

    version = mediapipe.__version__
    skeleton = "blazepose33"
    frames = staticmethod(media.frames)
    read = staticmethod(media.read)

    def __init__(self, model: str, weights: str) -> None:
        self.model = model
        _place(model, Path(weights))

    @cached_property
    def _tracker(self) -> Any:
        return self._open(static=False)

    @cached_property
    def _finder(self) -> Any:
        return self._open(static=True)

    def _open(self, *, static: bool) -> Any:
        return mediapipe.solutions.pose.Pose(
            static_image_mode=static, model_complexity=_COMPLEXITY[self.model]
        )

    def reset(self) -> None:
        """See `serve.System`."""
        self._tracker.reset()

    def track(self, image: np.ndarray) -> Any:
        """See `serve.System`."""
        return self._tracker.process(image)

    def find(self, image: np.ndarray) -> Any:
        """See `serve.System`."""
        return self._finder.process(image)

    def anybody(self, found: Any) -> bool:
        """See `serve.System`."""
        return found.pose_landmarks is not None

    def people(self, found: Any, width: int, height: int) -> list[dict[str, Any]]:
        """See `serve.System`."""
        if not self.anybody(found):
            return []
        rows = [
            (p.x * width, p.y * height, p.z * width, p.visibility)
            for p in found.pose_landmarks.landmark
        ]
        world = [(p.x, p.y, p.z) for p in found.pose_world_landmarks.landmark]
        return person(np.array(rows), 1.0, world=np.array(world))


def _place(model: str, weights: Path) -> None:
    """Put a model's file where the solution looks before it tries to download one."""
    folder = Path(mediapipe.__file__).parent / "modules" / "pose_landmark"
    goal = folder / f"pose_landmark_{model}.tflite"
    if not goal.exists():
        part = goal.with_suffix(".part")
        shutil.copyfile(weights, part)
        part.replace(goal)


if __name__ == "__main__":
    serve(Solution(*sys.argv[1:]))
