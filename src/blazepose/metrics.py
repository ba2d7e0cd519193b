"""Measures that judge poses against labels: numbers in, numbers out.

Knows neither data sets nor models. A person that was not found is a row of NaN, and every one of
its labelled keypoints counts as wrong.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from blazepose.skeleton import Skeleton


def pck(
    pred: Float[np.ndarray, "N K 2"],
    truth: Float[np.ndarray, "N K 2"],
    labelled: Bool[np.ndarray, "N K"],
    scale: Float[np.ndarray, " N"],
    alpha: float = 0.2,
) -> float:
    """PCK, the share of keypoints that are nearer to their label than `alpha * scale`.

    All keypoints weigh the same, whoever they belong to (Yang & Ramanan, TPAMI 2013).

    Args:
        pred: px; NaN where nothing was found, which is wrong.
        truth: px; not looked at where `labelled` is False.
        labelled: which keypoints count.
        scale: the person's size in px, e.g. `torso_size`; NaN leaves the person out.
        alpha: share of `scale` that the distance must stay below.

    Returns:
        Share of correct keypoints, 0..1.

    Raises:
        ValueError: no keypoint counts.
    """
    counted = labelled & ~np.isnan(scale)[:, None]  # (N, K)
    if not counted.any():
        raise ValueError("expected at least one labelled keypoint of a person with a scale, got 0")
    distance = np.linalg.norm(pred - truth, axis=-1)
    return float((distance < alpha * scale[:, None])[counted].mean())


def torso_size(
    points: Float[np.ndarray, "N K 2"], labelled: Bool[np.ndarray, "N K"], skeleton: Skeleton
) -> Float[np.ndarray, " N"]:
    """Torso length in px: from the left shoulder to the right hip, in the image plane.

    The usual scale of PCK on Leeds Sports Pose. A diagonal shrinks less than the trunk's other
    lengths when the person turns sideways or bends.

    Returns:
        NaN for people with one of the two keypoints not labelled.

    Raises:
        ValueError: the skeleton has no shoulders or hips.
    """
    ends = [skeleton.index("left_shoulder"), skeleton.index("right_hip")]
    shoulder, hip = points[:, ends[0]], points[:, ends[1]]
    length = np.linalg.norm(shoulder - hip, axis=-1)
    length[~labelled[:, ends].all(axis=1)] = np.nan
    return length
