"""What an exercise is made of: the words in which `exercises` writes each down as data.

A repetition is an excursion of the body from rest to depth and back. Signals tell how far it is,
gates whether the body is in the exercise at all, rules what could be better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from blazepose.coach.body import columns

When = Literal["rest", "depth", "always"]
Sides = Literal["both", "either"]
View = Literal["any", "front", "side"]


@dataclass(frozen=True)
class Signal:
    """A measure that goes from `rest` to `depth` and back in a repetition.

    Attributes:
        measure: name in `body.MEASURES`, without side.
        rest: value at rest; there the signal is 0.
        depth: value at the turn of a good repetition; there it is 1.
        least: the part of the way that this signal alone must go, else something else moved.

    Raises:
        ValueError: there is no such measure.
    """

    measure: str
    rest: float
    depth: float
    least: float = 0.3

    def __post_init__(self) -> None:
        columns(self.measure)


@dataclass(frozen=True)
class Gate:
    """A measure that stays within bounds in this exercise; one that is not seen passes.

    Attributes:
        measure: name in `body.MEASURES`, without side; the mean of the sides seen.
        low: smallest value.
        high: largest value.
        when: at rest, at depth, or at both.

    Raises:
        ValueError: there is no such measure.
    """

    measure: str
    low: float = float("-inf")
    high: float = float("inf")
    when: When = "always"

    def __post_init__(self) -> None:
        columns(self.measure)


@dataclass(frozen=True)
class Still:
    """A part of the body that stays in its place in the picture during a repetition.

    Attributes:
        part: "ankle", "wrist" or "hip".
        metres: how far it may be from where it was.
    """

    part: str
    metres: float


@dataclass(frozen=True)
class Rule:
    """What makes a remark, if a measure is beyond a bound and well seen.

    Attributes:
        name: short, as in reports.
        measure: name in `body.MEASURES`, without side; every side is looked at by itself.
        text: what to mend, as one says it to the person.
        why: source or rationale of the bound.
        low: smallest value without a remark.
        high: largest value without a remark.
        when: at rest, at depth, or all the time.
        change: the measure less what it was at rest is meant.
        view: from where the camera can judge it.

    Raises:
        ValueError: there is no such measure.
    """

    name: str
    measure: str
    text: str
    why: str
    low: float = float("-inf")
    high: float = float("inf")
    when: When = "depth"
    change: bool = False
    view: View = "any"

    def __post_init__(self) -> None:
        columns(self.measure)


@dataclass(frozen=True)
class Move:
    """An exercise.

    Attributes:
        name: as the user types it.
        signals: what moves; the first is the angle by which depth is told. None for a hold.
        gates: in which posture.
        still: what stays in its place.
        rules: what is remarked on.
        phases: words for rest, the way to depth, depth, and the way back.
        sides: "both" move together, or "either" does and each counts.
        full: part of the way from rest to depth from which a repetition is complete.
        quickest_s: a repetition takes at least; less is a jump or a jerk of the tracker.
        recognised: repetitions until "auto" believes that it is this one; more for moves that
            gestures resemble.
    """

    name: str
    signals: tuple[Signal, ...]
    gates: tuple[Gate, ...]
    still: tuple[Still, ...] = ()
    rules: tuple[Rule, ...] = ()
    phases: tuple[str, str, str, str] = ("rest", "down", "depth", "up")
    sides: Sides = "both"
    full: float = 0.55
    quickest_s: float = 0.4
    recognised: int = 1

    @property
    def hold(self) -> bool:
        """Whether time is counted instead of repetitions."""
        return not self.signals
