"""Tasks on pictures; of them the pose landmarker, and what draws its results."""

from typing import NoReturn

from blazepose.compat.absent import absent
from blazepose.compat.mediapipe.python.solutions.pose import PoseLandmark
from blazepose.compat.mediapipe.tasks.python.vision import (
    drawing_styles,
    drawing_utils,
    pose_landmarker,
)
from blazepose.compat.mediapipe.tasks.python.vision.core.image_processing_options import (
    ImageProcessingOptions,
)
from blazepose.compat.mediapipe.tasks.python.vision.core.vision_task_running_mode import (
    VisionTaskRunningMode as RunningMode,
)
from blazepose.compat.mediapipe.tasks.python.vision.pose_landmarker import (
    PoseLandmarker,
    PoseLandmarkerOptions,
    PoseLandmarkerResult,
    PoseLandmarksConnections,
)

__all__ = [
    "ImageProcessingOptions",
    "PoseLandmark",
    "PoseLandmarker",
    "PoseLandmarkerOptions",
    "PoseLandmarkerResult",
    "PoseLandmarksConnections",
    "RunningMode",
    "drawing_styles",
    "drawing_utils",
    "pose_landmarker",
]


def __getattr__(name: str) -> NoReturn:
    raise absent("mediapipe.tasks.vision", name)
