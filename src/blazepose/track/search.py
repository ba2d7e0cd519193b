"""Still images: a thorough search for people of any size and in any position.

The released detector looks for an upright face, so one look at a photo misses people who are
small, lying, upside down, cropped or hidden; our finder sees bodies, but not all of them either.
The landmark network is less particular: started somewhere near a person, it refines its own
region. So many starts are tried (both finders, tiles, quarter turns, the whole image), each is
chased for a few passes, and where the chases meet is the person.
A first answer that is sure ends the search at once. Whoever was found is looked at a few times
more, and is nobody if these looks go astray, as they do in noise and between two people. Of poses
that may be one person's, that stays whose looks agree best. docs/experiments.md has the
numbers behind the constants, which were chosen on LSP 1..1000 and COCO photos.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import islice
from os import PathLike
from typing import Any

import numpy as np
from jaxtyping import Float, Int64, UInt8

from blazepose.pose import Frame, Pose, Roi
from blazepose.roi import from_box, from_detection, tiles, whole_image
from blazepose.runtimes import Precision
from blazepose.skeleton import LIMB_JOINTS, Skeleton
from blazepose.track.landmarker import Landmarks
from blazepose.track.matching import likeness
from blazepose.track.models import open_finder, open_networks
from blazepose.track.people import People, most_of
from blazepose.track.person import MIN_SCORE
from blazepose.video import as_rgb, read_image

_MIN_DETECTION = 0.1
_PER_LOOK = {1: 4, 2: 2, 3: 2}  # detections followed up: whole image, 2 and 3 tiles a side
_MIN_FOUND, _MOST_FOUND = 0.15, 12  # of the finder, in a look
_PASSES = 3
# More looks at whoever was found: turn of the region, its scale, in a mirror. Two for one who is
# sure, else all.
_LOOKS = ((0.0, 1.0, True), (0.25, 1.0, False), (-0.25, 1.0, True), (0.0, 0.88, False))
_LOOKS_IF_SURE = 2
# Nobody is there unless they see somebody (median score) in the same place (median distance from
# the pose). Of 276 ghosts in noise and photos without people that leaves 33, of 80 people all.
_SEEN_AGAIN, _MOST_ASTRAY = 0.8, 0.05
# Of everybody in a photo; chosen on 119 COCO photos, those that no training has seen among them.
_EACH_ASTRAY = 0.04
_CLEARLY, _HARDLY_ASTRAY = 0.95, 0.025  # of a pose within another's
_ANOTHER = 0.25  # OKS with somebody kept, from which on a pose is theirs
_SCORE = 0.02  # what a score lower by 1 is worth, as a distance astray
_MIN_QUALITY = 1.5  # photos of people gave 2.4 and more, those without mostly nothing
_SAME = 0.08  # mean distance of two poses of one person, in parts of their region
_ONE = 0.5  # OKS of two candidates that are one person
_STEADY = {"nose", *LIMB_JOINTS}


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A pose that a chase came by.

    Attributes:
        pose: in frame px.
        quality: log of how far it is to be trusted, for votes and means.
        sure: no further search is needed.
    """

    pose: Pose
    quality: float
    sure: bool


@dataclass(frozen=True, eq=False)
class _Seen:
    """Somebody looked at a few times more.

    Attributes:
        pose: the median of all looks.
        score: median of the further looks, 0..1.
        astray: their median distance from the first one, in parts of the region.
    """

    pose: Pose
    score: float
    astray: float

    @property
    def is_somebody(self) -> bool:
        """Whether the looks see a person in the same place."""
        return self.score >= _SEEN_AGAIN and self.astray <= _MOST_ASTRAY

    @property
    def is_clear(self) -> bool:
        """Whether they agree so well that it may be a person within another's box."""
        return self.score >= _CLEARLY and self.astray <= _HARDLY_ASTRAY

    @property
    def doubt(self) -> float:
        """Less for the clearer of two, in parts of the region."""
        return self.astray + _SCORE * (1 - self.score)


def estimate(
    image: np.ndarray | Frame | str | PathLike[str],
    model: str | PathLike[str] = "full",
    *,
    people: People = 1,
) -> list[Pose]:
    """People in a still image, the surest first; [] when nobody is there.

    Args:
        image: (H, W, 3) uint8 RGB array, frame, or path of an image file.
        model: as for `Tracker`; it is loaded once per process.
        people: how many at most, or "all".

    Raises:
        SourceError: the file is no image.
        TypeError, ValueError: an array that is no (H, W, 3) uint8 image; people below 1.
        ModelError, DownloadError: as for `Tracker`.
    """
    if isinstance(image, str | PathLike):
        image = read_image(image)
    return _estimator(str(model))(image, people=people)


class Estimator:
    """The search of `estimate` with its networks loaded; arguments as for `Tracker`."""

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
        # Loaded when the face does not decide.
        self._load_finder = None if detector else cache(partial(open_finder, threads=threads))
        self._detector, self._landmarker = open_networks(
            model,
            detector=detector,
            refine=refine,
            mask=mask,
            runtime=runtime,
            threads=threads,
            precision=precision,
        )

    @property
    def skeleton(self) -> Skeleton:
        """Names and edges of the points that its poses have."""
        return self._landmarker.skeleton

    def __call__(self, image: Frame | np.ndarray, *, people: People = 1) -> list[Pose]:
        """People in a frame or an (H, W, 3) uint8 RGB image, the surest first, `people` at most."""
        most = most_of(people)
        image = as_rgb(image.image if isinstance(image, Frame) else image)
        found: list[_Candidate] = []
        for roi, prior in self._starts(image):
            chased = self._chase(image, roi, prior)
            if people == 1 and not found and chased and chased[0].sure:
                seen = self._look_again(image, chased[0].pose, times=_LOOKS_IF_SURE)
                if seen.is_somebody:
                    return [seen.pose]
            found += chased
        again = (self._look_again(image, pose) for pose in _people(found))
        somebody = (seen for seen in again if seen.is_somebody)
        if people == 1:
            return [seen.pose for seen in islice(somebody, 1)]
        return [replace(seen.pose, id=i) for i, seen in enumerate(_each_once(somebody)[:most])]

    def _starts(self, image: UInt8[np.ndarray, "H W 3"]) -> Iterator[tuple[Roi, float]]:
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
                yield from self._whole_people(image)
        for roi in turned:
            yield roi, 0.0

    def _whole_people(self, image: UInt8[np.ndarray, "H W 3"]) -> Iterator[tuple[Roi, float]]:
        """Upright regions round those whom the finder sees, in the image and in quarters of it."""
        if self._load_finder is None:
            return
        finder = self._load_finder()
        height, width = image.shape[:2]
        for look in (whole_image(width, height), *tiles(width, height, count=2)):
            for found in finder(image, look, threshold=_MIN_FOUND)[:_MOST_FOUND]:
                yield from_box(found.box_xyxy), found.score

    def _chase(
        self, image: UInt8[np.ndarray, "H W 3"], start: Roi, prior: float
    ) -> list[_Candidate]:
        """Candidates from refining a region pass by pass; [] where nobody is."""
        first = self._look(image, start)
        if first.pose.score < MIN_SCORE:
            return []
        candidates: list[_Candidate] = []
        last = first
        for _ in range(_PASSES - 1):
            last = self._look(image, last.next_roi)
            candidates.append(_judge(last.masked, first.pose, prior, image.shape))
            if candidates[0].sure:
                break
        return [c for c in candidates if c.quality > _MIN_QUALITY]

    def _look_again(
        self, image: UInt8[np.ndarray, "H W 3"], pose: Pose, *, times: int = len(_LOOKS)
    ) -> _Seen:
        """Some more looks at somebody, turned, scaled and in a mirror."""
        roi, looks = pose.roi, []
        for turn_rad, scale, mirrored in _LOOKS[:times]:
            look = Roi(roi.center_xy, roi.size * scale, roi.angle_rad + turn_rad)
            looks.append(self._look(image, look, mirrored=mirrored).pose)
        score = np.median([look.score for look in looks])
        astray = np.median([_distance(look, pose) for look in looks])
        median = _each([pose, *looks], partial(np.median, axis=0))
        return _Seen(replace(pose, **median), float(score), float(astray))

    def _look(
        self, image: UInt8[np.ndarray, "H W 3"], roi: Roi, *, mirrored: bool = False
    ) -> Landmarks:
        return self._landmarker(image, roi, mirrored=mirrored, anywhere=True)


@lru_cache(maxsize=4)
def _estimator(model: str) -> Estimator:
    return Estimator(model)


def _judge(pose: Pose, first: Pose, prior: float, shape: tuple[int, ...]) -> _Candidate:
    """How far a pose is to be trusted: presence, visibility, agreement of the passes, place."""
    height, width = shape[:2]
    score = min(max(pose.score, 1e-6), 1 - 1e-6)
    presence = math.log(score / (1 - score))
    visibility = float(pose.visibility.mean())
    shift = _distance(pose, first)
    xy = pose.points[:, :2]
    inside = float(((xy > 0) & (xy < [width, height])).all(axis=1).mean())
    quality = (
        0.1 * min(presence, 6)
        + visibility
        - 20 * min(shift, 0.2)
        + 2 * inside
        + 0.2 * min(math.log(pose.roi.size / max(width, height)), 0.3)
        + 0.5 * prior
    )
    return _Candidate(pose, quality, presence > 5 and visibility > 0.8 and shift < 0.02)


def _distance(one: Pose, other: Pose) -> float:
    """Median distance of points in parts of the smaller region."""
    gap = np.linalg.norm(one.points[:, :2] - other.points[:, :2], axis=1)
    return float(np.median(gap)) / min(one.roi.size, other.roi.size)


def _inside(one: Pose, other: Pose) -> float:
    """Share of the box round a pose that lies in that round another."""
    low, high = (
        [bound(p.points[:, :2], axis=0) for p in (one, other)] for bound in (np.min, np.max)
    )
    common = np.clip(np.minimum(*high) - np.maximum(*low), 0, None).prod()
    return float(common / max((high[0] - low[0]).prod(), 1e-6))


def _people(candidates: list[_Candidate]) -> list[Pose]:
    """Each person once: the candidate with most votes, then the next who is somebody else."""
    poses = []
    while candidates:
        steady = _steady(candidates[0].pose.skeleton)
        points = np.stack([c.pose.points[steady, :2] for c in candidates])  # (N, J, 2)
        sizes = np.array([c.pose.roi.size for c in candidates])
        quality = np.array([c.quality for c in candidates])
        gaps = _distances(points, sizes)
        votes = (np.exp(-((gaps / _SAME) ** 2)) * np.exp(quality)).sum(axis=1)
        best = int(np.argmax(quality + np.log(votes)))
        poses.append(_merged(candidates, gaps[best], best))
        others = _likeness(candidates[best].pose, [c.pose for c in candidates]) < _ONE
        candidates = [c for c, is_other in zip(candidates, others, strict=True) if is_other]
    return poses


def _each_once(seen: Iterable[_Seen]) -> list[_Seen]:
    """Those who are nobody else, the clearest first; who lies within another has to be clear."""
    kept: list[_Seen] = []
    for one in sorted((s for s in seen if s.astray <= _EACH_ASTRAY), key=lambda s: s.doubt):
        others = [other.pose for other in kept]
        is_within = any(_inside(one.pose, other) >= 0.5 for other in others)
        if (one.is_clear or not is_within) and (_likeness(one.pose, others) < _ANOTHER).all():
            kept.append(one)
    return kept


def _likeness(pose: Pose, others: Sequence[Pose]) -> Float[np.ndarray, " N"]:
    """OKS of a pose with others."""
    return likeness([pose.points[:, :2]], [o.points[:, :2] for o in others], pose.skeleton)[0]


@lru_cache
def _steady(skeleton: Skeleton) -> Int64[np.ndarray, " J"]:
    """Which points tell people apart: nose, trunk and limbs; all where it has none of them."""
    found = [i for i, name in enumerate(skeleton.names) if name in _STEADY]
    return np.array(found or range(len(skeleton)), np.int64)


def _distances(
    points: Float[np.ndarray, "N J 2"], sizes: Float[np.ndarray, " N"]
) -> Float[np.ndarray, "N N"]:
    """Between all poses, as `_distance`."""
    gaps = np.linalg.norm(points[:, None] - points[None], axis=-1)  # (N, N, J)
    return np.median(gaps, axis=-1) / np.minimum(sizes[:, None], sizes[None])


def _merged(candidates: list[_Candidate], gaps: Float[np.ndarray, " N"], best: int) -> Pose:
    """The mean of the candidates close to the best, weighted by trust."""
    near = [c for c, gap in zip(candidates, gaps, strict=True) if gap < _SAME / 2]
    weights = np.exp(6 * (np.array([c.quality for c in near]) - candidates[best].quality))
    weights = (weights / weights.sum()).astype(np.float32)
    mean = _each([c.pose for c in near], partial(np.tensordot, weights, axes=1))
    return replace(candidates[best].pose, **mean)


def _each(poses: Sequence[Pose], average: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
    """Some average over poses, of everything that a pose says of its points."""
    names = ("points", "world", "visibility", "presence")
    return {
        name: average(np.stack([getattr(pose, name) for pose in poses])).astype(np.float32)
        for name in names
    }
