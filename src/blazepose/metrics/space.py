"""Keypoints in space: mean distances in millimetres, as they stand and after the best fit."""

from __future__ import annotations

import numpy as np

from blazepose.shapes import Bool, Float


def mpjpe(
    pred: Float[np.ndarray, "N K 3"],
    truth: Float[np.ndarray, "N K 3"],
    labelled: Bool[np.ndarray, "N K"],
) -> float:
    """Mean per-joint position error in mm (Ionescu et al., TPAMI 2014).

    Every person is averaged first, then the people. Both sides have the same origin, which for
    `Pose.world` is mid-hip.

    Args:
        pred: metres; NaN for a person that was not found, who has no error and is left out:
            always tell the number of people found along with it.
        truth: metres.
        labelled: which keypoints count.

    Raises:
        ValueError: nobody was found who has a labelled keypoint.
    """
    return _mean_mm(pred, truth, labelled & ~np.isnan(pred).any(axis=-1))


def pa_mpjpe(
    pred: Float[np.ndarray, "N K 3"],
    truth: Float[np.ndarray, "N K 3"],
    labelled: Bool[np.ndarray, "N K"],
) -> float:
    """`mpjpe` after each person is moved, turned and scaled onto the labels, in mm.

    Procrustes alignment by the singular value decomposition, without mirroring (Umeyama, TPAMI
    1991). People with fewer than three keypoints to align by are left out.

    Args:
        pred: as for `mpjpe`.
        truth: as for `mpjpe`.
        labelled: as for `mpjpe`.

    Raises:
        ValueError: nobody was found who has three labelled keypoints.
    """
    counted = labelled & ~np.isnan(pred).any(axis=-1)
    counted &= (counted.sum(axis=1) >= 3)[:, None]
    aligned = pred.astype(np.float64)
    for person in np.flatnonzero(counted.any(axis=1)):
        use = counted[person]
        aligned[person, use] = _fitted(aligned[person, use], truth[person, use].astype(np.float64))
    return _mean_mm(aligned, truth, counted)


def _fitted(
    points: Float[np.ndarray, "C 3"], goal: Float[np.ndarray, "C 3"]
) -> Float[np.ndarray, "C 3"]:
    """`points` brought as near to `goal` as rotation, scale and shift can."""
    centred, target = points - points.mean(axis=0), goal - goal.mean(axis=0)
    u, s, vt = np.linalg.svd(centred.T @ target)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])  # never a mirror image
    spread = (centred**2).sum()
    scale = (s * signs).sum() / spread if spread else 0.0
    return scale * centred @ (u * signs) @ vt + goal.mean(axis=0)


def _mean_mm(
    pred: Float[np.ndarray, "N K 3"],
    truth: Float[np.ndarray, "N K 3"],
    counted: Bool[np.ndarray, "N K"],
) -> float:
    people = counted.any(axis=1)
    if not people.any():
        raise ValueError("expected at least one person found with labelled keypoints, got 0")
    distance = np.where(counted, np.linalg.norm(pred - truth, axis=-1), 0.0)[people]
    return float(1e3 * (distance.sum(axis=1) / counted[people].sum(axis=1)).mean())
