"""Finding: what is wrong with a label, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from blazepose.datasets import UNLABELLED, Sample

Kind = Literal["image", "box", "outside", "limb", "swap", "teacher", "empty"]
Done = Literal["label dropped", "box dropped", "sides swapped", "person dropped"]


@dataclass(frozen=True)
class Finding:
    """A label that cannot be right.

    Attributes:
        index: of the person in the list that was looked through.
        kind: what is wrong, in one word, as `clean` lists them.
        reason: what is wrong, for people.
        done: what became of it.
        joint: name of the keypoint; None where the person is meant.
    """

    index: int
    kind: Kind
    reason: str
    done: Done
    joint: str | None = None


def mended(sample: Sample, findings: Sequence[Finding]) -> Sample | None:
    """The person after what the findings say was done; None if dropped."""
    done = {finding.done for finding in findings}
    if "person dropped" in done:
        return None
    if "sides swapped" in done:
        mirror = sample.skeleton.mirror
        sample = replace(sample, points=sample.points[mirror], visible=sample.visible[mirror])
    if "box dropped" in done:
        sample = replace(sample, box_xyxy=None)
    visible = sample.visible.copy()
    visible[[sample.skeleton.index(f.joint) for f in findings if f.joint]] = UNLABELLED
    return replace(sample, visible=visible)
