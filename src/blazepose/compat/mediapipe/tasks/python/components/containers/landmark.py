"""Landmarks as the task API hands them out: plain values, None where one is not given."""

from __future__ import annotations

from dataclasses import dataclass


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
