"""Which of the people found is which of the people labelled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blazepose.datasets import Sample
from blazepose.metrics import oks, person_area, sigmas
from blazepose.pose import Pose
from blazepose.shapes import Float, Float32
from blazepose.skeleton import Skeleton, partial_conversion


def pair(poses: list[Pose], people: Sequence[Sample]) -> list[Pose | None]:
    """Per labelled person the pose that is most alike by OKS, each given once; None for nobody.

    The most alike pair goes first. However unlike, a pose that is left over for a person is
    theirs: it is judged as it stands.
    """
    found: list[Pose | None] = [None] * len(people)
    if not poses or not people:
        return found
    likeness = _likeness(poses, people)  # (P, N)
    for _ in range(min(likeness.shape)):
        pose, person = divmod(int(likeness.argmax()), len(people))
        found[person] = poses[pose]
        likeness[pose], likeness[:, person] = -1, -1
    return found


def box_of(person: Sample) -> Float32[np.ndarray, "4"]:
    """The labelled box; without one the box round the labelled keypoints, NaN if there are none."""
    if person.box_xyxy is not None:
        return person.box_xyxy
    points = person.points[person.labelled]
    if not len(points):
        return np.full(4, np.nan, np.float32)
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def points_on(pose: Pose | None, skeleton: Skeleton) -> Float[np.ndarray, "K 2"]:
    """A pose's points in px on another skeleton; NaN what it does not have, or for nobody."""
    points = np.full((len(skeleton), 2), np.nan)
    if pose is not None:
        known, weights = partial_conversion(pose.skeleton, skeleton)
        lost = np.isnan(pose.points[:, :2]).any(axis=1)  # other systems leave points out
        made = weights @ np.nan_to_num(pose.points[:, :2])
        made[(weights[:, lost] != 0).any(axis=1)] = np.nan
        points[known] = made
    return points


def visibility_on(pose: Pose | None, skeleton: Skeleton) -> Float[np.ndarray, " K"]:
    """As `points_on`, the least of what a keypoint is made of, 0..1; see `Pose.to`."""
    values = np.full(len(skeleton), np.nan)
    if pose is not None:
        known, weights = partial_conversion(pose.skeleton, skeleton)
        values[known] = np.where(weights != 0, pose.visibility, np.inf).min(axis=1)
    return values


def _likeness(poses: Sequence[Pose], people: Sequence[Sample]) -> Float[np.ndarray, "P N"]:
    skeleton = people[0].skeleton
    boxes = np.stack([box_of(person) for person in people])
    return oks(
        np.stack([points_on(pose, skeleton) for pose in poses]),
        np.stack([person.points for person in people]),
        np.stack([person.labelled for person in people]),
        np.nan_to_num(person_area(boxes)),
        sigmas(skeleton),
    )
