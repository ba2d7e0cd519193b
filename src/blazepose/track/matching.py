"""Who is who: pairs of followed people and newcomers, and two that are one."""

from __future__ import annotations

from collections.abc import Sequence

import lap
import numpy as np

from blazepose.boxes import iou
from blazepose.metrics import oks, person_area, sigmas
from blazepose.pose import Pose
from blazepose.shapes import Bool, Float, Float32
from blazepose.skeleton import Skeleton

_LEAST_SIDE = 1e-3


def pairs(cost: Float[np.ndarray, "N M"], *, limit: float) -> list[tuple[int, int]]:
    """The pairs of rows and columns with the least cost in all, each used once.

    Args:
        cost: NaN and infinity forbid a pair.
        limit: pairs that cost more are not made.
    """
    if not cost.size:
        return []
    finite = np.where(np.isfinite(cost), cost, 2 * limit + 1)
    _, columns, _ = lap.lapjv(finite.astype(np.float64), extend_cost=True, cost_limit=limit)
    return [(row, int(column)) for row, column in enumerate(columns) if column >= 0]


def likeness(
    poses: Sequence[Float[np.ndarray, "K 2"]],
    others: Sequence[Float[np.ndarray, "K 2"]],
    skeleton: Skeleton,
) -> Float[np.ndarray, "N M"]:
    """OKS of every pose with every other one, 0..1, whoever of the two is the larger."""
    if not poses or not others:
        return np.zeros((len(poses), len(others)))
    one, other = np.stack(poses), np.stack(others)
    scatter = sigmas(skeleton)
    return np.maximum(
        oks(one, other, _all(other), _areas(other), scatter),
        oks(other, one, _all(one), _areas(one), scatter).T,
    )


def box_round(pose: Pose) -> Float32[np.ndarray, "4"]:
    """(x0, y0, x1, y1) round all points of a pose, px of its frame."""
    xy = pose.points[:, :2]
    return np.concatenate([xy.min(axis=0), xy.max(axis=0)])


def overlaps(poses: Sequence[Pose | None]) -> Float[np.ndarray, "N N"]:
    """Intersection over union of the boxes round poses, 0..1; 0 with itself and where none is."""
    boxes = np.zeros((len(poses), 4), np.float32)
    for box, pose in zip(boxes, poses, strict=True):
        if pose is not None:
            box[:] = box_round(pose)
    shared = np.array([iou(box, boxes) for box in boxes]).reshape(len(boxes), len(boxes))
    np.fill_diagonal(shared, 0)
    return shared


def _all(points: Float[np.ndarray, "N K 2"]) -> Bool[np.ndarray, "N K"]:
    return np.ones(points.shape[:2], bool)


def _areas(points: Float[np.ndarray, "N K 2"]) -> Float[np.ndarray, " N"]:
    """Of a person with these points; at least that of a slim body of the same length."""
    low, high = points.min(axis=1), points.max(axis=1)
    side = np.maximum((high - low).max(axis=1, keepdims=True), _LEAST_SIDE)
    spread = np.maximum(high - low, 0.4 * side)
    return person_area(np.concatenate([low, low + spread], axis=1))
