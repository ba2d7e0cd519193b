"""The values in results."""

from blazepose.compat.mediapipe.tasks.python.components.containers.landmark import (
    Landmark,
    NormalizedLandmark,
)

__all__ = ["Landmark", "NormalizedLandmark"]
