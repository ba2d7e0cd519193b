"""Going through labelled images with a finder, and what came of it.

An image that cannot be read is told and the rest goes on; whoever watches may end it early, and
what was judged until then is kept. Knows no measures.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from blazepose.datasets import Sample
from blazepose.errors import ModelError, SourceError
from blazepose.evaluate.finders import Answer, Finder
from blazepose.pose import Pose
from blazepose.skeleton import Skeleton, partial_conversion

# Called after each image with the images done and in all; True ends it there.
Watcher: TypeAlias = Callable[[int, int], bool]


@dataclass(frozen=True, eq=False)
class Judged:
    """A labelled person and the pose that was found for them; None where nobody was."""

    person: Sample
    pose: Pose | None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a finder found on a data set.

    Attributes:
        joints: the keypoints that count, in the order of the data set.
        images: per image its labelled people and what was found.
        problems: a line per image that could not be read; it counts nowhere.
        total: images there were to judge; more than `images` and `problems` if it was ended early.
    """

    joints: tuple[str, ...]
    images: tuple[tuple[tuple[Sample, ...], Answer], ...]
    problems: tuple[str, ...]
    total: int

    @property
    def people(self) -> list[Judged]:
        """Everybody with a keypoint that counts, image by image."""
        pairs = [(p, a) for people, answer in self.images for p, a in _zip(people, answer)]
        return [Judged(person, pose) for person, pose in pairs if self._counts(person)]

    @property
    def complete(self) -> bool:
        """Whether every image had its turn."""
        return len(self.images) + len(self.problems) == self.total

    @property
    def ms_per_image(self) -> float | None:
        """Median time in which the people of an image were found; None for a predictions file."""
        seconds = [answer.seconds for _, answer in self.images if answer.seconds is not None]
        return 1e3 * statistics.median(seconds) if seconds else None

    def _counts(self, person: Sample) -> bool:
        return any(person.labelled[person.skeleton.index(name)] for name in self.joints)


def evaluate(
    samples: Sequence[Sample],
    finder: Finder,
    *,
    joints: tuple[str, ...],
    watch: Watcher = lambda done, total: False,
) -> Evaluation:
    """Find the people of each image.

    Args:
        samples: labelled people of one skeleton.
        finder: from `open_finder`.
        joints: names of the keypoints that count, of the data set's skeleton.
        watch: see `Watcher`.

    Raises:
        ModelError: the finder's skeleton has nothing for one of `joints`.
    """
    usable = [s for s in samples if s.labelled.any() or s.box_xyxy is not None]
    albums = _by_image(usable)
    images, problems = [], []
    for done, people in enumerate(albums, 1):
        try:
            answer = finder(people[0].image, people)
        except SourceError as error:
            problems.append(str(error))
        else:
            _check_joints(answer, joints)
            images.append((people, answer))
        if watch(done, len(albums)):
            break
    return Evaluation(joints, tuple(images), tuple(problems), len(albums))


def _by_image(samples: Sequence[Sample]) -> list[tuple[Sample, ...]]:
    """The people of each image, images in the order of their first one."""
    albums: dict[Path, list[Sample]] = {}
    for sample in samples:
        albums.setdefault(sample.image, []).append(sample)
    return [tuple(people) for people in albums.values()]


def _zip(people: Sequence[Sample], answer: Answer) -> list[tuple[Sample, Pose | None]]:
    return list(zip(people, answer.of_people, strict=True))


def _check_joints(answer: Answer, joints: tuple[str, ...]) -> None:
    for pose in answer.poses[:1]:
        known, _ = partial_conversion(pose.skeleton, Skeleton("counted", joints, ()))
        if not known.all():
            missing = ", ".join(np.array(joints)[~known])
            raise ModelError(
                f"poses on {pose.skeleton.name} have nothing for {missing}: "
                "judge the limbs alone (--joints limbs)"
            )
