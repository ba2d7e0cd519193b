"""OKS, the likeness of two poses: 1 where they agree, toward 0 as they part.

Source: COCO keypoint evaluation (cocodataset.org, pycocotools `COCOeval.computeOks`).
"""

from __future__ import annotations

import numpy as np

from blazepose.shapes import Bool, Float
from blazepose.skeleton import Skeleton

# How widely annotators scatter, in parts of the square root of the person's area. COCO's own for
# its 17; heel and toes of COCO-WholeBody; head top and neck of CrowdPose. Eye corners and the
# mouth are taken to be as sharp as eyes, the fingers' roots as blurred as wrists.
_SIGMAS = {
    **{"nose": 0.026, "eye": 0.025, "ear": 0.035, "mouth": 0.025},
    **{"shoulder": 0.079, "elbow": 0.072, "wrist": 0.062},
    **{"pinky": 0.062, "index": 0.062, "thumb": 0.062},
    **{"hip": 0.107, "knee": 0.087, "ankle": 0.089, "heel": 0.066, "foot_index": 0.068},
    **{"head_top": 0.079, "neck": 0.079, "upper_neck": 0.079},
    **{"thorax": 0.079, "pelvis": 0.107},
}
_UNKNOWN = _SIGMAS["elbow"]
# A box holds about this share of person; COCO divides by the area of the person's outline.
_PERSON_IN_BOX = 0.53


def sigmas(skeleton: Skeleton) -> Float[np.ndarray, " K"]:
    """Scatter of each keypoint; one with a name we do not know is taken to be like an elbow."""
    return np.array([_SIGMAS.get(_part(name), _UNKNOWN) for name in skeleton.names])


def person_area(boxes_xyxy: Float[np.ndarray, "N 4"]) -> Float[np.ndarray, " N"]:
    """Area in px that COCO would take a person in such a box to have: 0.53 of it."""
    return _PERSON_IN_BOX * (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).prod(axis=1)


def oks(
    pred: Float[np.ndarray, "P K 2"],
    truth: Float[np.ndarray, "N K 2"],
    labelled: Bool[np.ndarray, "N K"],
    area: Float[np.ndarray, " N"],
    scatter: Float[np.ndarray, " K"],
) -> Float[np.ndarray, "P N"]:
    """Likeness of everybody found to everybody labelled, 0..1.

    Args:
        pred: px; a NaN point is infinitely far.
        truth: px.
        labelled: which keypoints count; a person without any is like nobody.
        area: of each labelled person in px squared, see `person_area`.
        scatter: from `sigmas`.
    """
    squared = ((pred[:, None].astype(np.float64) - truth[None]) ** 2).sum(axis=-1)  # (P, N, K)
    unit = np.maximum(area, 1.0)[:, None] * (2 * scatter) ** 2  # (N, K)
    likeness = np.exp(-np.nan_to_num(squared, nan=np.inf) / (2 * unit))
    count = np.maximum(labelled.sum(axis=1), 1)
    return np.where(labelled, likeness, 0.0).sum(axis=-1) / count


def _part(name: str) -> str:
    """A keypoint's name without its side; corners of an eye are eye."""
    part = "_".join(word for word in name.split("_") if word not in ("left", "right"))
    return "eye" if part.startswith("eye_") else part
