"""The values that flow through the package: Frame -> Detection -> Roi -> Pose.

Frozen and free of behaviour that needs a network or an image library. Pixel coordinates follow
the corner convention of `geometry`: (0, 0) is the outer corner of the first pixel, (W, H) that of
the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from blazepose.shapes import Float32, Float64, UInt8
from blazepose.skeleton import BLAZEPOSE33, Skeleton, conversion, skeleton


@dataclass(frozen=True, eq=False)
class Planes:
    """A picture as video holds it: brightness of each pixel, colour of each two by two.

    Attributes:
        y: (H, W) uint8, brightness.
        u: (H/2, W/2) uint8 rounded up, colour towards blue.
        v: (H/2, W/2) uint8 rounded up, colour towards red.
        to_rgb: (3, 4); RGB is `to_rgb @ (y, u, v, 1)`.
        black: the least brightness.
        make_rgb: makes the whole picture, (H, W, 3) uint8.
    """

    y: UInt8[np.ndarray, "H W"]
    u: UInt8[np.ndarray, "H2 W2"]
    v: UInt8[np.ndarray, "H2 W2"]
    to_rgb: Float64[np.ndarray, "3 4"]
    black: int
    make_rgb: Callable[[], np.ndarray]

    @cached_property
    def rgb(self) -> UInt8[np.ndarray, "H W 3"]:
        """The whole picture, made once."""
        return self.make_rgb()

    @property
    def shape(self) -> tuple[int, int, int]:
        """That the RGB picture has."""
        return (*self.y.shape, 3)


Pixels: TypeAlias = UInt8[np.ndarray, "H W 3"] | Planes
"""An RGB picture, or the planes that it can be made of."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a clip.

    Attributes:
        image: (H, W, 3) uint8, RGB, upright (rotation metadata applied). That of a video is made
            when it is first asked for: tracking needs only a part of it.
        time_s: seconds from the start of the clip, from the container; 0 for a photo.
        index: number of the frame in its clip, from 0.
        source: where it came from: a path, a URL or "camera N".
    """

    image: UInt8[np.ndarray, "H W 3"]
    time_s: float = 0.0
    index: int = 0
    source: str = ""

    @classmethod
    def of_planes(cls, planes: Planes, time_s: float, index: int, source: str) -> Frame:
        """One whose `image` is not made yet."""
        frame = cls.__new__(cls)
        frame.__dict__.update(_planes=planes, time_s=time_s, index=index, source=source)
        return frame

    @property
    def planes(self) -> Planes | None:
        """What a video's picture is made of; None for others."""
        return self.__dict__.get("_planes")

    @property
    def pixels(self) -> Pixels:
        """The planes where there are some, else the image."""
        return self.planes or self.image

    def __getattr__(self, name: str) -> Any:
        """`image`, while it is not made."""
        if name != "image" or self.planes is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.planes.rgb

    def __reduce__(self) -> tuple[type[Frame], tuple[Any, ...]]:
        """With its image, as planes belong to a decoder."""
        return type(self), (self.image, self.time_s, self.index, self.source)


@dataclass(frozen=True, eq=False)
class Detection:
    """A person as the detector sees one.

    Attributes:
        box_xyxy: (4,) px; for the released detector the FACE box, not the person's.
        points: (4, 2) px; mid-hip, full-body circle, mid-shoulder, upper-body circle. NaN from a
            detector that gives boxes only, which are then the person's.
        score: 0..1.
    """

    box_xyxy: Float32[np.ndarray, "4"]
    points: Float32[np.ndarray, "4 2"]
    score: float


@dataclass(frozen=True)
class Roi:
    """Square region of interest that is cropped, turned upright, for the landmark network.

    Attributes:
        center_xy: px in the frame.
        size: side of the square in px.
        angle_rad: turn of the region, clockwise on the screen; 0 for an upright person.
    """

    center_xy: tuple[float, float]
    size: float
    angle_rad: float = 0.0


@dataclass(frozen=True, eq=False)
class Pose:
    """A person in a frame. K is 33 for the released models.

    A flat network, as those of the paper, sees no depth: z and the world points of its poses are
    NaN, which is "unknown"; zeros would be a body pressed flat.

    Attributes:
        points: (K, 3) px; x right, y down in the frame; z in the same scale, 0 at mid-hip,
            negative toward the camera; NaN from a flat network.
        world: (K, 3) metres; origin mid-hip; x right, y down, z away from the camera; NaN from a
            flat network.
        visibility: (K,) 0..1; the point is in the frame and not hidden.
        presence: (K,) 0..1; the point is in the frame.
        score: 0..1; a person is here.
        roi: the region the landmarks were found in.
        id: stays with the person while tracked; 0 for a still image's first person.
        mask: (H, W) 0..1, the share of each pixel that is person; None unless asked for.
        skeleton: names and edges of the K points.
    """

    points: Float32[np.ndarray, "K 3"]
    world: Float32[np.ndarray, "K 3"]
    visibility: Float32[np.ndarray, " K"]
    presence: Float32[np.ndarray, " K"]
    score: float
    roi: Roi
    id: int = 0
    mask: Float32[np.ndarray, "H W"] | None = None
    skeleton: Skeleton = BLAZEPOSE33

    def to(self, target: str | Skeleton) -> Pose:
        """The same person on another skeleton, e.g. "coco17" or "lsp14".

        A derived point (neck: between the shoulders) is as visible as the least visible point it
        is made of.

        Raises:
            ValueError: the skeleton is unknown or cannot be made from this one.
        """
        goal = skeleton(target) if isinstance(target, str) else target
        weights = conversion(self.skeleton, goal)
        parts = weights != 0  # (T, K)
        return replace(
            self,
            points=_mixed(self.points, weights, parts),
            world=_mixed(self.world, weights, parts),
            visibility=_least(self.visibility, parts),
            presence=_least(self.presence, parts),
            skeleton=goal,
        )


def _mixed(
    values: Float32[np.ndarray, "K 3"], weights: Float32[np.ndarray, "T K"], parts: np.ndarray
) -> Float32[np.ndarray, "T 3"]:
    """Sums of the values, each with its weight; NaN where one that counts is not known."""
    unknown = np.isnan(values)
    sums: np.ndarray = weights @ np.where(unknown, np.float32(0), values)
    sums[parts @ unknown] = np.nan
    return sums


def _least(values: Float32[np.ndarray, " K"], parts: np.ndarray) -> Float32[np.ndarray, " T"]:
    least: np.ndarray = np.where(parts, values[None], np.float32(np.inf)).min(axis=1)
    return least.astype(np.float32)
