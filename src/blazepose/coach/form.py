"""Form: how deep, how fast and how evenly a repetition was done, and what could be better."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from blazepose.coach.angles import SEEN
from blazepose.coach.body import MEASURES, columns, columns_of, unit_of
from blazepose.coach.excursions import Excursion
from blazepose.coach.gates import moving_side
from blazepose.coach.moves import Move, Rule
from blazepose.coach.passage import Passage, middle
from blazepose.coach.results import Hold, Remark, Repetition
from blazepose.shapes import Bool, Float64

# Twice the difference that the released Full network sees between the sides of people who stand
# evenly on photographs.
_UNEVEN_DEG = 20.0
_UNEVEN = "work both sides alike"
_FRONT, _SIDE = 0.7, 0.5  # parts of shoulders' and hips' width that are seen: 45 and 60 degrees
# The ways are timed between these parts of them. What the inner part takes of that tells their
# shape: even, or as a cosine, which goes slowly near its ends.
_OUTER, _INNER = (0.1, 0.9), (0.3, 0.7)
_LEAST_GAP = 0.1  # between the earlier bounds, where a way ends before rest
_AT_DEPTH = 0.85  # of the way, from which an angle may stand for that at depth
_CUT_SHORT = 0.5  # a way that ends before this part of it is timed as if it did not


def judged(move: Move, excursion: Excursion, passage: Passage) -> Repetition:
    """The repetition with its remarks.

    Args:
        move: which one it is, by `belongs`.
        excursion: of its signal.
        passage: its frames.
    """
    angle = move.signals[0].measure
    side = moving_side(move, passage)
    depth = _extreme(angle, passage, side)
    turn = int(np.argmax(passage.level))
    down, up = _tempo(passage, cut=excursion.cut)
    difference = _difference(angle, passage)
    repetition = Repetition(
        start_s=down[0],
        depth_s=float(passage.times_s[turn]),
        end_s=up[1],
        depth_frame=int(passage.frames[turn]),
        depth_deg=depth,
        range_deg=abs(depth - passage.middle(angle, passage.rest, side)),
        down_s=down[1] - down[0],
        hold_s=up[0] - down[1],
        up_s=up[1] - up[0],
        difference_deg=difference if move.sides == "both" else None,
        amplitude=excursion.amplitude,
        confidence=_sureness(move, passage),
    )
    found = (*_remarks(move, passage, side), *_uneven(repetition, angle))
    return replace(repetition, remarks=found)


def judged_hold(move: Move, start_s: float, end_s: float, passage: Passage) -> Hold:
    """The hold with its remarks."""
    return Hold(start_s, end_s, _remarks(move, passage, ""))


def _remarks(move: Move, passage: Passage, side: str) -> tuple[Remark, ...]:
    """What could be better, by the move's rules: of each the worse side, if it is well seen."""
    found = []
    for rule in move.rules:
        broken = [_broken(rule, at, passage) for at in columns_of(rule.measure, side)]
        seen = [remark for remark in broken if remark]
        found += sorted(seen, key=lambda remark: -abs(remark.value - remark.threshold))[:1]
    return tuple(found)


def _broken(rule: Rule, column: int, passage: Passage) -> Remark | None:
    """The remark, if the bound is broken by a measure the camera sees well enough to say so."""
    if not _in_view(rule, passage):
        return None
    at = _when(rule, passage)
    values = passage.values[:, column]
    if rule.change:
        values = values - middle(values[passage.rest])
    value, confidence = middle(values[at]), middle(passage.confidence[at, column])
    bound = rule.low if value < rule.low else rule.high
    if not (value < rule.low or value > rule.high) or confidence < SEEN:
        return None
    far = np.where(at & np.isfinite(values), np.abs(values - value), np.inf)
    frame = int(np.argmin(far))
    return Remark(
        name=rule.name,
        text=rule.text,
        measure=MEASURES[column],
        value=value,
        threshold=bound,
        unit=unit_of(rule.measure),
        time_s=float(passage.times_s[frame]),
        frame=int(passage.frames[frame]),
        confidence=confidence,
    )


def _when(rule: Rule, passage: Passage) -> Bool[np.ndarray, " T"]:
    if rule.when == "rest":
        return passage.rest
    return passage.depth if rule.when == "depth" else np.ones(len(passage.level), bool)


def _in_view(rule: Rule, passage: Passage) -> bool:
    facing = passage.middle("facing", passage.rest)
    if rule.view == "any":
        return True
    return bool(facing >= _FRONT) if rule.view == "front" else bool(facing <= _SIDE)


def _extreme(measure: str, passage: Passage, side: str) -> float:
    """The measure at the turn: median over the frames nearest to it in which it is known.

    NaN if it is known in none near it.
    """
    values = passage.values[:, columns_of(measure, side)]
    known = np.isfinite(values).any(axis=1)
    furthest = float(passage.level[known].max(initial=-np.inf))
    if furthest < _AT_DEPTH:
        return float("nan")
    return passage.middle(measure, known & (passage.level >= min(0.97, furthest)), side)


def _difference(angle: str, passage: Passage) -> float | None:
    sides = list(columns(angle))
    confidence = [middle(passage.confidence[passage.depth, side]) for side in sides]
    if len(sides) < 2 or min(confidence) < SEEN:
        return None
    left, right = (middle(passage.values[passage.depth, side]) for side in sides)
    return left - right


def _uneven(repetition: Repetition, angle: str) -> tuple[Remark, ...]:
    difference = repetition.difference_deg
    if difference is None or abs(difference) <= _UNEVEN_DEG:
        return ()
    return (
        Remark(
            name="uneven",
            text=_UNEVEN,
            measure=angle,
            value=difference,
            threshold=np.copysign(_UNEVEN_DEG, difference).item(),
            unit=unit_of(angle),
            time_s=repetition.depth_s,
            frame=repetition.depth_frame,
            confidence=repetition.confidence,
        ),
    )


def _sureness(move: Move, passage: Passage) -> float:
    """Of the angle at depth, by the side that is seen better."""
    sides = list(columns(move.signals[0].measure))
    return max(middle(passage.confidence[passage.depth, side]) for side in sides)


def _tempo(passage: Passage, *, cut: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """Start and end of the way down, and of the way up; s, in order.

    A repetition is announced before it is quite over, so its end may lie behind the passage, but
    not behind the end of the clip, which cuts it.
    """
    turn, times_s = int(np.argmax(passage.level)), passage.times_s
    ways = [
        _Way.of(times_s[part], passage.level[part])
        for part in (slice(turn, None, -1), slice(turn, None))
    ]
    # Of both together: one alone says little.
    even, curved, share = (
        sum(values)
        for values in zip(*((w.expected(0), w.expected(1), w.share) for w in ways), strict=True)
    )
    curve = float(np.clip((even - share) / (even - curved), 0, 1))
    (depth, start), (again, end) = (way.whole(curve) for way in ways)
    if depth > again:  # hardly a hold: the ways meet
        depth = again = (depth + again) / 2
    first, last = float(times_s[0]), float(times_s[-1]) if cut else np.inf
    return (max(start, first), max(depth, first)), (min(again, last), min(end, last))


@dataclass(frozen=True)
class _Way:
    """A way from depth to rest, timed between two parts of it; times may run backward.

    Attributes:
        late_s: when it was at the later part.
        early_s: when it was at the earlier one.
        outer: the two parts.
        inner: two parts between them.
        share: of the time between the outer ones, what lies between the inner ones.
    """

    late_s: float
    early_s: float
    outer: tuple[float, float]
    inner: tuple[float, float]
    share: float

    @classmethod
    def of(cls, times_s: Float64[np.ndarray, " T"], level: Float64[np.ndarray, " T"]) -> _Way:
        """Time a way."""
        least = float(np.clip(level.min(), _OUTER[0], _CUT_SHORT))
        outer, inner = (least, _OUTER[1]), (max(_INNER[0], least + _LEAST_GAP), _INNER[1])
        late_s, early_s = _crossings(times_s, level, outer)
        inner_s = float(np.diff(_crossings(times_s, level, inner))[0])
        outer_s = early_s - late_s
        return cls(late_s, early_s, outer, inner, inner_s / outer_s if outer_s else 0.0)

    def expected(self, curve: float) -> float:
        """What the share would be for a shape from even, 0, to a cosine, 1."""
        inner, outer = (
            _part_of_time(late, curve) - _part_of_time(early, curve)
            for early, late in (self.inner, self.outer)
        )
        return inner / outer

    def whole(self, curve: float) -> tuple[float, float]:
        """When it leaves depth and reaches rest."""
        late, early = _part_of_time(self.outer[1], curve), _part_of_time(self.outer[0], curve)
        whole_s = (self.early_s - self.late_s) / (late - early)
        return self.late_s - (1 - late) * whole_s, self.early_s + early * whole_s


def _part_of_time(part: float, curve: float) -> float:
    """Share of its time in which a way from rest comes so far."""
    return (1 - curve) * part + curve * float(np.arccos(1 - 2 * part)) / np.pi


def _crossings(
    times_s: Float64[np.ndarray, " T"],
    level: Float64[np.ndarray, " T"],
    bounds: tuple[float, float],
) -> tuple[float, float]:
    """When the level, away from the turn, last was late and first is early on the way."""
    early, late = bounds
    below = np.flatnonzero(level <= early)
    end = int(below[0]) if len(below) else len(level) - 1
    above = np.flatnonzero(level[: end + 1] >= late)
    start = int(above[-1]) if len(above) else 0
    return (
        _crossing(times_s, level, start, min(start + 1, end), late),
        _crossing(times_s, level, max(end - 1, start), end, early),
    )


def _crossing(
    times_s: Float64[np.ndarray, " T"],
    level: Float64[np.ndarray, " T"],
    one: int,
    other: int,
    bound: float,
) -> float:
    """When the straight line between two frames meets the bound."""
    rise = level[other] - level[one]
    part = (bound - level[one]) / rise if rise else 0.0
    return float(times_s[one] + np.clip(part, 0.0, 1.0) * (times_s[other] - times_s[one]))
