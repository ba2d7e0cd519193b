"""The colours of MediaPipe's pose: left orange, right cyan, the nose white, given as BGR."""

from __future__ import annotations

from typing import NoReturn

from blazepose.compat.absent import absent
from blazepose.compat.mediapipe.python.solutions.drawing_utils import WHITE_COLOR, DrawingSpec
from blazepose.compat.mediapipe.python.solutions.pose import PoseLandmark
from blazepose.skeleton import BLAZEPOSE33

_COLOURS_BGR = {"left": (0, 138, 255), "right": (231, 217, 0), "centre": WHITE_COLOR}


def get_default_pose_landmarks_style() -> dict[PoseLandmark, DrawingSpec]:
    """How each landmark is drawn; left and right are the person's own."""
    specs = {side: DrawingSpec(colour) for side, colour in _COLOURS_BGR.items()}
    return {point: specs[BLAZEPOSE33.sides[point]] for point in PoseLandmark}


def __getattr__(name: str) -> NoReturn:
    raise absent("mediapipe.solutions.drawing_styles", name)
