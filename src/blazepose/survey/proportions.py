"""How long a body's bones are, and which labels would need a longer one.

A picture shows a bone at its full length or shortened, never longer than the body's size allows.
So the longer bones of a person tell the size, and a bone far beyond has a wrong end.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from blazepose.shapes import Bool, Float, Float32, Int64
from blazepose.skeleton import Skeleton

# Lengths in parts of the torso (mid-shoulder to mid-hip), from the shares of body height in Winter,
# Biomechanics and Motor Control of Human Movement, figure 4.1 (after Drillis & Contini 1966). Short
# bones such as neck to shoulder are left out: there a few px of labelling are half of the length.
_LENGTHS = {
    ("*_shoulder", "*_elbow"): 0.65,
    ("*_elbow", "*_wrist"): 0.51,
    ("*_hip", "*_knee"): 0.85,
    ("*_knee", "*_ankle"): 0.85,
    ("*_shoulder", "*_hip"): 1.0,
    ("left_shoulder", "right_shoulder"): 0.9,
    ("left_hip", "right_hip"): 0.66,
    ("neck", "head_top"): 0.63,
}
_MIN_BONES = 4
_SIZE_QUANTILE = 0.75  # of the sizes that single bones suggest; the shorter ones are foreshortened
# Of the 14,000 labels of LSP 1..1000, which are good, one is beyond it.
LIMIT = 2.0


def torso_length(
    points: Float[np.ndarray, "K 2"], known: Bool[np.ndarray, " K"], skeleton: Skeleton
) -> float:
    """The length in px that the torso has, seen from the side, judged by all bones.

    Unlike the distance of two joints it does not vanish when a person bends toward the camera.

    Args:
        points: px.
        known: which of them count.
        skeleton: their names.

    Returns:
        NaN where fewer than 4 of the known bones have both ends.
    """
    sizes = _sizes(points, known, skeleton)
    seen = sizes[~np.isnan(sizes)]
    return float(np.quantile(seen, _SIZE_QUANTILE)) if len(seen) >= _MIN_BONES else float("nan")


def too_long(
    points: Float[np.ndarray, "K 2"], known: Bool[np.ndarray, " K"], skeleton: Skeleton
) -> Float32[np.ndarray, " K"]:
    """How many times longer than the body allows is the shortest bone at each keypoint.

    The wrong end of a bone is the one whose other bones are too long as well; the end of a limb
    has no other.

    Returns:
        (K,) 0 at keypoints that are fine or cannot be judged, above `LIMIT` at the others.
    """
    shares = _sizes(points, known, skeleton) / torso_length(points, known, skeleton)
    ends, _ = _bones(skeleton)
    least = np.full(len(skeleton), np.inf, np.float32)
    for (start, end), share in zip(ends, np.nan_to_num(shares, nan=np.inf), strict=True):
        least[[start, end]] = np.minimum(least[[start, end]], share)
    return np.where(np.isfinite(least) & (least > LIMIT), least, np.float32(0))


def _sizes(
    points: Float[np.ndarray, "K 2"], known: Bool[np.ndarray, " K"], skeleton: Skeleton
) -> Float[np.ndarray, " B"]:
    """The torso's length by each bone alone; NaN where an end is not known."""
    ends, lengths = _bones(skeleton)
    sizes = np.linalg.norm(points[ends[:, 0]] - points[ends[:, 1]], axis=1) / lengths
    sizes[~known[ends].all(axis=1)] = np.nan
    return sizes


@lru_cache
def _bones(skeleton: Skeleton) -> tuple[Int64[np.ndarray, "B 2"], Float32[np.ndarray, " B"]]:
    """The bones that a skeleton has keypoints for, and their lengths."""
    rows = []
    for (start, end), length in _LENGTHS.items():
        for side in ("left", "right") if "*" in start else ("",):
            names = start.replace("*", side), end.replace("*", side)
            if set(names) <= set(skeleton.names):
                rows.append((*map(skeleton.index, names), length))
    table = np.array(rows, np.float32).reshape(-1, 3)
    return table[:, :2].astype(np.int64), table[:, 2]
