"""As `solutions.drawing_styles`, where the task API has it."""

from blazepose.compat.mediapipe.python.solutions.drawing_styles import (
    get_default_pose_landmarks_style,
)

__all__ = ["get_default_pose_landmarks_style"]
