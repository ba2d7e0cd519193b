"""Still images: a thorough search for people of any size and in any position.

The released detector looks for an upright face, so one look at a photo misses people who are
small, lying, upside down, cropped or hidden; our finder sees bodies, but not all of them either.
The landmark network is less particular: started somewhere near a person, it refines its own
region. So many starts are tried (both finders, tiles, quarter turns, the whole image), each is
chased for a few passes, and where the chases meet is the person, of whom more is asked where our
finder sees no body. A first answer that is sure, and no smaller than others, ends the search at
once; else all chases go on side by side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property, lru_cache, partial
from os import PathLike
from threading import Lock
from typing import Any, TypeAlias

import numpy as np

from blazepose.boxes import iou
from blazepose.errors import ModelError
from blazepose.pose import Detection, Frame, Pose, Roi
from blazepose.roi import from_detection, tiles, whole_image
from blazepose.runtimes import Precision
from blazepose.shapes import UInt8
from blazepose.skeleton import Skeleton
from blazepose.track.box_detector import AnyDetector
from blazepose.track.candidates import (
    Candidate,
    height_in,
    judge,
    most_prominent_first,
    people_in,
)
from blazepose.track.confirm import BODY, SAME_BODY, each_once, look_again, look_at_sure
from blazepose.track.landmarker import Landmarks
from blazepose.track.matching import box_round
from blazepose.track.models import (
    HasNetworks,
    model_files,
    open_finder,
    open_landmarker,
    open_networks,
    pair,
)
from blazepose.track.people import People, most_of
from blazepose.track.person import MIN_SCORE
from blazepose.video import as_rgb

_MIN_DETECTION = 0.1
_PER_LOOK = {1: 4, 2: 2, 3: 2}  # detections followed up: whole image, 2 and 3 tiles a side
_MIN_FOUND, _MOST_FOUND = 0.15, 12  # of the finder, in a look
_LARGE = 0.55  # in parts of the picture's longer side, who is as tall is whom it is of
_PASSES = 3

Start: TypeAlias = tuple[Roi, float]
"""A region where a person may be, and the detector's score."""


def estimate(
    image: np.ndarray | Frame | str | PathLike[str],
    model: str | PathLike[str] = "full",
    *,
    people: People = 1,
) -> list[Pose]:
    """People in a still image; [] when nobody is there.

    Those come first whom it is most likely of: sure, and large in it.

    Args:
        image: (H, W, 3) uint8 RGB array, frame, or path of an image file.
        model: as for `Tracker`, or two: with "full-plus+heavy" the first searches, which takes
            many looks, and the second looks again at who is found, and says where their points
            are. Loaded once per process.
        people: how many at most, or "all".

    Raises:
        SourceError: the file is no image.
        TypeError, ValueError: an array that is no (H, W, 3) uint8 image; people below 1.
        ModelError, DownloadError: as for `Tracker`.
    """
    if isinstance(image, str | PathLike):
        from blazepose.video import read_image  # arrays need no codecs

        image = read_image(image)
    return _estimator(str(model))(image, people=people)


class Estimator(HasNetworks):
    """The search of `estimate` with its networks loaded.

    Arguments as for `Tracker`, and `model` as for `estimate`.
    """

    def __init__(
        self,
        model: str | PathLike[str] = "full",
        *,
        detector: str | PathLike[str] | None = None,
        mask: bool = False,
        refine: bool = True,
        runtime: str = "auto",
        threads: int | None = None,
        precision: Precision = "auto",
    ) -> None:
        self._in_turn = Lock()  # threads share the networks
        # Loaded when the face does not decide.
        self._load_finder = None if detector else cache(partial(open_finder, threads=threads))
        options: dict[str, Any] = {"refine": refine, "runtime": runtime}
        options |= {"threads": threads, "precision": precision}
        first, second = pair(model)
        self._detector, self._landmarker = open_networks(
            first, detector=detector, mask=mask, **options
        )
        again = self._landmarker
        if second is not None:
            again = open_landmarker(model_files(second), **options)
            _check_alike(first, self.skeleton, second, again.skeleton)
        self._look_again = partial(look_again, again, anew=second is not None)
        self._look_at_sure = partial(look_at_sure, again, anew=second is not None)

    @property
    def skeleton(self) -> Skeleton:
        """Names and edges of the points that its poses have."""
        return self._landmarker.skeleton

    def __call__(self, image: Frame | np.ndarray, *, people: People = 1) -> list[Pose]:
        """People in a frame or an (H, W, 3) uint8 RGB image, `people` at most, as `estimate`."""
        most = most_of(people)
        image = as_rgb(image.image if isinstance(image, Frame) else image)
        with self._in_turn:
            return self._one(image) if people == 1 else self._everybody(image)[:most]

    def _everybody(self, image: UInt8[np.ndarray, "H W 3"]) -> list[Pose]:
        bodies = _Bodies(self._load_finder, image)
        people = people_in(self._chase(image, list(self._starts(image, bodies))))
        found = most_prominent_first(people, image)
        seen = self._look_again(image, found, bodies=bodies.everywhere)
        kept = sorted(each_once(seen), key=seen.index)
        return [replace(one.pose, id=i) for i, one in enumerate(kept)]

    def _one(self, image: UInt8[np.ndarray, "H W 3"]) -> list[Pose]:
        """Whom the photo is of, or nobody; a first answer that is sure ends the search."""
        bodies = _Bodies(self._load_finder, image)
        starts, found = self._starts(image, bodies), list[Candidate]()
        for start in starts:
            found = self._chase(image, [start])
            if found and found[0].sure:
                seen = self._look_at_sure(image, found[0])
                if seen.is_somebody and not _is_beside_larger(image, seen.pose, bodies):
                    return [seen.pose]
            if found:
                break
        people = people_in(found + self._chase(image, list(starts)))
        for one in most_prominent_first(people, image):
            [seen] = self._look_again(image, [one], bodies=bodies.everywhere)
            if seen.is_somebody and (one.sure or seen.is_backed):
                return [seen.pose]
        return []

    def _starts(self, image: UInt8[np.ndarray, "H W 3"], bodies: _Bodies) -> Iterator[Start]:
        """Regions where a person may be, with the detector's score; likeliest first."""
        height, width = image.shape[:2]
        turned = [
            whole_image(width, height, angle_rad=quarter * math.pi / 2) for quarter in range(4)
        ]
        looks = [(roi, 1) for roi in turned]
        looks += [(roi, count) for count in (2, 3) for roi in tiles(width, height, count=count)]
        for number, (look, count) in enumerate(looks):
            detections = self._detector(image, look, threshold=_MIN_DETECTION)
            for detection in detections[: _PER_LOOK[count]]:
                yield from_detection(detection), detection.score
            if number == 0:  # who is not sure by the face is looked for by the body
                for body in bodies.everywhere or ():
                    yield from_detection(body), body.score
        for roi in turned:
            yield roi, 0.0

    def _chase(self, image: UInt8[np.ndarray, "H W 3"], starts: Sequence[Start]) -> list[Candidate]:
        """Candidates from refining regions pass by pass, in the order of their starts."""
        first = self._look(image, [roi for roi, _ in starts])
        chased = [i for i, landmarks in enumerate(first) if landmarks.pose.score >= MIN_SCORE]
        last, found = list(first), [list[Candidate]() for _ in starts]
        for _ in range(_PASSES - 1):
            looks = self._look(image, [last[i].next_roi for i in chased])
            for i, landmarks in zip(chased, looks, strict=True):
                last[i] = landmarks
                found[i].append(judge(landmarks, first[i].pose, starts[i][1], image.shape))
            chased = [i for i in chased if not found[i][0].sure]
        return [candidate for each in found for candidate in each if candidate.is_somebody]

    def _look(self, image: UInt8[np.ndarray, "H W 3"], rois: Sequence[Roi]) -> list[Landmarks]:
        return self._landmarker.each(image, rois, anywhere=True)


class _Bodies:
    """Boxes of whom the finder sees in a photo; it looks when it is first asked."""

    def __init__(
        self, load_finder: Callable[[], AnyDetector] | None, image: UInt8[np.ndarray, "H W 3"]
    ) -> None:
        self._load_finder, self._image = load_finder, image

    @cached_property
    def at_a_glance(self) -> list[Detection]:
        """In the photo as a whole; nobody without a finder."""
        height, width = self._image.shape[:2]
        return self._in(whole_image(width, height))

    @cached_property
    def everywhere(self) -> list[Detection] | None:
        """In the photo and quarters of it; None without a finder."""
        if self._load_finder is None:
            return None
        height, width = self._image.shape[:2]
        quarters = tiles(width, height, count=2)
        return self.at_a_glance + [body for part in quarters for body in self._in(part)]

    def _in(self, part: Roi) -> list[Detection]:
        if self._load_finder is None:
            return []
        return [
            replace(body, points=np.full_like(body.points, np.nan))  # they hardly follow the person
            for body in self._load_finder()(self._image, part, threshold=_MIN_FOUND)[:_MOST_FOUND]
        ]


def _is_beside_larger(image: UInt8[np.ndarray, "H W 3"], pose: Pose, bodies: _Bodies) -> bool:
    """Whether our finder sees somebody at least as tall elsewhere, at one glance."""
    around = box_round(pose)
    height = height_in(around, image)
    if height >= _LARGE * max(image.shape[:2]):
        return False
    return any(
        body.score >= BODY
        and height_in(body.box_xyxy, image) >= height
        and iou(around, body.box_xyxy[None])[0] < SAME_BODY
        for body in bodies.at_a_glance
    )


def _check_alike(first: str | PathLike[str], finds: Skeleton, second: str, other: Skeleton) -> None:
    """Nothing, if two networks have the same points; else ModelError."""
    if finds.names != other.names:
        raise ModelError(
            f"expected two models with the same points, got {first} with {len(finds)} "
            f"({finds.name}) and {second} with {len(other)} ({other.name})"
        )


@lru_cache(maxsize=4)
def _estimator(model: str) -> Estimator:
    return Estimator(model)
