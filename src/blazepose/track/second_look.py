"""A second look where a pose is in doubt: somebody new, or people in each other's way.

In a mirror, or turned, the landmark network errs otherwise, so a body is where the looks agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from blazepose.pose import Pixels, Pose
from blazepose.track.landmarker import Landmarker

# Of 250 photos of LSP 501..1000, 12 first looks at newcomers gave 0.5 to 0.9, and 10 were wrong;
# bicycles and writing gave 0.8 to 0.85.
NEW = 0.9
"""Score above which a pose may be somebody new."""

# Between a doubtful newcomer's pose and that in a mirror or a turned region, median of the points,
# parts of the region's side: of 621 in LSP 501..700, 92 % of the right ones stay nearer in all
# three looks, and 25 % of the wrong ones (in the mirror alone 98 and 44 %).
_APART, _TURNED = 0.03, 0.3

# The same for people in each other's way, where left and right may change places, as from behind
# and afar: of 880 poses in crowds, 80 % of those on nobody and 10 % of the others are farther.
_BETWEEN = 0.02


def is_seen_again(landmarker: Landmarker, image: Pixels, pose: Pose) -> bool:
    """Whether the network sees the same pose in the mirror, and with the region turned."""
    turned = (replace(pose.roi, angle_rad=pose.roi.angle_rad + t) for t in (_TURNED, -_TURNED))
    return is_seen_in_mirror(landmarker, image, pose) and all(
        _is_same(pose, landmarker(image, roi).pose) for roi in turned
    )


def is_seen_in_mirror(landmarker: Landmarker, image: Pixels, pose: Pose) -> bool:
    """Whether the network sees the same pose in the mirror: people who crouch pass more often."""
    return _is_same(pose, landmarker(image, pose.roi, mirrored=True).pose)


def are_bodies(landmarker: Landmarker, image: Pixels, poses: Sequence[Pose]) -> list[bool]:
    """Whether each pose is of one body, and not between two who are in each other's way."""
    rois = [pose.roi for pose in poses]
    looks = landmarker.each(image, rois, mirrored=[True] * len(poses))
    return [
        look.pose.score > NEW
        and min(_gap(pose, look.pose), _gap(pose, look.pose, swapped=True)) < _BETWEEN
        for pose, look in zip(poses, looks, strict=True)
    ]


def _is_same(pose: Pose, other: Pose) -> bool:
    """Whether another look is as sure, and has the points in the same places."""
    return other.score > NEW and _gap(pose, other) < _APART


def _gap(pose: Pose, other: Pose, *, swapped: bool = False) -> float:
    """Median distance of the points, parts of the region's side; `swapped`: left is right."""
    points = other.points[pose.skeleton.mirror] if swapped else other.points
    gap = np.linalg.norm(pose.points[:, :2] - points[:, :2], axis=1)
    return float(np.median(gap)) / pose.roi.size
