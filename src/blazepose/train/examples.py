"""Examples: what a network shall say about a person, from labels and from a teacher's lesson.

Labels override the lesson point by point; a lesson that contradicts the labels is not believed at
all. Every value carries its trust, the weight of its loss, so nothing needs to be complete.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blazepose.datasets import UNLABELLED, VISIBLE, Lessons, Sample, labelled_region
from blazepose.errors import TrainingError
from blazepose.nets.build import points_of
from blazepose.pose import Roi
from blazepose.roi import circle, from_keypoints
from blazepose.shapes import Bool, Float32, Int64
from blazepose.skeleton import BLAZEPOSE33, LIMB_JOINTS, Skeleton, partial_conversion

_TRUST_IN_LESSON = 0.5
# A lesson is believed where 70 % of the labels are within a tenth of the region (about 0.3 torso
# lengths), and where it hardly changes in the mirror.
_NEAR, _AGREED, _STEADY = 0.1, 0.7, 0.04
_SURE = 0.9  # score of a person whom nobody has labelled


@dataclass(frozen=True, eq=False)
class Example:
    """A person and what a network with P rows of landmarks shall say about them.

    Attributes:
        image: file of the image.
        roi: the region that alignment gives.
        points: (P, 3) px of the image; z in the same scale, 0 at mid-hip.
        trust: (P, 2) 0..1, weight of x and y together, and of z.
        visible: (P,) 0..1, the point can be seen.
        visible_trust: (P,) 0..1.
        world: (P, 3) metres, origin mid-hip, in the camera's frame.
        world_trust: (P,) 0..1.
    """

    image: Path
    roi: Roi
    points: Float32[np.ndarray, "P 3"]
    trust: Float32[np.ndarray, "P 2"]
    visible: Float32[np.ndarray, " P"]
    visible_trust: Float32[np.ndarray, " P"]
    world: Float32[np.ndarray, "P 3"]
    world_trust: Float32[np.ndarray, " P"]


def examples(
    samples: Sequence[Sample], skeleton: Skeleton, *, lessons: Lessons | None = None
) -> list[Example]:
    """Everything that can be learned from a data set; people without a region are left out.

    Args:
        samples: labelled people, or people without labels, of whom only the lesson speaks.
        skeleton: the network's.
        lessons: one for each sample.

    Raises:
        TrainingError: none of the data's keypoints is one of the network's, or nobody is left.
    """
    found = []
    for number, sample in enumerate(samples):
        example = _Draft(skeleton).of(sample, lessons, number)
        if example is not None:
            found.append(example)
    if not found:
        raise TrainingError(
            f"expected people with hips and shoulders, or a box, got {len(samples)} people "
            "and none of them usable"
        )
    return found


def digest(examples: Sequence[Example], skeleton: Skeleton) -> str:
    """The same for the same people with the same labels, wherever their images lie."""
    found = hashlib.sha256()
    for example in examples:
        labelled = example.trust[: len(skeleton), 0] == 1
        found.update(example.image.name.encode() + labelled.tobytes())
        found.update(example.points[: len(skeleton), :2][labelled].tobytes())
    return found.hexdigest()


class _Draft:
    """An example in the making."""

    def __init__(self, skeleton: Skeleton) -> None:
        rows = points_of(skeleton)
        self.skeleton = skeleton
        self.auxiliary = rows > len(skeleton)
        self.points, self.world = (np.zeros((rows, 3), np.float32) for _ in range(2))
        self.trust = np.zeros((rows, 2), np.float32)
        self.visible, self.visible_trust, self.world_trust = np.zeros((3, rows), np.float32)

    def of(self, sample: Sample, lessons: Lessons | None, number: int) -> Example | None:
        """The example of one person; None without a region."""
        roi = from_keypoints(sample.points, sample.labelled, sample.skeleton)
        if lessons is not None and _believed(lessons, number, sample, roi):
            self._take_lesson(lessons, number)
            center, rim = lessons.points[number, -2:, :2]
            roi = roi or from_keypoints(*_body(lessons, number), BLAZEPOSE33)
        elif roi is not None:
            center, rim = circle(roi)
        if roi is None:
            roi = labelled_region(sample)  # of the box
            if roi is None:
                return None
        elif self.auxiliary:
            self._put(slice(len(self.skeleton), len(self.skeleton) + 2), np.stack([center, rim]))
        self._take_labels(sample)
        return Example(
            sample.image,
            roi,
            self.points,
            self.trust,
            self.visible,
            self.visible_trust,
            self.world,
            self.world_trust,
        )

    def _take_lesson(self, lessons: Lessons, number: int) -> None:
        rows, weights = _conversion(BLAZEPOSE33, self.skeleton)
        taught = lessons.points[number, : len(BLAZEPOSE33)]
        self.points[rows, :2] = weights @ taught[:, :2]
        self.visible[rows] = weights @ lessons.visibility[number]
        self.trust[rows, 0] = self.visible_trust[rows] = _TRUST_IN_LESSON
        if np.isnan(taught).any():  # a flat teacher knows no depth
            return
        self.points[rows, 2] = weights @ taught[:, 2]
        self.world[rows] = weights @ lessons.world[number]
        self.trust[rows, 1] = self.world_trust[rows] = _TRUST_IN_LESSON

    def _take_labels(self, sample: Sample) -> None:
        rows, weights = _conversion(sample.skeleton, self.skeleton)
        known = ~((weights != 0) & ~sample.labelled).any(axis=1)  # all parts are labelled
        seen = ~((weights != 0) & (sample.visible != VISIBLE)).any(axis=1)
        rows, weights, seen = rows[known], weights[known], seen[known]
        self._put(rows, weights @ np.where(sample.labelled[:, None], sample.points, 0))
        # Most data sets call every joint visible; a teacher that saw the person knows better.
        told = ~seen | (self.visible_trust[rows] == 0)
        self.visible[rows[told]] = seen[told]
        self.visible_trust[rows[told]] = 1

    def _put(self, rows: np.ndarray | slice, xy: Float32[np.ndarray, "R 2"]) -> None:
        self.points[rows, :2] = xy
        self.trust[rows, 0] = 1


def _conversion(
    source: Skeleton, target: Skeleton
) -> tuple[Int64[np.ndarray, " R"], Float32[np.ndarray, "R S"]]:
    """Rows of `target` that `source` can give, with the weights that make them."""
    known, weights = partial_conversion(source, target)
    if not known.any():
        raise TrainingError(
            f"skeleton {source.name} cannot be mapped to {target.name}: no keypoint in common"
        )
    return np.flatnonzero(known), weights


def _believed(lessons: Lessons, number: int, sample: Sample, roi: Roi | None) -> bool:
    """Whether the teacher saw this person, and as the labels say."""
    if np.isnan(lessons.score[number]) or lessons.spread[number] > _STEADY:
        return False
    if not sample.labelled.any():
        return bool(lessons.score[number] > _SURE)
    near = agreement(lessons, number, sample, roi)
    return near.size > 0 and bool(near.mean() >= _AGREED)


def agreement(
    lessons: Lessons, number: int, sample: Sample, roi: Roi | None
) -> Bool[np.ndarray, " L"]:
    """For each labelled keypoint that the teacher knows, whether the two are near."""
    rows, weights = _conversion(BLAZEPOSE33, sample.skeleton)
    taught = (weights @ lessons.points[number, : len(BLAZEPOSE33)])[:, :2]
    size = roi.size if roi else float(np.ptp(taught, axis=0).max())
    gap = np.linalg.norm(taught - sample.points[rows], axis=1)
    return (gap < _NEAR * size)[sample.visible[rows] != UNLABELLED]


def _body(lessons: Lessons, number: int) -> tuple[np.ndarray, np.ndarray]:
    points = lessons.points[number, : len(BLAZEPOSE33), :2]
    body = np.array([name == "nose" or name in LIMB_JOINTS for name in BLAZEPOSE33.names])
    return points, body
