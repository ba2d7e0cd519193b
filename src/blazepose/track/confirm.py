"""Further looks at people who were found in a photo: turned, scaled and in a mirror.

Whoever is there is seen the same again; poses in noise, or between two people, go astray. Of poses
that may be one person's, that stays whose looks agree best. The looks are where the pose itself
says that its person is: a better region than the one it was seen in. Where the finder sees a body,
too, or the search came by the pose again and again, less is asked of them. Constants were chosen on
LSP 1..1000 and COCO photos (docs/experiments.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

import numpy as np

from blazepose.boxes import iou
from blazepose.pose import Detection, Pose, Roi
from blazepose.shapes import Float, UInt8
from blazepose.track.candidates import Candidate, alike, averaged, distance
from blazepose.track.landmarker import Landmarker
from blazepose.track.matching import box_round

# Turn of the region in rad, its scale, in a mirror.
_Look: TypeAlias = tuple[float, float, bool]
_AS_IT_IS: _Look = (0.0, 1.0, False)
_IN_MIRROR: _Look = (0.0, 1.0, True)
_TURNED: _Look = (0.25, 1.0, False)
_LOOKS = (_IN_MIRROR, _TURNED, (-0.25, 1.0, True), (0.0, 0.88, False))
_AGREES = 0.008  # a mirror with who is sure, at most so far astray; three in four do
# Nobody is there unless they see somebody (median score) in the same place (median distance from
# the pose). Of 276 ghosts in noise and photos without people that leaves 33, of 80 people all.
_SEEN_AGAIN, _MOST_ASTRAY = 0.8, 0.05
_SEEN_WITH_BODY = 0.6  # in place of the first, where the finder sees a body
BODY, SAME_BODY = 0.3, 0.4  # least score of a body, and overlap with its box
# Of everybody in a photo; chosen on 119 COCO photos, those that no training has seen among them.
_OFTEN = 3.0  # candidates of a search that came by the pose; ghosts are seldom met
_EACH_ASTRAY = 0.04
_OFTEN_WITH_BODY, _OFTEN_WITHOUT_BODY = 0.5, 0.7
_HARDLY_ASTRAY = 0.02  # of who was met less often, or lies within another
_SEEN_WITHOUT_BODY = 0.9  # of the same
_ANOTHER = 0.25  # OKS with somebody kept, from which on a pose is theirs
_TRUNK, _SIDES = ("shoulder", "hip"), ("left", "right")
_TURNED_OVER = 1.4  # two gaps between the ends of two trunks, in parts of a trunk
_SCORE = 0.02  # what a score lower by 1 is worth, as a distance astray


@dataclass(frozen=True, eq=False)
class Seen:
    """Somebody looked at a few times more.

    Attributes:
        pose: the median of all looks.
        score: median of the further looks, 0..1.
        astray: their median distance from the first one, in parts of the region.
        has_body: the finder sees a body there; None where it did not look.
        met: how many candidates of the search came by the pose, see `Candidate`.
    """

    pose: Pose
    score: float
    astray: float
    has_body: bool | None = None
    met: float = 1.0

    @property
    def is_somebody(self) -> bool:
        """Whether the looks see a person in the same place."""
        least = _SEEN_WITH_BODY if self.has_body else _SEEN_AGAIN
        return self.score >= least and self.astray <= _MOST_ASTRAY

    @property
    def is_backed(self) -> bool:
        """Whether the search came by the pose often enough; else the looks have to agree well."""
        return self.met >= _OFTEN or self.is_clear

    @property
    def is_one_of_many(self) -> bool:
        """Both, where everybody is looked for, and so nobody has to be there."""
        least = _OFTEN_WITH_BODY if self.has_body else _OFTEN_WITHOUT_BODY
        is_likely = self.score >= least and self.astray <= _EACH_ASTRAY
        return self.is_clear or (self.met >= _OFTEN and is_likely)

    @property
    def is_clear(self) -> bool:
        """Whether they agree so well that it may be somebody met once, or within another's box."""
        least = _SEEN_WITH_BODY if self.has_body else _SEEN_WITHOUT_BODY
        return self.score >= least and self.astray <= _HARDLY_ASTRAY

    @property
    def doubt(self) -> float:
        """Less for the clearer of two, in parts of the region."""
        return self.astray + _SCORE * (1 - self.score)


def look_again(
    landmarker: Landmarker,
    image: UInt8[np.ndarray, "H W 3"],
    people: Sequence[Candidate],
    *,
    bodies: Sequence[Detection] | None = None,
    anew: bool = False,
) -> list[Seen]:
    """Look at each of some people again, all side by side.

    Args:
        landmarker: looks.
        image: RGB.
        people: px of the image.
        bodies: whom the finder sees, in boxes round the whole person; None where it did not look.
        anew: another network found them; this one looks once more, and what it sees alone counts.
    """
    wanted = (_AS_IT_IS, *_LOOKS) if anew else _LOOKS
    looks = _looks(landmarker, image, people, wanted)
    seen = [
        _seen(one, own if anew else [one.pose, *own], own, anew=anew)
        for one, own in zip(people, looks, strict=True)
    ]
    if bodies is None:
        return seen
    return [replace(one, has_body=has_body(one.pose, bodies, image.shape)) for one in seen]


def look_at_sure(
    landmarker: Landmarker,
    image: UInt8[np.ndarray, "H W 3"],
    one: Candidate,
    *,
    anew: bool = False,
) -> Seen:
    """Look again at somebody who is sure: in a mirror, and turned if that does not agree.

    Arguments as for `look_again`. Two looks in any case bring poses no nearer to the labels, with
    Heavy 0.15 points of PCK.
    """
    wanted = (_AS_IT_IS, _IN_MIRROR) if anew else (_IN_MIRROR,)
    [looks] = _looks(landmarker, image, [one], wanted)
    plain, mirrored = looks[0] if anew else one.pose, looks[-1]
    if distance(mirrored, plain) <= _AGREES:
        earlier = [] if anew else [one.first]
        return _seen(one, [*earlier, plain, mirrored], looks, anew=anew)
    [[turned]] = _looks(landmarker, image, [one], (_TURNED,))
    return _seen(one, [plain, mirrored, turned], [*looks, turned], anew=anew)


def has_body(pose: Pose, bodies: Sequence[Detection], shape: tuple[int, ...]) -> bool:
    """Whether the box of a body is about the one round a pose in an image of that shape."""
    height, width = shape[:2]
    around = box_round(pose).clip(0, np.array([width, height] * 2, np.float32))
    boxes = [body.box_xyxy for body in bodies if body.score >= BODY]
    return bool(boxes) and bool(iou(around, np.stack(boxes)).max() > SAME_BODY)


def each_once(seen: Iterable[Seen]) -> list[Seen]:
    """Those who are nobody else, the clearest first; who lies within another has to be clear.

    A pose upside down on another's trunk is nobody.
    """
    kept: list[Seen] = []
    for one in sorted((s for s in seen if s.is_one_of_many), key=lambda s: s.doubt):
        others = [other.pose for other in kept]
        is_within = any(_share_inside(one.pose, other) >= 0.5 for other in others)
        is_copy = any(_is_turned_over(one.pose, other) for other in others)
        if is_copy or (is_within and not one.is_clear):
            continue
        if (alike(one.pose, others) < _ANOTHER).all():
            kept.append(one)
    return kept


def _looks(
    landmarker: Landmarker,
    image: UInt8[np.ndarray, "H W 3"],
    people: Sequence[Candidate],
    wanted: Sequence[_Look],
) -> list[list[Pose]]:
    """What each of some people looks like, look by look."""
    rois, mirrored = [], []
    for roi in (one.roi for one in people):
        for turn_rad, scale, in_mirror in wanted:
            rois.append(Roi(roi.center_xy, roi.size * scale, roi.angle_rad + turn_rad))
            mirrored.append(in_mirror)
    found = landmarker.each(image, rois, mirrored=mirrored, anywhere=True)
    poses = [landmarks.pose for landmarks in found]
    return [poses[i * len(wanted) : (i + 1) * len(wanted)] for i in range(len(people))]


def _seen(one: Candidate, poses: Sequence[Pose], looks: Sequence[Pose], *, anew: bool) -> Seen:
    """What further looks at somebody say, with the median of some poses."""
    pose = replace(one.pose, **averaged(poses, partial(np.median, axis=0)))
    place, further = (pose, looks[1:]) if anew else (one.pose, looks)
    score = np.median([look.score for look in looks])
    astray = np.median([distance(look, place) for look in further])
    return Seen(pose, float(score), float(astray), met=one.met)


def _is_turned_over(one: Pose, other: Pose) -> bool:
    """Whether one's shoulders are where the other's hips are, and the other way round.

    The network is sure of such a pose on somebody's own trunk, upside down.
    """
    names = one.skeleton.names
    if not {f"{side}_{part}" for part in _TRUNK for side in _SIDES} <= set(names):
        return False
    shoulders, hips = _trunk(one)
    other_shoulders, other_hips = _trunk(other)
    gap = math.dist(shoulders, other_hips) + math.dist(hips, other_shoulders)
    return gap < _TURNED_OVER * math.dist(other_shoulders, other_hips)


def _trunk(pose: Pose) -> Float[np.ndarray, "2 2"]:
    """Mid-shoulder and mid-hip, px."""
    rows = [[pose.skeleton.index(f"{side}_{part}") for side in _SIDES] for part in _TRUNK]
    middles: np.ndarray = pose.points[rows, :2].mean(axis=1)
    return middles


def _share_inside(one: Pose, other: Pose) -> float:
    """Share of the box round a pose that lies in that round another."""
    (low, high), (other_low, other_high) = (box_round(p).reshape(2, 2) for p in (one, other))
    common = np.clip(np.minimum(high, other_high) - np.maximum(low, other_low), 0, None).prod()
    return float(common / max((high - low).prod(), 1e-6))
