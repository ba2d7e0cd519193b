"""The legacy solution `mp.solutions.pose`: RGB arrays in, one person's landmarks out."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from blazepose.compat.engine import Engine, normalized_rows, world_rows
from blazepose.compat.mediapipe.framework.formats.landmark_pb2 import (
    Landmark,
    LandmarkList,
    NormalizedLandmark,
    NormalizedLandmarkList,
)
from blazepose.compat.mediapipe.python.solution_base import SolutionBase
from blazepose.compat.mediapipe.python.solutions.pose_connections import POSE_CONNECTIONS
from blazepose.shapes import Float32

__all__ = ["POSE_CONNECTIONS", "Pose", "PoseLandmark", "SolutionOutputs"]

_MODELS = ("lite", "full", "heavy")  # by model complexity


class PoseLandmark(enum.IntEnum):
    """Numbers of the 33 landmarks; left and right are the person's own."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


@dataclass(eq=False)
class SolutionOutputs:
    """What `Pose.process` gives; None throughout when nobody is there. Scripts may change it.

    Attributes:
        pose_landmarks: x and z in parts of the width, y of the height, and visibility.
        pose_world_landmarks: metres from mid-hip, and visibility.
        segmentation_mask: (H, W) 0..1, the share of each pixel that is person; None unless asked
            for.
    """

    pose_landmarks: NormalizedLandmarkList | None = None
    pose_world_landmarks: LandmarkList | None = None
    segmentation_mask: Float32[np.ndarray, "H W"] | None = None


class Pose(SolutionBase):
    """Finds one person in pictures, or follows one through a video."""

    def __init__(
        self,
        static_image_mode: bool = False,
        model_complexity: int = 1,
        smooth_landmarks: bool = True,
        enable_segmentation: bool = False,
        smooth_segmentation: bool = True,
        min_detection_confidence: float = 0.5,
        min_tracking_confidence: float = 0.5,
    ) -> None:
        """Load the networks, fetching them on their first use.

        Args:
            static_image_mode: the pictures are unrelated photos; each is searched thoroughly.
            model_complexity: 0, 1 or 2: lite, full or heavy.
            smooth_landmarks: filter landmarks over time.
            enable_segmentation: make the mask.
            smooth_segmentation: mix masks over time.
            min_detection_confidence: least score of somebody new, 0..1; 0.5 at least holds.
            min_tracking_confidence: least score of the person followed, as above.

        Raises:
            ValueError: an argument out of its range.
            DownloadError: a model that no source gives.
        """
        if model_complexity not in range(len(_MODELS)):
            raise ValueError(f"model_complexity must be 0, 1 or 2, got {model_complexity}")
        self._engine = Engine(
            _MODELS[model_complexity],
            still=static_image_mode,
            smooth=smooth_landmarks,
            mask=enable_segmentation,
            smooth_mask=smooth_segmentation,
            found_at=min_detection_confidence,
            kept_at=min_tracking_confidence,
        )

    def process(self, image: np.ndarray) -> SolutionOutputs:
        """The person in a picture, or in the next frame 1/30 s after the one before.

        Args:
            image: (H, W, 3) uint8, RGB.

        Raises:
            TypeError, ValueError: no such array.
        """
        poses = self._engine(image)
        if not poses:
            return SolutionOutputs()
        height, width = image.shape[:2]
        seen = normalized_rows(poses[0], (width, height)).tolist()
        world = world_rows(poses[0]).tolist()
        return SolutionOutputs(
            NormalizedLandmarkList(landmark=[NormalizedLandmark(**_given(row)) for row in seen]),
            LandmarkList(landmark=[Landmark(**_given(row)) for row in world]),
            poses[0].mask,
        )

    def reset(self) -> None:
        """Forget the person: a new clip begins."""
        self._engine.reset()


def _given(row: list[float]) -> dict[str, float]:
    """The fields of a landmark; as in MediaPipe, presence stays unset."""
    return dict(zip(("x", "y", "z", "visibility"), row, strict=False))
