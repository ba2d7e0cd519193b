"""What counting gives: repetitions and holds with remarks, and where a counter stands."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Remark:
    """What could be better in a repetition or hold, with its evidence.

    Attributes:
        name: of the rule.
        text: what to mend.
        measure: what was measured, with its side.
        value: what it was.
        threshold: the bound it is beyond.
        unit: of value and threshold, by `body.unit_of`.
        time_s: when.
        frame: where, counted from 0.
        confidence: 0..1, of the points it needs.
    """

    name: str
    text: str
    measure: str
    value: float
    threshold: float
    unit: str
    time_s: float
    frame: int
    confidence: float

    @property
    def seen(self) -> str:
        """What was measured, for people, as "left knee 118°"."""
        return f"{self.measure.replace('_', ' ')} {self.with_unit(self.value)}"

    @property
    def bound(self) -> str:
        """What it should have been, as "at most 110°"."""
        side = "at most" if self.value > self.threshold else "at least"
        return f"{side} {self.with_unit(self.threshold)}"

    def with_unit(self, value: float) -> str:
        """A value of its measure for people."""
        return f"{value:.0f}°" if self.unit == "deg" else f"{value:.2f} {self.unit}".rstrip()


@dataclass(frozen=True)
class Repetition:
    """One repetition. Times are seconds of the clip.

    The ways down and up are timed between a tenth and nine tenths of the way and lengthened to the
    whole, as for an even or a soft pace, whichever the middle of the way tells: where rest ends and
    a move begins is lost in tremble.

    Attributes:
        start_s: leaves rest.
        depth_s: is deepest.
        end_s: is back at rest.
        depth_frame: frame of `depth_s`, from 0.
        depth_deg: the exercise's angle there; NaN where the camera did not see it.
        range_deg: how far the angle went from rest; NaN as `depth_deg`.
        down_s: seconds to depth.
        hold_s: seconds at depth.
        up_s: seconds back.
        difference_deg: left less right at depth; None where one side is not seen.
        amplitude: part of the way from the exercise's rest to its depth.
        confidence: 0..1, of the points the signals need.
        remarks: what could be better.
    """

    start_s: float
    depth_s: float
    end_s: float
    depth_frame: int
    depth_deg: float
    range_deg: float
    down_s: float
    hold_s: float
    up_s: float
    difference_deg: float | None
    amplitude: float
    confidence: float
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Hold:
    """A posture that was held, from `start_s` to `end_s`, with what could be better."""

    start_s: float
    end_s: float
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class State:
    """Where an online counter stands after a frame.

    Attributes:
        exercise: which one is counted; "unknown" for a periodic motion that is none of them, ""
            while "auto" has recognised nothing.
        phase: one of the move's words; "" while it cannot be told.
        count: complete repetitions so far.
        partial: repetitions that did not go all the way.
        progress: 0 at rest to 1 at depth, beyond for deeper; NaN while not seen.
        hold_s: seconds of the hold under way; 0 if none is.
        announced: repetitions that ended with this frame.
        held: holds that ended with this frame.
    """

    exercise: str = ""
    phase: str = ""
    count: int = 0
    partial: int = 0
    progress: float = float("nan")
    hold_s: float = 0.0
    announced: tuple[Repetition, ...] = ()
    held: tuple[Hold, ...] = ()

    def quiet(self) -> State:
        """The same, with nothing new: of a frame that shows nobody."""
        return replace(self, progress=float("nan"), announced=(), held=())
