"""The paper's filter: who can be aligned."""

from __future__ import annotations

from blazepose.datasets.sample import Sample

_NEEDED = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")


def alignable(sample: Sample) -> bool:
    """Whether the whole person is labelled, or at least hips and shoulders (paper, section 3).

    The others have no mid-hip and mid-shoulder to be aligned by.
    """
    names = sample.skeleton.names
    trunk = [names.index(name) for name in _NEEDED if name in names]
    whole = bool(sample.labelled.all())
    return whole or (len(trunk) == len(_NEEDED) and bool(sample.labelled[trunk].all()))
