"""The solutions that MediaPipe removed in 0.10.30; of them the pose, and what draws it."""

from typing import NoReturn

from blazepose.compat.absent import absent
from blazepose.compat.mediapipe.python.solutions import (
    drawing_styles,
    drawing_utils,
    pose,
    pose_connections,
)

__all__ = ["drawing_styles", "drawing_utils", "pose", "pose_connections"]


def __getattr__(name: str) -> NoReturn:
    raise absent("mediapipe.solutions", name)
