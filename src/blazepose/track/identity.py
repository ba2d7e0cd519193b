"""Who somebody is, by place, motion and clothes.

People who have been in each other's way, stand where another one was lost, or look odd, are doubted
until a look at their clothes, or a few, have told whose id is theirs. Whoever turns up away from
the sides of the frame is hardly new: there the clothes of the only one who was lost may look quite
different, as in other light.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blazepose.pose import Frame, Pose
from blazepose.shapes import Float
from blazepose.track.landmarker import Landmarks
from blazepose.track.looks import Looks, looks, mixed, unlikeness
from blazepose.track.matching import overlaps, pairs
from blazepose.track.person import Person

_LOOK_EVERY_S = 0.5
_IN_THE_WAY = 0.2  # IoU of the boxes round two poses
_DOUBT_EVERY_S, _DOUBTS = 0.03, 3  # looks at who may be somebody else, and how many decide
# Distances of clothes, 0..1, as `unlikeness` gives them.
_ODD = 0.3  # clothes that are hardly theirs
_FAITH = 0.15  # so much better have clothes to fit somebody else
_PLAIN = 0.1  # an id whose clothes fit better than any other's by so much needs no further look
_TRIAL_S = 3.0  # for which a newcomer may be somebody who was lost
_FAR = 1.5  # sides of the region that somebody lost may have gone, and per second besides
_FAR_PER_S = 0.75
_HURRY_S = 1.0  # nobody is farther than that after so short a time
_AGAIN = 0.45  # highest cost of taking somebody for one who was lost
_STRANGE = 0.48  # clothes that cannot be the same
_BESIDE = 1.0  # sides of the region between somebody and where another one was lost
_SELDOM = 0.3  # so much less must they fit the only one who can have turned up in the middle
_SIDE = 0.5  # nearer to the frame's left and right, in sides of the region, people come and go


@dataclass(eq=False)
class Followed:
    """Somebody in sight, or remembered.

    Attributes:
        person: where they are, and their id.
        looks: how the one with this id looks.
        looked_s: when that was looked at last, s of the clip.
        doubts: how the one seen here looks, since it may be another one; None: it is them.
        since_s: when they turned up, s of the clip.
        inside: whether they are, or were seen last, where nobody comes into the frame or leaves it.
    """

    person: Person
    looks: Looks | None = None
    looked_s: float = -np.inf
    doubts: list[Looks] | None = None
    since_s: float = -np.inf
    inside: bool = False

    def note(self, now: Looks | None) -> None:
        """Take a look at who is seen here."""
        if now is None:
            return
        if self.doubts is None and self.looks is not None and unlikeness(self.looks, now) > _ODD:
            self.doubts = []
        if self.doubts is None:
            self.looks = mixed(self.looks, now)
        else:
            self.doubts = [*self.doubts, now][-_DOUBTS:]

    @property
    def is_clear(self) -> bool:
        """Whether somebody doubted has been looked at often enough."""
        return self.doubts is not None and len(self.doubts) == _DOUBTS

    @property
    def seen(self) -> Looks | None:
        """How the one seen here looks."""
        return np.mean(self.doubts, axis=0) if self.doubts else self.looks

    def trust(self) -> None:
        """It is them who are seen here."""
        self.looks = self.seen if self.looks is None else self.looks
        self.doubts = None


def look(here: Sequence[Followed], gone: Sequence[Followed], frame: Frame) -> None:
    """Note how those in sight look, now and then, and not while others are in the way.

    Who is where somebody was lost lately may be the one who was lost.

    Args:
        here: those in sight, where they are in this frame.
        gone: those lost.
        frame: of the clip.
    """
    in_the_way = overlaps([f.person.pose for f in here]) > _IN_THE_WAY
    for followed, others in zip(here, in_the_way, strict=True):
        pose = followed.person.pose
        followed.inside = pose is not None and _is_inside(pose, frame.pixels.shape[1])
        if others.any():
            followed.doubts = []
            continue
        if followed.doubts is None and pose and _is_beside(pose, gone, frame.time_s):
            followed.doubts = []
        every_s = _LOOK_EVERY_S if followed.doubts is None else _DOUBT_EVERY_S
        if pose and frame.time_s - followed.looked_s > every_s - 1e-6:
            followed.looked_s = frame.time_s
            followed.note(looks(frame.pixels, pose))


def recognize(here: Sequence[Followed], gone: Sequence[Followed], time_s: float) -> None:
    """Give those their own ids whom clothes show to be somebody else than they were taken for."""
    doubted = [f for f in here if f.doubts]
    known = doubted + [f for f in here if not f.doubts] + list(gone)
    cost = _strangeness(doubted, known, gone)
    told = [i for i, f in enumerate(doubted) if f.is_clear or _lead(cost[i]) > _PLAIN]
    owners = list(range(len(known)))
    for row, j in pairs(cost[told], limit=1.0):
        i, k = told[row], owners.index(j)
        owners[i], owners[k] = owners[k], owners[i]
    names = [(f.person.id, f.looks) for f in known]
    for followed, owner in zip(known, owners, strict=True):
        followed.person.id, followed.looks = names[owner]
    for followed in (doubted[i] for i in told):
        if followed.looks is not None or time_s - followed.since_s > _TRIAL_S:
            followed.trust()


def returned(
    found: Sequence[Landmarks], gone: Sequence[Followed], frame: Frame
) -> dict[int, Followed]:
    """Who of those found is somebody who was lost: number in `found` -> the one lost."""
    dressed = [looks(frame.pixels, landmarks.pose) for landmarks in found]
    cost = np.array(
        [
            [_cost(lost, landmarks.pose, dress, frame.time_s) for lost in gone]
            for landmarks, dress in zip(found, dressed, strict=True)
        ]
    ).reshape(len(found), len(gone))
    return {i: gone[j] for i, j in pairs(cost, limit=_AGAIN)}


def likest(lost: Followed, among: Sequence[Followed]) -> Followed | None:
    """Who of some in sight may by their clothes be somebody who is lost; None: nobody."""
    strange = [unlikeness(lost.looks, f.seen) for f in among]
    best = int(np.argmin(strange)) if strange else None
    return None if best is None or strange[best] > _STRANGE else among[best]


def _cost(lost: Followed, pose: Pose, dress: Looks | None, time_s: float) -> float:
    """Of taking somebody for one who was lost: 0 the same place and clothes; infinite: cannot be.

    The longer they were gone, the less the place says.
    """
    person = lost.person
    strange = unlikeness(lost.looks, dress)
    if strange > _STRANGE:
        return float("inf")
    gap_s = max(time_s - person.seen_s, 0.0)
    place = _distance(person, pose, time_s)
    if place > 1 and gap_s < _HURRY_S:
        return float("inf")
    place = min(place, 1.0)
    trust = np.exp(-gap_s / 2)  # in the place
    return float(trust * 0.5 * (place + strange) + (1 - trust) * strange)


def _can_be(seen: Followed, other: Followed, gone: Sequence[Followed]) -> bool:
    """Whether somebody may be another one.

    A newcomer is nobody of whom it is sure that they are seen elsewhere, nor somebody lost too
    lately and too far away from where the newcomer turned up.
    """
    if seen.looks is not None:
        return True
    if other.doubts is None and other not in gone:
        return False
    pose, gap_s = seen.person.pose, seen.since_s - other.person.seen_s
    return (
        pose is None
        or not 0 <= gap_s < _HURRY_S
        or _distance(other.person, pose, seen.since_s) <= 1
    )


def _lead(costs: Float[np.ndarray, " M"]) -> float:
    """By how much the least is less than the next; 0 where no other is possible."""
    return float(np.diff(np.sort(costs[np.isfinite(costs)])[:2]).sum())


def _only(newcomer: Followed, gone: Sequence[Followed]) -> Followed | None:
    """The only one who can have turned up away from the sides of the frame; None: nobody, or many.

    Of those lost, whoever had not gone to a side, can have come so far, and may be dressed so.
    """
    pose, since_s = newcomer.person.pose, newcomer.since_s
    if newcomer.looks is not None or pose is None or not newcomer.inside:
        return None
    can_be = [
        lost
        for lost in gone
        if lost.inside
        and lost.person.seen_s <= since_s
        and _distance(lost.person, pose, since_s) <= 1
        and unlikeness(lost.looks, newcomer.seen) <= _STRANGE + _SELDOM
    ]
    return can_be[0] if len(can_be) == 1 else None


def _is_beside(pose: Pose, gone: Sequence[Followed], time_s: float) -> bool:
    """Whether somebody was lost near by lately: one body hid the other, or took its place."""
    return any(
        time_s - lost.person.seen_s < _TRIAL_S
        and math.dist(lost.person.roi.center_xy, pose.roi.center_xy) < _BESIDE * pose.roi.size
        for lost in gone
    )


def _is_inside(pose: Pose, width: int) -> bool:
    """Whether somebody is away from the sides of a frame so wide in px."""
    x, side = pose.points[:, 0], _SIDE * pose.roi.size
    return bool(x.min() > side and x.max() < width - side)


def _distance(lost: Person, pose: Pose, time_s: float) -> float:
    """How far somebody lost would have gone, in parts of how far one can go in the time."""
    size = max(lost.roi.size, pose.roi.size)
    moved = pose.points[:, :2].mean(axis=0) - lost.expected(time_s).mean(axis=0)
    reach = _FAR + _FAR_PER_S * max(time_s - lost.seen_s, 0.0)
    return float(np.hypot(*moved)) / size / reach


def _strangeness(
    seen: Sequence[Followed], known: Sequence[Followed], gone: Sequence[Followed]
) -> Float[np.ndarray, "N M"]:
    """Of what those look like now to what is known of these; less with themselves."""
    cost = np.full((len(seen), len(known)), np.inf)
    for i, followed in enumerate(seen):
        now, only = followed.seen, _only(followed, gone)
        for j, other in enumerate(known):
            strange = unlikeness(other.looks, now) - _SELDOM * (other is only)
            can_be = other.looks is not None and _can_be(followed, other, gone)
            if other is followed:
                cost[i, j] = strange - _FAITH
            elif can_be and strange <= _STRANGE:
                cost[i, j] = strange
    return cost
