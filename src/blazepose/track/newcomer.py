"""Somebody new, whom a detector proposes: the landmark network has its say, in several looks."""

from __future__ import annotations

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


def is_seen_again(landmarker: Landmarker, image: Pixels, pose: Pose) -> bool:
    """Whether the network sees the same pose in the mirror, and with the region turned."""
    turned = (replace(pose.roi, angle_rad=pose.roi.angle_rad + t) for t in (_TURNED, -_TURNED))
    return is_seen_in_mirror(landmarker, image, pose) and all(
        _is_same(pose, landmarker(image, roi).pose) for roi in turned
    )


def is_seen_in_mirror(landmarker: Landmarker, image: Pixels, pose: Pose) -> bool:
    """Whether the network sees the same pose in the mirror: people who crouch pass more often."""
    return _is_same(pose, landmarker(image, pose.roi, mirrored=True).pose)


def _is_same(pose: Pose, other: Pose) -> bool:
    """Whether another look is as sure, and has the points in the same places."""
    gap = np.linalg.norm(pose.points[:, :2] - other.points[:, :2], axis=1)
    return other.score > NEW and float(np.median(gap)) < _APART * pose.roi.size
