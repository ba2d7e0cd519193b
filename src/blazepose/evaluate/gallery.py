"""Pictures of judged people: the label on the left, what was found on the right."""

from __future__ import annotations

import cv2
import numpy as np

from blazepose.datasets import VISIBLE, Sample
from blazepose.draw import draw_poses
from blazepose.evaluate.judge import Judged
from blazepose.evaluate.pairing import box_of, points_on, visibility_on
from blazepose.evaluate.score import Scores
from blazepose.geometry import crop, crop_points
from blazepose.look import INK, PEOPLE
from blazepose.pose import Pose, Roi
from blazepose.shapes import Bool, Float, Float32, UInt8
from blazepose.skeleton import Skeleton
from blazepose.video import read_image

ASTRAY = PEOPLE[2]  # of the line from where a keypoint was put to where it belongs
_SIZE = 320  # px of each half
_GAP = 6
_PAPER = 240
_AROUND = 1.25
_HIDDEN = 0.2  # visibility with which a hidden label is drawn
_SUBPIXEL = 4  # fractional bits of OpenCV coordinates
_FAR = 1e4  # px; OpenCV's fixed point overflows


def worst(scores: Scores, count: int) -> list[int]:
    """Rows of the people that are worst found, worst first; those without a torso are left out.

    By the share of wrong keypoints, then by how far they are off. A third at most are people not
    found at all, of whom there is little to see.
    """
    ranked = _ranked(scores)
    people = scores.evaluation.people
    missed = [row for row in ranked if people[row].pose is None][: count // 3]
    return [row for row in ranked if people[row].pose is not None or row in missed][:count]


def median(scores: Scores, count: int) -> list[int]:
    """Rows of the people in the middle of the same order."""
    ranked = _ranked(scores)
    start = max((len(ranked) - count) // 2, 0)
    return ranked[start : start + count]


def picture(scores: Scores, row: int) -> UInt8[np.ndarray, "320 646 3"]:
    """A person as labelled and as found, RGB; a line leads from each wrong keypoint to its label.

    Raises:
        SourceError: the image cannot be read any more.
    """
    judged = scores.evaluation.people[row]
    roi = _region(judged)
    patch = _cut_out(read_image(judged.person.image), roi)
    label = draw_poses(patch, [_as_labelled(judged.person, roi)])
    found = patch.copy()
    if judged.pose is not None:
        found = draw_poses(patch, [_as_found(judged.pose, judged.person.skeleton, roi)])
        errors = scores.errors[row]
        wrong = (errors >= scores.alpha) & np.isfinite(errors)
        _draw_astray(found, judged, scores.evaluation.joints, wrong, roi)
    gap = np.full((_SIZE, _GAP, 3), 255, np.uint8)
    return np.concatenate([label, gap, found], axis=1)


def _ranked(scores: Scores) -> list[int]:
    share = scores.per_person
    known = np.flatnonzero(~np.isnan(share))
    distance = np.nanmean(np.clip(scores.errors[known], 0, 1), axis=1)
    return known[np.lexsort([-distance, share[known]])].tolist()


def _region(judged: Judged) -> Roi:
    """A square that holds the label and, as far as it lies near, what was found."""
    x0, y0, x1, y1 = box_of(judged.person).astype(np.float64)
    low, high = np.array([x0, y0]), np.array([x1, y1])
    reach = (high - low).max() / 2
    found = points_on(judged.pose, judged.person.skeleton)
    found = found[np.isfinite(found).all(axis=1)]
    if len(found):
        low = np.maximum(np.minimum(low, found.min(axis=0)), low - reach)
        high = np.minimum(np.maximum(high, found.max(axis=0)), high + reach)
    x, y = (low + high) / 2
    return Roi((float(x), float(y)), max(float((high - low).max()), 8.0) * _AROUND)


def _cut_out(image: UInt8[np.ndarray, "H W 3"], roi: Roi) -> UInt8[np.ndarray, "320 320 3"]:
    """The region; near white beyond the image, which saves ink and is no part of a dark photo."""
    inside = crop(np.full_like(image, 255), roi, _SIZE, border="black")
    return np.where(inside > 127, crop(image, roi, _SIZE), _PAPER).astype(np.uint8)


def _as_labelled(person: Sample, roi: Roi) -> Pose:
    visibility = np.where(person.visible == VISIBLE, 1.0, _HIDDEN)
    points = np.where(person.labelled[:, None], person.points, np.nan)
    return _flat(points, visibility, person.skeleton, roi)


def _as_found(pose: Pose, skeleton: Skeleton, roi: Roi) -> Pose:
    """On the skeleton of the labels, as far as it can be made."""
    return _flat(points_on(pose, skeleton), visibility_on(pose, skeleton), skeleton, roi)


def _flat(
    points: Float[np.ndarray, "K 2"],
    visibility: Float[np.ndarray, " K"],
    skeleton: Skeleton,
    roi: Roi,
) -> Pose:
    """A pose without depth in the patch, so that both halves are drawn alike; NaN is left out."""
    zero = np.zeros((len(points), 1), np.float32)
    return Pose(
        points=np.concatenate([crop_points(points, roi, _SIZE), zero], axis=1),
        world=np.full((len(points), 3), np.nan, np.float32),
        visibility=visibility.astype(np.float32),
        presence=np.ones(len(points), np.float32),
        score=1.0,
        roi=roi,
        skeleton=skeleton,
    )


def _draw_astray(
    image: UInt8[np.ndarray, "S S 3"],
    judged: Judged,
    joints: tuple[str, ...],
    wrong: Bool[np.ndarray, " J"],
    roi: Roi,
) -> None:
    counted = Skeleton("counted", joints, ())
    columns = [judged.person.skeleton.index(name) for name in joints]
    starts = _fixed(points_on(judged.pose, counted)[wrong], roi)
    ends = _fixed(judged.person.points[columns][wrong], roi)
    for width, colour in ((4, INK), (2, ASTRAY)):
        for start, end in zip(starts, ends, strict=True):
            cv2.line(image, start, end, colour, width, cv2.LINE_AA, _SUBPIXEL)
            cv2.circle(image, end, 4 << _SUBPIXEL, colour, width, cv2.LINE_AA, _SUBPIXEL)


def _fixed(
    points: Float[np.ndarray, "N 2"] | Float32[np.ndarray, "N 2"], roi: Roi
) -> list[tuple[int, int]]:
    placed = (crop_points(points, roi, _SIZE) - np.float32(0.5)).clip(-_FAR, _FAR)
    return [(round(x), round(y)) for x, y in (placed * (1 << _SUBPIXEL)).tolist()]
