"""What a table of a recipe gives to learn from, and its account in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from blazepose.datasets import Sample
from blazepose.skeleton import Skeleton
from blazepose.survey import Finding
from blazepose.train.examples import Example
from blazepose.train.recipe import Data


@dataclass(frozen=True)
class Account:
    """A table's people and keypoints in numbers.

    Attributes:
        path: of the data set, as in the recipe.
        split: as in the recipe.
        repeat: how often an epoch shows each person.
        read: people in the split.
        dropped: people whom cleaning dropped.
        unusable: people without hips and shoulders, box and lesson.
        used: people who are left.
        findings: what cleaning found: kind of mistake -> what was done -> how often.
        keypoints: name -> people of whom a label and of whom a lesson tells where it is.
    """

    path: str
    split: str | None
    repeat: int
    read: int
    dropped: int
    unusable: int
    used: int
    findings: dict[str, dict[str, int]]
    keypoints: dict[str, dict[str, int]]

    @property
    def labels(self) -> int:
        """Keypoints that labels tell."""
        return sum(counts["labels"] for counts in self.keypoints.values())

    @property
    def lessons(self) -> int:
        """Keypoints that only the teacher tells."""
        return sum(counts["lessons"] for counts in self.keypoints.values())


@dataclass(frozen=True, eq=False)
class Share:
    """What one `[[train]]` or `[[validate]]` table of a recipe gives.

    Attributes:
        data: the table.
        read: people in the data set's split.
        samples: who is left to learn from.
        examples: what they teach.
        findings: what cleaning found; indices count people of the split.
    """

    data: Data
    read: int
    samples: list[Sample]
    examples: list[Example]
    findings: list[Finding]

    def account(self, skeleton: Skeleton) -> Account:
        """The share in numbers, by the keypoints of the network's skeleton."""
        return Account(
            path=self.data.path.as_posix(),
            split=self.data.split,
            repeat=self.data.repeat,
            read=self.read,
            dropped=self.read - len(self.samples),
            unusable=len(self.samples) - len(self.examples),
            used=len(self.examples),
            findings=_by_kind(self.findings),
            keypoints=_by_keypoint(self.examples, skeleton),
        )


def _by_kind(findings: list[Finding]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (kind, done), count in Counter((f.kind, f.done) for f in findings).most_common():
        counts.setdefault(kind, {})[done] = count
    return counts


def _by_keypoint(examples: list[Example], skeleton: Skeleton) -> dict[str, dict[str, int]]:
    trust = np.stack([e.trust[: len(skeleton), 0] for e in examples])  # (N, K)
    labels, lessons = (trust == 1).sum(axis=0), ((trust > 0) & (trust < 1)).sum(axis=0)
    return {
        name: {"labels": int(labels[row]), "lessons": int(lessons[row])}
        for row, name in enumerate(skeleton.names)
    }
