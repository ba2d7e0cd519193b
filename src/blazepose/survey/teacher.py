"""What a teacher, a network that is right more often than not, says about labels.

A teacher errs as well, above all about sides of people upside down. So it is heard only where it
is sure and evidently sees the person who is labelled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blazepose.datasets import Sample
from blazepose.datasets.lessons import Lessons
from blazepose.shapes import Float32
from blazepose.skeleton import BLAZEPOSE33, Skeleton, conversion
from blazepose.survey.proportions import torso_length

_PERSON = 0.5
# Of the region's side, which is about five torso lengths.
_MAX_SPREAD = 0.04
_SURE = 0.9
# All others are torso lengths.
_SAME = 0.3  # so near a label and a sure teacher mean the same place,
_SAME_SHARE = 0.5  # and so many labels must be, else the teacher may see somebody else
# Two forearms: more than any doubt about a joint's place. So far apart are label and released Heavy
# in 1.4 % of the first 538 people of LSP Extended, and in 0.3 % of LSP 1..1000, half of it by
# Heavy's fault.
_FAR = 1.0
_NEAR, _APART = 0.25, 0.5  # sides are exchanged: near the other side's joint, far from the own
_MIN_PAIRED = 8  # labels to judge the sides of a whole person by


@dataclass(frozen=True, eq=False)
class Seen:
    """A person as the teacher sees one, on the K keypoints of the labels.

    Attributes:
        points: (K, 2) px in the image; NaN where it found nobody.
        confidence: (K,) 0..1.
    """

    points: Float32[np.ndarray, "K 2"]
    confidence: Float32[np.ndarray, " K"]


@dataclass(frozen=True, eq=False)
class Teacher:
    """What a network sees of N labelled people, on the K keypoints of their skeleton.

    Attributes:
        points: (N, K, 2) px in the image; NaN where it found nobody.
        confidence: (N, K) 0..1.
    """

    points: Float32[np.ndarray, "N K 2"]
    confidence: Float32[np.ndarray, "N K"]

    def __getitem__(self, index: int) -> Seen:
        return Seen(self.points[index], self.confidence[index])

    @classmethod
    def from_lessons(cls, lessons: Lessons, skeleton: Skeleton) -> Teacher:
        """The teacher that gave these lessons, on the skeleton of the labels.

        A keypoint is as sure as it is visible, and not at all where no person was seen or the
        mirrored image was seen otherwise.

        Raises:
            ValueError: the skeleton cannot be made from the 33 points.
        """
        weights = conversion(BLAZEPOSE33, skeleton)  # (K, 33)
        points = np.einsum("ks,nsd->nkd", weights, lessons.points[:, : len(BLAZEPOSE33), :2])
        parts = np.where(weights != 0, lessons.visibility[:, None], np.inf)  # (N, K, 33)
        sure = (lessons.score > _PERSON) & (lessons.spread < _MAX_SPREAD)
        confidence = parts.min(axis=2) * sure[:, None]
        return cls(points.astype(np.float32), np.nan_to_num(confidence).astype(np.float32))


def sides_swapped(sample: Sample, seen: Seen) -> bool:
    """Whether the labels agree with the teacher as soon as left and right are exchanged."""
    mirror = sample.skeleton.mirror
    paired = mirror != np.arange(len(mirror))
    judged = paired & sample.labelled & sample.labelled[mirror] & (seen.confidence > _SURE)
    if judged.sum() < _MIN_PAIRED:
        return False
    as_labelled = _distances(sample.points, seen, sample.skeleton)[judged]
    exchanged = _distances(sample.points[mirror], seen, sample.skeleton)[judged]
    return bool(exchanged.mean() < _NEAR and as_labelled.mean() > _APART)


def far_off(sample: Sample, seen: Seen) -> Float32[np.ndarray, " K"]:
    """How far off the teacher grossly wrong labels are, in torso lengths; 0 for the others.

    A label where the teacher sees the same joint of the other side is wrong at a smaller distance.
    """
    mirror = sample.skeleton.mirror
    distances = _distances(sample.points, seen, sample.skeleton)
    partner = _distances(sample.points[mirror], seen, sample.skeleton)
    partner[~sample.labelled[mirror]] = np.inf
    judged = sample.labelled & (seen.confidence > _SURE) & np.isfinite(distances)
    same = np.fmin(distances, partner)[judged] < _SAME  # of whichever side
    if not judged.any() or same.mean() < _SAME_SHARE:
        return np.zeros(len(distances), np.float32)
    gross = (distances > _FAR) | ((partner < _NEAR) & (distances > _APART))
    return np.where(judged & gross, distances, np.float32(0))


def _distances(
    labels: Float32[np.ndarray, "K 2"], seen: Seen, skeleton: Skeleton
) -> Float32[np.ndarray, " K"]:
    """In torso lengths of the teacher's person; NaN where it found nobody."""
    known = np.isfinite(seen.points).all(axis=1)
    length = torso_length(seen.points, known, skeleton)
    return np.linalg.norm(labels - seen.points, axis=1) / np.float32(length)
