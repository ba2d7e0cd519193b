"""Landmarks as the task API hands them out: plain values, None where one is not given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from blazepose.compat.mediapipe.framework.formats import landmark_pb2


@dataclass
class Landmark:
    """A point in space.

    Attributes:
        x: metres from mid-hip, to the right.
        y: metres from mid-hip, downward.
        z: metres from mid-hip, away from the camera.
        visibility: 0..1, in the image and not hidden.
        presence: 0..1, in the image.
    """

    x: float | None = None
    y: float | None = None
    z: float | None = None
    visibility: float | None = None
    presence: float | None = None

    def to_pb2(self) -> Any:
        """The same as a message."""
        return landmark_pb2.Landmark(**vars(self))

    @classmethod
    def create_from_pb2(cls, pb2_obj: Any) -> Landmark:
        """A message as plain values; what is not set there reads as 0."""
        return cls(pb2_obj.x, pb2_obj.y, pb2_obj.z, pb2_obj.visibility, pb2_obj.presence)


@dataclass
class NormalizedLandmark:
    """A point in the image.

    Attributes:
        x: in parts of the width.
        y: in parts of the height.
        z: in parts of the width, 0 at mid-hip, negative toward the camera.
        visibility: 0..1, in the image and not hidden.
        presence: 0..1, in the image.
    """

    x: float | None = None
    y: float | None = None
    z: float | None = None
    visibility: float | None = None
    presence: float | None = None

    def to_pb2(self) -> Any:
        """The same as a message."""
        return landmark_pb2.NormalizedLandmark(**vars(self))

    @classmethod
    def create_from_pb2(cls, pb2_obj: Any) -> NormalizedLandmark:
        """A message as plain values; what is not set there reads as 0."""
        return cls(pb2_obj.x, pb2_obj.y, pb2_obj.z, pb2_obj.visibility, pb2_obj.presence)
