"""How large a person is in the picture: the lengths by which distances are divided."""

from __future__ import annotations

import numpy as np

from blazepose.shapes import Bool, Float
from blazepose.skeleton import Skeleton


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
    return _length(points, labelled, skeleton, "left_shoulder", "right_hip")


def head_size(
    points: Float[np.ndarray, "N K 2"], labelled: Bool[np.ndarray, "N K"], skeleton: Skeleton
) -> Float[np.ndarray, " N"]:
    """Head length in px: from the top of the head to the neck.

    The scale of PCKh where heads are labelled by two points, as in Leeds Sports Pose. MPII's own
    PCKh takes 0.6 of the diagonal of a head box instead.

    Returns:
        NaN for people with one of the two keypoints not labelled.

    Raises:
        ValueError: the skeleton has no "head_top" or "neck".
    """
    return _length(points, labelled, skeleton, "head_top", "neck")


def box_size(boxes_xyxy: Float[np.ndarray, "N 4"]) -> Float[np.ndarray, " N"]:
    """The longer side of each person's box in px (Yang & Ramanan, TPAMI 2013); NaN stays NaN."""
    return (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).max(axis=1)


def _length(
    points: Float[np.ndarray, "N K 2"],
    labelled: Bool[np.ndarray, "N K"],
    skeleton: Skeleton,
    one: str,
    other: str,
) -> Float[np.ndarray, " N"]:
    ends = [skeleton.index(one), skeleton.index(other)]
    length = np.linalg.norm(points[:, ends[0]] - points[:, ends[1]], axis=-1)
    length[~labelled[:, ends].all(axis=1)] = np.nan
    return length
