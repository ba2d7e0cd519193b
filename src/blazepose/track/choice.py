"""Whom of several people the user means: by size, place, region or id.

Knows poses and regions, and neither networks nor clips.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias, cast, get_args

import numpy as np

from blazepose.errors import SourceError
from blazepose.geometry import crop_points
from blazepose.pose import Pose, Roi
from blazepose.roi import from_box
from blazepose.shapes import Float32

Word: TypeAlias = Literal["largest", "central"]

Follow: TypeAlias = Word | int | Roi | Sequence[float]
"""Whom to follow: a word; an id; a region; (x, y), a point on them; (x0, y0, x1, y1), a box."""

_NEAR = 0.12  # parts of a person's region: a point no farther from the skeleton is on them


class OutsideFrameError(SourceError, ValueError):
    """A place that was asked for is not in the frame."""


def point(follow: Follow) -> tuple[float, float] | None:
    """The point that a choice is; None if it is something else."""
    if isinstance(follow, str | int | Roi) or len(follow) != 2:
        return None
    return follow[0], follow[1]


def checked(follow: Follow | str) -> Follow:
    """The choice itself, if it is one; numbers as a tuple.

    Raises:
        ValueError: an unknown word, an id below 0, a box or region without extent, or numbers
            that are neither a point nor a box.
    """
    if isinstance(follow, str):
        if follow not in get_args(Word):
            raise ValueError(
                f"expected 'largest', 'central', a point, a box, a region or an id, got {follow!r}"
            )
        return cast(Word, follow)
    if isinstance(follow, int):
        if follow < 0:
            raise ValueError(f"the id to follow must be a number from 0 on, got {follow}")
        return follow
    if isinstance(follow, Roi):
        return checked_region(follow)
    values = tuple(follow)
    if not all(math.isfinite(value) for value in values):
        raise ValueError(f"the place of the one to follow must be finite, got {follow}")
    if len(values) not in (2, 4):
        raise ValueError(f"expected a point (x, y) or a box (x0, y0, x1, y1), got {follow}")
    if len(values) == 4 and not (values[0] < values[2] and values[1] < values[3]):
        raise ValueError(f"expected a box (x0, y0, x1, y1) with x0 < x1 and y0 < y1, got {follow}")
    return tuple(float(value) for value in values)


def checked_region(roi: Roi) -> Roi:
    """The region itself, if it is one.

    Raises:
        TypeError: something else.
        ValueError: one without a size, or that is not finite.
    """
    if not isinstance(roi, Roi):
        raise TypeError(f"expected a Roi, got {type(roi).__name__}: Roi((x, y), size) makes one")
    if not all(map(math.isfinite, (*roi.center_xy, roi.size, roi.angle_rad))) or roi.size <= 0:
        raise ValueError(f"a region must be finite and have a size, got {roi}")
    return roi


def check_inside(follow: Follow, size_wh: tuple[int, int]) -> None:
    """Nothing, if the point or the middle of the region lies in a frame of this size.

    Raises:
        OutsideFrameError: it does not.
    """
    if isinstance(follow, str | int):
        return
    x, y = _middle(follow)
    width, height = size_wh
    if not (0 <= x <= width and 0 <= y <= height):
        raise OutsideFrameError(
            f"the one to follow is not in the frame: it has {width}x{height} px, "
            f"got ({x:g}, {y:g})" + ("" if point(follow) else " as the region's middle")
        )


def region(follow: Follow) -> Roi | None:
    """Where a choice says that somebody is; None if it is not a box or a region."""
    if isinstance(follow, Roi):
        return follow
    if isinstance(follow, str | int) or len(follow) != 4:
        return None
    return from_box(np.array(follow, np.float32))


def choose(follow: Follow, poses: Sequence[Pose], size_wh: tuple[int, int]) -> Pose | None:
    """Whom of the people in a frame a choice means; None if it is nobody.

    Args:
        follow: see `Follow`. On a point is who has it nearest to their skeleton; in a region who
            is nearest to its middle.
        poses: the people.
        size_wh: of the frame in px.
    """
    if isinstance(follow, int):
        return next((pose for pose in poses if pose.id == follow), None)
    if follow == "largest":
        return max(poses, key=lambda pose: pose.roi.size, default=None)
    if isinstance(follow, str):
        middle = np.array(size_wh, np.float32) / 2
        return min(poses, key=lambda pose: _apart(pose, middle), default=None)
    place = np.array(_middle(follow), np.float32)
    if (where := region(follow)) is None:
        on = {_distance(pose, place) / pose.roi.size: pose for pose in poses}
        return on[min(on)] if on and min(on) < _NEAR else None
    inside = [pose for pose in poses if _is_in(pose, where)]
    return min(inside, key=lambda pose: _apart(pose, place), default=None)


def _middle(follow: Roi | Sequence[float]) -> tuple[float, float]:
    """Of a region or a box; a point is its own."""
    if isinstance(follow, Roi):
        return follow.center_xy
    x0, y0, x1, y1 = follow if len(follow) == 4 else (*follow, *follow)
    return (x0 + x1) / 2, (y0 + y1) / 2


def _body(pose: Pose) -> Float32[np.ndarray, "2"]:
    """Px of somebody's middle."""
    middle: np.ndarray = pose.points[:, :2].mean(axis=0)
    return middle


def _apart(pose: Pose, place: Float32[np.ndarray, "2"]) -> float:
    """Px between somebody's middle and a place."""
    return float(np.hypot(*(_body(pose) - place)))


def _is_in(pose: Pose, where: Roi) -> bool:
    place = crop_points(_body(pose)[None], where)[0]
    return bool(((place >= 0) & (place <= 1)).all())


def _distance(pose: Pose, place: Float32[np.ndarray, "2"]) -> float:
    """Px from a place to the nearest bone."""
    bones = np.array(pose.skeleton.edges, np.int64).reshape(-1, 2)
    start, end = (pose.points[bones[:, i], :2] for i in (0, 1))  # (B, 2)
    along = end - start
    length2 = np.maximum((along**2).sum(axis=1), 1e-6)
    share = (((place - start) * along).sum(axis=1) / length2).clip(0, 1)
    nearest = start + share[:, None] * along
    return float(np.linalg.norm(nearest - place, axis=1).min(initial=np.inf))
