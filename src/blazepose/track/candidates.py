"""Poses that a search came by, and the people on whom they agree.

Constants were chosen on LSP 1..1000 and COCO photos (docs/experiments.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from blazepose.pose import Pixels, Pose, Roi
from blazepose.roi import apart
from blazepose.shapes import Float, Float32, Int64
from blazepose.skeleton import LIMB_JOINTS, Skeleton
from blazepose.track.landmarker import Landmarks
from blazepose.track.matching import box_round, likeness

_MIN_QUALITY = 1.5  # photos of people gave 2.4 and more, those without mostly nothing
_SAME = 0.08  # mean distance of two poses of one person, in parts of their region
_ONE = 0.5  # OKS of two candidates that are one person
# Quality for e times the height, and for e times as many candidates: of several, a photo is of the
# large one.
_TALLER, _MET = 0.4, 0.1
_FAR, _GROWN = 0.15, 1.25  # of a region that a pose leads to, in parts of its own region
_TINY = 1e-3  # of the image's side
_STEADY = {"nose", *LIMB_JOINTS}


@dataclass(frozen=True, eq=False)
class Candidate:
    """A pose that a chase came by.

    Attributes:
        pose: in frame px.
        first: of the first pass of the same chase.
        roi: where to look at them again.
        quality: log of how far it is to be trusted, for votes and means.
        sure: no further search is needed.
        met: how many candidates of a search lie here, itself among them; nearer ones count more.
    """

    pose: Pose
    first: Pose
    roi: Roi
    quality: float
    sure: bool
    met: float = 1.0

    @property
    def is_somebody(self) -> bool:
        """Whether it is worth a vote."""
        return self.quality > _MIN_QUALITY


def judge(landmarks: Landmarks, first: Pose, prior: float, shape: tuple[int, ...]) -> Candidate:
    """How far a pose is to be trusted: presence, visibility, agreement of the passes, place.

    Args:
        landmarks: of the latest pass.
        first: of the first pass of the same chase.
        prior: score of the detection that the chase began with, 0..1; 0 without one.
        shape: of the image, height and width first, px.
    """
    pose = landmarks.masked
    height, width = shape[:2]
    score = min(max(pose.score, 1e-6), 1 - 1e-6)
    presence = math.log(score / (1 - score))
    visibility = float(pose.visibility.mean())
    shift = distance(pose, first)
    xy = pose.points[:, :2]
    inside = float(((xy > 0) & (xy < [width, height])).all(axis=1).mean())
    quality = (
        0.1 * min(presence, 6)
        + visibility
        - 20 * min(shift, 0.2)
        + 2 * inside
        + 0.2 * min(math.log(pose.roi.size / max(width, height)), 0.3)
        + 0.5 * prior
    )
    sure = presence > 5 and visibility > 0.8 and shift < 0.02
    return Candidate(pose, first, _where_to_look(landmarks), quality, sure)


def _where_to_look(landmarks: Landmarks) -> Roi:
    """Where the person is, says their pose; where it was seen, if that is far away from there.

    Networks without the released circle give a region from their points, of which one can stray.
    """
    roi, better = landmarks.pose.roi, landmarks.next_roi
    shift, growth, _ = apart(roi, better)
    return roi if shift > _FAR or growth > _GROWN else better


def distance(one: Pose, other: Pose) -> float:
    """Median distance of points in parts of the smaller region."""
    gap = np.linalg.norm(one.points[:, :2] - other.points[:, :2], axis=1)
    return float(np.median(gap)) / min(one.roi.size, other.roi.size)


def people_in(candidates: list[Candidate]) -> list[Candidate]:
    """Each person once: the candidate with most votes, then the next who is somebody else."""
    people = []
    while candidates:
        steady = _steady(candidates[0].pose.skeleton)
        points = np.stack([c.pose.points[steady, :2] for c in candidates])  # (N, J, 2)
        sizes = np.array([c.pose.roi.size for c in candidates])
        quality = np.array([c.quality for c in candidates])
        gaps = _gaps(points, sizes)
        near = np.exp(-((gaps / _SAME) ** 2))
        best = int(np.argmax(quality + np.log(near @ np.exp(quality))))
        merged = _merged(candidates, gaps[best], best)
        people.append(replace(merged, met=float(near[best].sum())))
        others = alike(candidates[best].pose, [c.pose for c in candidates]) < _ONE
        candidates = [c for c, is_other in zip(candidates, others, strict=True) if is_other]
    return people


def most_prominent_first(candidates: Sequence[Candidate], image: Pixels) -> list[Candidate]:
    """In the order of how likely each is whom a photo is of: sure, met often, and large in it."""
    height, width = image.shape[:2]

    def prominence(one: Candidate) -> float:
        share = height_in(box_round(one.pose), image) / max(height, width)
        large = _TALLER * math.log(max(share, _TINY))
        return one.quality + _MET * math.log(one.met) + large

    return sorted(candidates, key=prominence, reverse=True)


def height_in(box_xyxy: Float32[np.ndarray, "4"], image: Pixels) -> float:
    """Px of the longer side of a box, as far as it is in the image."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = box_xyxy.clip(0, np.array([width, height] * 2, np.float32)).tolist()
    return max(x1 - x0, y1 - y0)


def alike(pose: Pose, others: Sequence[Pose]) -> Float[np.ndarray, " N"]:
    """OKS of a pose with others."""
    return likeness([pose.points[:, :2]], [o.points[:, :2] for o in others], pose.skeleton)[0]


def averaged(poses: Sequence[Pose], average: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
    """Some average over poses, of everything that a pose says of its points."""
    names = ("points", "world", "visibility", "presence")
    return {
        name: average(np.stack([getattr(pose, name) for pose in poses])).astype(np.float32)
        for name in names
    }


@lru_cache
def _steady(skeleton: Skeleton) -> Int64[np.ndarray, " J"]:
    """Which points tell people apart: nose, trunk and limbs; all where it has none of them."""
    found = [i for i, name in enumerate(skeleton.names) if name in _STEADY]
    return np.array(found or range(len(skeleton)), np.int64)


def _gaps(
    points: Float[np.ndarray, "N J 2"], sizes: Float[np.ndarray, " N"]
) -> Float[np.ndarray, "N N"]:
    """Between all poses, as `distance`."""
    gaps = np.linalg.norm(points[:, None] - points[None], axis=-1)  # (N, N, J)
    return np.median(gaps, axis=-1) / np.minimum(sizes[:, None], sizes[None])


def _merged(candidates: list[Candidate], gaps: Float[np.ndarray, " N"], best: int) -> Candidate:
    """The best with the mean of the candidates close to it, weighted by trust."""
    near = [c for c, gap in zip(candidates, gaps, strict=True) if gap < _SAME / 2]
    weights = np.exp(6 * (np.array([c.quality for c in near]) - candidates[best].quality))
    weights = (weights / weights.sum()).astype(np.float32)
    mean = averaged([c.pose for c in near], partial(np.tensordot, weights, axes=1))
    return replace(candidates[best], pose=replace(candidates[best].pose, **mean))
