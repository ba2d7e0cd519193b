"""Who finds people in the labelled images: a model that is run, or a file that has the answers.

`Search` sees the whole image and none of its labels, `Aligned` the region that the labels give,
`FromFile` what another system wrote down. Only the pairing of people found with people labelled
looks at the labels of the first and the last.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from blazepose.datasets import Sample, labelled_region
from blazepose.errors import SourceError
from blazepose.evaluate.pairing import pair
from blazepose.pose import Pose, Roi
from blazepose.posefile import SUFFIXES, read_poses
from blazepose.roi import from_points
from blazepose.shapes import UInt8
from blazepose.track import Estimator, Tracker
from blazepose.track.landmarker import Landmarker
from blazepose.track.models import model_files
from blazepose.video import read_image

Input: TypeAlias = Literal["image", "roi"]
SearchKind: TypeAlias = Literal["estimate", "tracker"]
Look: TypeAlias = Callable[[UInt8[np.ndarray, "H W 3"]], list[Pose]]


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found in an image.

    Attributes:
        poses: everybody, the surest first; these count for OKS-AP.
        of_people: per labelled person the pose that is theirs, None where there is none.
        seconds: it took, reading the image left out; None where nothing was run.
    """

    poses: list[Pose]
    of_people: list[Pose | None]
    seconds: float | None = None


# What there is in an image with these labelled people; SourceError for a broken image.
Finder: TypeAlias = Callable[[Path, Sequence[Sample]], Answer]


class Search:
    """The whole pipeline on the whole image; labels serve to pair people alone."""

    def __init__(self, look: Look) -> None:
        """Take a function from an RGB image to the poses in it, the surest first."""
        self._look = look

    @classmethod
    def open(
        cls, model: str | PathLike[str], *, kind: SearchKind = "estimate", most: int = 1
    ) -> Search:
        """Load a model; errors as for `Tracker`.

        Args:
            model: as for `Tracker`.
            kind: "estimate", the thorough search for still images, or "tracker", one look as at
                the first frame of a clip.
            most: people to look for in an image; a tracker follows one.
        """
        if kind == "estimate":
            estimator = Estimator(model)
            return cls(lambda image: estimator(image, people=most))
        tracker = Tracker(model, smooth=False)

        def first_look(image: UInt8[np.ndarray, "H W 3"]) -> list[Pose]:
            tracker.reset()
            return tracker(image)

        return cls(first_look)

    def __call__(self, image: Path, people: Sequence[Sample]) -> Answer:
        """See `Finder`."""
        pixels = read_image(image)
        began = time.perf_counter()
        poses = self._look(pixels)
        seconds = time.perf_counter() - began
        return Answer(poses, pair(poses, people), seconds)


class Aligned:
    """One pass of the landmark network on the region that each person's labels give."""

    def __init__(self, landmarker: Landmarker) -> None:
        self._landmarker = landmarker

    @classmethod
    def open(cls, model: str | PathLike[str]) -> Aligned:
        """Load a model; errors as for `Tracker`."""
        return cls(Landmarker.open(model_files(model).landmarks))

    def __call__(self, image: Path, people: Sequence[Sample]) -> Answer:
        """See `Finder`; a region is taken to hold its person, whatever the score says."""
        pixels = read_image(image)
        regions = [region_of(person) for person in people]
        began = time.perf_counter()
        poses = [self._landmarker(pixels, region).pose for region in regions]
        return Answer(poses, list(poses), time.perf_counter() - began)


class FromFile:
    """Predictions from a poses file: of `blazepose track`, or of another system in its form.

    Lines are taken by their "file", a name or the end of a path. Where the lines have no such
    names, there is one for each image, in the order of the data set.
    """

    def __init__(self, path: Path, images: Sequence[Path]) -> None:
        """Read the file.

        Args:
            path: .jsonl, as `posefile` describes it.
            images: of the data set (or of the part that is judged), in order.

        Raises:
            SourceError: the file is damaged, or fits the images neither by name nor by number.
        """
        frames = list(read_poses(path)[1])
        by_name = {frame.file: frame.people for frame in frames if frame.file}
        lines = {image: line for image in images if (line := _line_of(image, by_name))}
        unique = len(set(lines.values())) == len(lines)
        if unique and len(by_name) == len(frames):
            self._people = {image: by_name[line] for image, line in lines.items()}
        elif len(frames) == len(images):
            self._people = {i: f.people for i, f in zip(images, frames, strict=True)}
        else:
            raise SourceError(
                f"{path}: expected a line per image, {len(images)} in all, or lines with the "
                f"'file' of their image, got {len(frames)} lines"
            )
        if not self._people:
            raise SourceError(
                f"{path}: expected lines for images like {images[0].name}, got lines for "
                f"{next(iter(by_name), 'none')}"
            )

    def __call__(self, image: Path, people: Sequence[Sample]) -> Answer:
        """See `Finder`; nobody is found in an image without a line."""
        poses = self._people.get(image, [])
        return Answer(poses, pair(poses, people))


def _line_of(image: Path, files: Collection[str]) -> str | None:
    """Which of the files is the image: the one with most of its path."""
    parts = image.parts
    ends = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((end for end in ends if end in files), None)


def open_finder(
    model: str | PathLike[str],
    samples: Sequence[Sample],
    *,
    input: Input = "image",
    search: SearchKind = "estimate",
) -> Finder:
    """What judges a model given by name or file, or a file of predictions.

    Args:
        model: as for `Tracker`, or a poses file (.jsonl).
        samples: the people to be judged on; their largest number in an image is how many are
            searched for in each.
        input: "image", the whole pipeline, or "roi", the region that alignment with the labels
            gives (the person's box where hips or shoulders are not labelled).
        search: of the whole pipeline, see `Search.open`.

    Raises:
        ModelError, DownloadError, MissingExtraError: as for `Tracker`.
        SourceError: see `FromFile`.
    """
    images = list(dict.fromkeys(sample.image for sample in samples))
    if Path(model).suffix in SUFFIXES:
        return FromFile(Path(model), images)
    if input == "roi":
        return Aligned.open(model)
    most = max(Counter(sample.image for sample in samples).values())
    return Search.open(model, kind=search, most=most)


def region_of(person: Sample) -> Roi:
    """As `labelled_region`; without hips, shoulders and box round the labelled keypoints."""
    return labelled_region(person) or from_points(person.points[person.labelled])
