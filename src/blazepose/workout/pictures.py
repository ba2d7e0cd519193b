"""Pictures of single repetitions at their depth, read again from the clip once it is known which.

A clip passes once, and which repetition was the best shows at its end: keeping frames for that
would cost memory with the length of the clip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from blazepose.coach import Repetition
from blazepose.draw import draw_poses
from blazepose.errors import SourceError
from blazepose.pose import Pose
from blazepose.shapes import UInt8
from blazepose.video import frames
from blazepose.workout.overlay import draw_angle

Picture = UInt8[np.ndarray, "H W 3"]

_MARGIN = 0.18  # of the body's height round it
_MOST_PX = 900
_GROUND = 96  # grey that light and dark lines stand out from
_DEEP = 1.2  # deeper than that is not better


def best_and_worst(reps: Sequence[Repetition]) -> tuple[int, ...]:
    """Indices of the best repetition and of the worst: fewer remarks, then deeper, then evener.

    One index where there is one repetition, none where there is none.
    """
    order = sorted(range(len(reps)), key=lambda index: _worse(reps[index]))
    return tuple(dict.fromkeys((order[0], order[-1]))) if order else ()


def at_depth(
    clip: Path | None,
    poses: Mapping[int, Pose],
    *,
    joint: str,
    degrees: Mapping[int, float],
    size_wh: tuple[int, int],
) -> dict[int, Picture]:
    """The person in some frames, with skeleton and angle.

    Args:
        clip: to read the frames from; None, or one that cannot be read any more: the skeleton
            alone is drawn.
        poses: of the person, by index of the frame.
        joint: at which the angle is written, see `draw_angle`.
        degrees: the angle, by index of the frame; where there is none, none is drawn.
        size_wh: px of the frames.

    Returns:
        RGB pictures cut round the person, by index of the frame.
    """
    images = _images(clip, list(poses)) if clip else {}
    width, height = size_wh
    blank = np.full((height, width, 3), _GROUND, np.uint8)
    return {
        index: _picture(images.get(index, blank), pose, joint, degrees.get(index))
        for index, pose in poses.items()
    }


def _worse(rep: Repetition) -> tuple[int, float, float]:
    return len(rep.remarks), -min(rep.amplitude, _DEEP), abs(rep.difference_deg or 0.0)


def _images(clip: Path, indices: Sequence[int]) -> dict[int, Picture]:
    found: dict[int, Picture] = {}
    try:
        with frames(clip) as source:
            for frame in source:
                if frame.index in indices:
                    found[frame.index] = frame.image
                if frame.index >= max(indices, default=-1):
                    break
    except SourceError:  # moved or cut meanwhile: what was found is enough
        return found
    return found


def _picture(
    image: Picture, pose: Pose, joint: str, degrees: float | None
) -> UInt8[np.ndarray, "H2 W2 3"]:
    """The person with skeleton, enlarged or reduced to one size, with the angle."""
    drawn = draw_poses(image, [pose])
    x0, y0, x1, y1 = _box(pose, image.shape)
    cut = drawn[y0:y1, x0:x1]
    scale = _MOST_PX / max(cut.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized: np.ndarray = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=how)
    if degrees is not None:
        draw_angle(sized, _moved(pose, (x0, y0), scale), joint, degrees)
    return sized


def _box(pose: Pose, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Corners of the part of the picture that shows the body and some of its surroundings."""
    height, width = shape[:2]
    xy = pose.points[np.isfinite(pose.points[:, :2]).all(axis=1), :2].clip(0, (width, height))
    if not len(xy):
        return 0, 0, width, height
    low, high = xy.min(axis=0), xy.max(axis=0)
    margin = max(_MARGIN * float((high - low).max()), 8.0)
    x0, y0 = np.floor(np.clip(low - margin, 0, (width, height))).astype(int).tolist()
    x1, y1 = np.ceil(np.clip(high + margin, 0, (width, height))).astype(int).tolist()
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def _moved(pose: Pose, by_xy: tuple[int, int], scale: float) -> Pose:
    points = pose.points.copy()
    points[:, :2] = (points[:, :2] - np.array(by_xy, np.float32)) * np.float32(scale)
    return replace(pose, points=points)
