"""What is done to a picture before a task looks at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ImageProcessingOptions:
    """Accepted as it is; anything but the defaults is refused by the pose landmarker.

    Attributes:
        region_of_interest: MediaPipe's pose landmarker takes none either.
        rotation_degrees: turn the picture before it is given instead.
    """

    region_of_interest: object = None
    rotation_degrees: int = 0
