"""Worker: MediaPipe's newer interface, the task API's `PoseLandmarker`.

python task.py MODEL BUNDLE    # what to call it, and its .task file
python task.py MODEL BUNDLE PEOPLE LEAST    # as many people at most, each score at least LEAST
"""

from __future__ import annotations

import sys
from functools import cached_property
from typing import Any

import media  # type: ignore[import-not-found]
import mediapipe  # type: ignore[import-not-found]
import numpy as np
from serve import person, serve  # type: ignore[import-not-found]

_FRAME_MS = 33


class Task:
    """Running mode VIDEO for clips, IMAGE for stills; the rest as it comes."""

    version = mediapipe.__version__
    skeleton = "blazepose33"
    frames = staticmethod(media.frames)
    read = staticmethod(media.read)

    def __init__(self, model: str, bundle: str, people: str = "1", least: str = "0.5") -> None:
        self.model, self._bundle = model, bundle
        self._people, self._least = int(people), float(least)
        self._time_ms = 0

    @cached_property
    def _tracker(self) -> Any:
        return self._open("VIDEO")

    @cached_property
    def _finder(self) -> Any:
        return self._open("IMAGE")

    def _open(self, mode: str) -> Any:
        vision = mediapipe.tasks.vision
        return vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                base_options=mediapipe.tasks.BaseOptions(model_asset_path=self._bundle),
                running_mode=vision.RunningMode[mode],
                num_poses=self._people,
                min_pose_detection_confidence=self._least,
                min_pose_presence_confidence=self._least,
                min_tracking_confidence=self._least,
            )
        )

    def reset(self) -> None:
        """See `serve.System`; the task has no such call, a new one is made."""
        self.__dict__.pop("_tracker", None)
        self._time_ms = 0
        self._tracker  # noqa: B018 - loading is not to be timed with the first frame

    def track(self, image: np.ndarray) -> Any:
        """See `serve.System`."""
        self._time_ms += _FRAME_MS
        return self._tracker.detect_for_video(_wrap(image), self._time_ms)

    def find(self, image: np.ndarray) -> Any:
        """See `serve.System`."""
        return self._finder.detect(_wrap(image))

    def anybody(self, found: Any) -> bool:
        """See `serve.System`."""
        return bool(found.pose_landmarks)

    def people(self, found: Any, width: int, height: int) -> list[dict[str, Any]]:
        """See `serve.System`."""
        people = []
        pairs = zip(found.pose_landmarks, found.pose_world_landmarks, strict=True)
        for points, space in pairs:
            rows = [(p.x * width, p.y * height, p.z * width, p.visibility) for p in points]
            world = [(p.x, p.y, p.z) for p in space]
            people += person(np.array(rows), 1.0, world=np.array(world))
        return people


def _wrap(image: np.ndarray) -> Any:
    return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)


if __name__ == "__main__":
    serve(Task(*sys.argv[1:]))
