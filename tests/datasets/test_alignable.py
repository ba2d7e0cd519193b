from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blazepose.datasets import Sample, alignable, labelled_region
from blazepose.roi import from_box, from_keypoints
from blazepose.skeleton import LSP14, Skeleton

TRUNK = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")


def person(shape: Skeleton, labelled) -> Sample:
    visible = np.array([2 * (name in labelled) for name in shape.names], np.uint8)
    return Sample(Path("a.jpg"), np.zeros((len(shape), 2), np.float32), visible, None, shape)


def test_hips_and_shoulders_are_enough():
    assert alignable(person(LSP14, TRUNK))


@pytest.mark.parametrize("missing", TRUNK)
def test_without_a_hip_or_shoulder_nobody_is_aligned(missing):
    assert not alignable(person(LSP14, set(LSP14.names) - {missing}))


def test_a_skeleton_without_trunk_needs_every_point():
    hand = Skeleton("hand", ("palm", "thumb"), ())
    assert alignable(person(hand, hand.names))
    assert not alignable(person(hand, ("palm",)))


def test_the_region_is_alignments_else_that_of_the_box_else_none():
    points = np.stack([np.linspace(10, 90, 14), np.linspace(200, 20, 14) ** 1.1], 1)
    box = np.float32([100, 50, 300, 450])
    whole = replace(person(LSP14, LSP14.names), points=points.astype(np.float32), box_xyxy=box)
    aligned = from_keypoints(whole.points, whole.labelled, LSP14)
    assert aligned is not None
    assert labelled_region(whole) == aligned
    assert labelled_region(replace(person(LSP14, ("neck",)), box_xyxy=box)) == from_box(box)
    assert labelled_region(person(LSP14, ("neck",))) is None
