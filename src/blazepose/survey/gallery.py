"""Pictures of a data set: people at random, and people with suspicious labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from blazepose.datasets import Sample
from blazepose.errors import SourceError
from blazepose.survey.finding import Finding
from blazepose.survey.sheet import Tile, portrait
from blazepose.video import read_image

_SEED = 0  # the same people each time, so that two looks at a data set can be compared


def people_tiles(samples: Sequence[Sample], *, count: int, first: int = 1) -> list[Tile]:
    """Some people at random, in their order, with number and file.

    Args:
        samples: people.
        count: at most so many.
        first: number of the first person in the data set.
    """
    return [_tile(i, samples[i], first, []) for i in _some(range(len(samples)), count)]


def suspicious_tiles(
    samples: Sequence[Sample], findings: Sequence[Finding], *, count: int, first: int = 1
) -> list[Tile]:
    """Some people with findings, labels as they were, the doubtful ones ringed.

    Every kind of finding is shown about as often, the rare ones completely.

    Args:
        samples: people as they were before cleaning.
        findings: what was wrong.
        count: at most so many people.
        first: number of the first person in the data set.
    """
    by_person: dict[int, list[Finding]] = {}
    for finding in findings:
        by_person.setdefault(finding.index, []).append(finding)
    by_kind: dict[str, list[int]] = {}
    for index, found in by_person.items():
        by_kind.setdefault(found[0].kind, []).append(index)
    shown: list[int] = []
    for left, indices in enumerate(sorted(by_kind.values(), key=len)):
        shown += _some(indices, (count - len(shown)) // (len(by_kind) - left))
    return [_tile(i, samples[i], first, by_person[i]) for i in shown]


def _some(indices: Iterable[int], count: int) -> list[int]:
    known = np.fromiter(indices, np.int64)
    chosen = np.random.default_rng(_SEED).permutation(len(known))[:count]
    return [int(known[place]) for place in sorted(chosen)]


def _tile(index: int, sample: Sample, first: int, findings: Sequence[Finding]) -> Tile:
    """A person's picture; where the image does not open, the caption alone."""
    marked = [sample.skeleton.index(f.joint) for f in findings if f.joint]
    title = f"{first + index}  {sample.image.name}"
    if len(findings) > 1:
        title += f"  ({len(findings)} findings)"
    caption = (title, findings[0].reason) if findings else (title,)
    try:
        image = read_image(sample.image)
    except SourceError:
        return Tile(None, caption)
    return Tile(portrait(image, sample, marked=marked), caption)
