"""Cleaning: wrong labels are dropped or mended, and each time it is said why.

Pure functions on samples, the sizes of their images, and what a teacher network sees. They drop
rather too little than too much: a label is left alone unless it can hardly be right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from blazepose.datasets import Sample
from blazepose.shapes import Bool, Float, Int64
from blazepose.survey.finding import Finding, Kind, mended
from blazepose.survey.proportions import too_long
from blazepose.survey.teacher import Seen, Teacher, far_off, sides_swapped

# Labellers guess where a joint goes on behind the edge: so far outside is fine.
_EDGE = 0.02  # of the image's longer side


@dataclass(frozen=True, eq=False)
class Cleaned:
    """People after cleaning.

    Attributes:
        samples: who is left, in the old order.
        kept: (M,) index of each of them in the list that was cleaned.
        findings: what was wrong, in the order of that list.
    """

    samples: list[Sample]
    kept: Int64[np.ndarray, " M"]
    findings: list[Finding]


def clean(
    samples: Sequence[Sample],
    *,
    sizes_wh: Float[np.ndarray, "N 2"] | None = None,
    teacher: Teacher | None = None,
) -> Cleaned:
    """Drop labels that cannot be right, and turn round people whose sides are exchanged.

    - "image": the image does not open; the person is dropped;
    - "box": the box is empty or outside the image; it is dropped;
    - "outside": a keypoint lies outside the image; its label is dropped;
    - "limb": a bone is too long for the body; the label at its end is dropped;
    - "swap": left and right are exchanged, the teacher says; they are changed back;
    - "teacher": a keypoint is far off where the teacher surely sees it; its label is dropped;
    - "empty": no label is left, or there was none and no box; the person is dropped.

    Args:
        samples: people of one skeleton.
        sizes_wh: px of their images, NaN for one that does not open, from `image_sizes`; without
            it images and edges are not looked at.
        teacher: what a network sees; without it "swap" and "teacher" are not looked for.

    Raises:
        ValueError: `sizes_wh` or `teacher` is for other people or another skeleton.
    """
    _check_shapes(samples, sizes_wh, teacher)
    left: dict[int, Sample] = {}
    findings: list[Finding] = []
    for index, sample in enumerate(samples):
        known = _Known(
            None if sizes_wh is None else sizes_wh[index],
            None if teacher is None else teacher[index],
            bool(sample.labelled.any()),
        )
        better, found = _cleaned(index, sample, known)
        findings += found
        if better is not None:
            left[index] = better
    return Cleaned(list(left.values()), np.fromiter(left, np.int64), findings)


def _check_shapes(
    samples: Sequence[Sample],
    sizes_wh: Float[np.ndarray, "N 2"] | None,
    teacher: Teacher | None,
) -> None:
    if sizes_wh is not None and len(sizes_wh) != len(samples):
        raise ValueError(f"expected sizes_wh of {len(samples)} images, got {len(sizes_wh)}")
    if teacher is not None:
        people, keypoints, _ = teacher.points.shape
        if people != len(samples) or any(len(s.skeleton) != keypoints for s in samples):
            counts = sorted({len(sample.skeleton) for sample in samples})
            raise ValueError(
                f"expected a teacher of {len(samples)} people with {counts} keypoints, "
                f"got {people} with {keypoints}"
            )


@dataclass(frozen=True, eq=False)
class _Known:
    """What is known of one person besides the labels; None where nothing is."""

    size_wh: Float[np.ndarray, "2"] | None
    seen: Seen | None
    was_labelled: bool


def _cleaned(index: int, sample: Sample, known: _Known) -> tuple[Sample | None, list[Finding]]:
    """One check after the other; each sees the labels that those before have left."""
    findings: list[Finding] = []
    for check in (_image, _box, _outside, _limb, _swap, _teacher, _empty):
        found = list(check(index, sample, known))
        findings += found
        better = mended(sample, found)
        if better is None:
            return None, findings
        sample = better
    return sample, findings


def _image(index: int, sample: Sample, known: _Known) -> Iterator[Finding]:
    if known.size_wh is not None and np.isnan(known.size_wh).any():
        yield Finding(index, "image", f"{sample.image.name} does not open", "person dropped")


def _box(index: int, sample: Sample, known: _Known) -> Iterator[Finding]:
    if sample.box_xyxy is None or known.size_wh is None:
        return
    low, high = sample.box_xyxy[:2], sample.box_xyxy[2:]
    if (low >= high).any() or (low >= known.size_wh).any() or (high <= 0).any():
        corners = ", ".join(f"{value:.0f}" for value in sample.box_xyxy)
        yield Finding(index, "box", f"box {corners} holds none of the image", "box dropped")


def _outside(index: int, sample: Sample, known: _Known) -> Iterator[Finding]:
    if known.size_wh is None:
        return
    distance = np.maximum(-sample.points, sample.points - known.size_wh).max(axis=1)
    for joint in _where(sample.labelled & (distance > _EDGE * known.size_wh.max())):
        yield _dropped(index, sample, joint, "outside", f"{distance[joint]:.0f} px outside")


def _limb(index: int, sample: Sample, known: _Known) -> Iterator[Finding]:
    times = too_long(sample.points, sample.labelled, sample.skeleton)
    for joint in _where(times > 0):
        yield _dropped(index, sample, joint, "limb", f"limb {times[joint]:.1f} times too long")


def _swap(index: int, sample: Sample, known: _Known) -> Iterator[Finding]:
    if known.seen is not None and sides_swapped(sample, known.seen):
        yield Finding(index, "swap", "left and right exchanged", "sides swapped")


def _teacher(index: int, sample: Sample, known: _Known) -> Iterator[Finding]:
    if known.seen is None:
        return
    distance = far_off(sample, known.seen)
    for joint in _where(distance > 0):
        reason = f"{distance[joint]:.1f} torsos off teacher"
        yield _dropped(index, sample, joint, "teacher", reason)


def _empty(index: int, sample: Sample, known: _Known) -> Iterator[Finding]:
    if not sample.labelled.any() and (known.was_labelled or sample.box_xyxy is None):
        yield Finding(index, "empty", "no label is left", "person dropped")


def _dropped(index: int, sample: Sample, joint: int, kind: Kind, reason: str) -> Finding:
    name = sample.skeleton.names[joint]
    return Finding(index, kind, f"{name}: {reason}", "label dropped", joint=name)


def _where(mask: Bool[np.ndarray, " K"]) -> list[int]:
    return [int(joint) for joint in np.flatnonzero(mask)]
