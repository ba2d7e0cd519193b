"""Survey: a data set in numbers, with what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from blazepose.datasets import HIDDEN, VISIBLE, Sample, alignable
from blazepose.shapes import Float
from blazepose.survey.finding import Finding


@dataclass(frozen=True)
class KeypointCount:
    """How often a keypoint is labelled."""

    name: str
    visible: int
    hidden: int
    unlabelled: int


@dataclass(frozen=True, eq=False)
class Survey:
    """A data set in numbers.

    Attributes:
        people: number of them.
        images: number of different ones.
        skeletons: names.
        alignable: people who pass the paper's filter.
        boxed: people with a box.
        labelled: number of people by number of labelled keypoints.
        keypoints: of all skeletons, in order.
        image_sizes: smallest, median and largest width and height in px; None where no image opens.
        findings: labels that cannot be right.
        broken: one line on each label that is no label, and on each image that does not open.
    """

    people: int
    images: int
    skeletons: tuple[str, ...]
    alignable: int
    boxed: int
    labelled: dict[int, int]
    keypoints: tuple[KeypointCount, ...]
    image_sizes: dict[str, tuple[int, int]] | None
    findings: Sequence[Finding]
    broken: Sequence[str]

    @property
    def suspicious(self) -> dict[str, tuple[int, int]]:
        """Number of findings and of people with one, by kind."""
        counts = Counter(finding.kind for finding in self.findings)
        people = Counter(kind for _, kind in {(f.index, f.kind) for f in self.findings})
        return {kind: (count, people[kind]) for kind, count in counts.most_common()}

    def to_json(self, samples: Sequence[Sample], *, first: int = 1) -> dict[str, Any]:
        """The survey as plain values.

        Args:
            samples: the people who were surveyed.
            first: number of the first of them in the data set.
        """
        plain = asdict(self)
        plain["findings"] = [
            {
                "person": first + finding.index,
                "image": str(samples[finding.index].image),
                **{key: value for key, value in asdict(finding).items() if key != "index"},
            }
            for finding in self.findings
        ]
        return plain


def survey(
    samples: Sequence[Sample],
    *,
    sizes_wh: Float[np.ndarray, "N 2"],
    findings: Sequence[Finding] = (),
    broken: Sequence[str] = (),
) -> Survey:
    """Count what is in a data set.

    Args:
        samples: people.
        sizes_wh: px of their images, from `image_sizes`.
        findings: from `clean`.
        broken: one line on each label and image that could not be read.
    """
    labelled = Counter(int(sample.labelled.sum()) for sample in samples)
    return Survey(
        people=len(samples),
        images=len({sample.image for sample in samples}),
        skeletons=tuple(dict.fromkeys(sample.skeleton.name for sample in samples)),
        alignable=sum(alignable(sample) for sample in samples),
        boxed=sum(sample.box_xyxy is not None for sample in samples),
        labelled=dict(sorted(labelled.items())),
        keypoints=tuple(_keypoints(samples)),
        image_sizes=_extent(sizes_wh),
        findings=findings,
        broken=broken,
    )


def _keypoints(samples: Sequence[Sample]) -> list[KeypointCount]:
    counts = []
    for shape in dict.fromkeys(sample.skeleton for sample in samples):
        codes = np.stack([s.visible for s in samples if s.skeleton == shape])  # (N, K)
        for name, column in zip(shape.names, codes.T, strict=True):
            visible, hidden = int((column == VISIBLE).sum()), int((column == HIDDEN).sum())
            counts.append(KeypointCount(name, visible, hidden, len(column) - visible - hidden))
    return counts


def _extent(sizes_wh: Float[np.ndarray, "N 2"]) -> dict[str, tuple[int, int]] | None:
    known = sizes_wh[~np.isnan(sizes_wh).any(axis=1)]
    if not len(known):
        return None
    rows = {"smallest": known.min(axis=0), "median": np.median(known, axis=0)}
    rows["largest"] = known.max(axis=0)
    return {name: (round(float(w)), round(float(h))) for name, (w, h) in rows.items()}
