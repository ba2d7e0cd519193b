"""Alignment of labelled people: the paper's filter, and the region that labels give."""

from __future__ import annotations

from blazepose.datasets.sample import Sample
from blazepose.pose import Roi
from blazepose.roi import from_box, from_keypoints

_NEEDED = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")


def alignable(sample: Sample) -> bool:
    """Whether the whole person is labelled, or at least hips and shoulders (paper, section 3).

    The others have no mid-hip and mid-shoulder to be aligned by.
    """
    names = sample.skeleton.names
    trunk = [names.index(name) for name in _NEEDED if name in names]
    whole = bool(sample.labelled.all())
    return whole or (len(trunk) == len(_NEEDED) and bool(sample.labelled[trunk].all()))


def labelled_region(sample: Sample) -> Roi | None:
    """The region that alignment gives, else the square round the box; None without either."""
    aligned = from_keypoints(sample.points, sample.labelled, sample.skeleton)
    if aligned is None and sample.box_xyxy is not None:
        return from_box(sample.box_xyxy)
    return aligned
