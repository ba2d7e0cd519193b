"""What is to be said of a clip besides its counts: what cannot be seen, what cannot be trusted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from blazepose.coach.body import columns, unit_of
from blazepose.coach.moves import Gate, Move
from blazepose.coach.passage import mean_of_sides, middle
from blazepose.coach.period import period_s
from blazepose.coach.results import Repetition
from blazepose.shapes import Bool, Float64

_OFTEN = 0.3  # part of the frames, from which something is worth a line
_SPARSE_S = 0.25
_UPSIDE_DOWN_DEG = 135.0
_FEWEST = 3  # repetitions that have a pace
_PERIODIC = 0.6
_OFF = 1.5  # times faster or slower than counted
_LIMBS = ("knee", "elbow")
_SPAN = (2, 98)  # of 100 values; the rest may be tremble
_POINTS = {
    "knee": "the knees, with hips and ankles",
    "hip_height": "the legs",
    "elbow": "the elbows, with shoulders and wrists",
    "hand_height": "the arms",
    "hip": "the hips, with shoulders and knees",
    "shoulder": "the shoulders, with hips and elbows",
    "trunk": "the trunk",
    "feet_apart": "the feet",
    "bend": "the body from shoulders to ankles",
}


def notices(
    times_s: Float64[np.ndarray, " T"],
    values: Float64[np.ndarray, "T M"],
    confidence: Float64[np.ndarray, "T M"],
    *,
    move: Move | None,
    reps: Sequence[Repetition],
    counted: bool,
) -> tuple[str, ...]:
    """One line on each thing the reader should know.

    Args:
        times_s: s.
        values: of `body.MEASURES`; all NaN in frames that show nobody.
        confidence: 0..1.
        move: the exercise; None if it was not recognised.
        reps: complete repetitions.
        counted: there are repetitions, whole or partial, or holds.
    """
    there = np.isfinite(values).any(axis=1)
    if not there.any():
        return ("nobody was found in the clip: is a person in view, and large enough?",)
    lines = [_clock(times_s), _sparse(times_s), _absent(there), _upside_down(values)]
    unseen = _unseen(move, values[there])
    lines += unseen
    if move and not (counted or unseen):
        lines.append(_too_little(move, values[there]) or _another_posture(move, values[there]))
    if move and move.signals and len(reps) >= _FEWEST:
        lines.append(_pace(move.signals[0].measure, reps, times_s, values, confidence))
    return tuple(line for line in lines if line)


def _clock(times_s: Float64[np.ndarray, " T"]) -> str:
    steps = np.diff(times_s)
    if len(steps) and (steps <= 0).mean() > _OFTEN:
        return "times stand still, so most frames were left out: give each frame its time"
    if (steps < 0).any():
        return "times jump back: is this more than one clip?"
    return ""


def _sparse(times_s: Float64[np.ndarray, " T"]) -> str:
    steps = np.diff(times_s)
    if not len(steps) or (step_s := float(np.median(steps))) <= _SPARSE_S:
        return ""
    return (
        f"there is a picture every {step_s:.1f} s: what is quicker falls between them, "
        "take 5 and more a second"
    )


def _absent(there: Bool[np.ndarray, " T"]) -> str:
    if (missing := 1 - there.mean()) <= _OFTEN:
        return ""
    return f"nobody was found in {missing:.0%} of the frames: what was done there is not counted"


def _upside_down(values: Float64[np.ndarray, "T M"]) -> str:
    if not middle(values[:, columns("trunk")[0]]) >= _UPSIDE_DOWN_DEG:
        return ""
    return "the person seems to be upside down: turn the clip if it is not so"


def _unseen(move: Move | None, values: Float64[np.ndarray, "T M"]) -> tuple[str, ...]:
    """The first thing the count needs that the camera does not show, on either side."""
    needed = [part.measure for part in move.signals or move.gates] if move else _LIMBS
    whose = move.name if move else "recognising most exercises"
    unknown = () if move else ("no exercise was recognised: name the one that is meant",)
    for measure in needed:
        seen = np.isfinite(values[:, list(columns(measure))]).any(axis=1)
        if (hidden := 1 - seen.mean()) > _OFTEN and measure in _POINTS:
            unseen = (
                f"cannot see {_POINTS[measure]} in {hidden:.0%} of the frames, which {whose} "
                "needs: let the camera see the whole body"
            )
            return (*unknown, unseen)
    return unknown


def _too_little(move: Move, values: Float64[np.ndarray, "T M"]) -> str:
    """How far the first signal went, where that is too little for a repetition."""
    if not move.signals:
        return ""
    signal = move.signals[0]
    sides = values[:, list(columns(signal.measure))]
    spans = [np.nanpercentile(side, _SPAN) for side in sides.T if np.isfinite(side).any()]
    if not spans:
        return ""
    low, high = max(spans, key=lambda span: float(np.ptp(span)))
    if high - low >= move.full * abs(signal.rest - signal.depth):
        return ""
    return (
        f"no {_words(move.name)} was counted: the {_words(signal.measure)} stays between "
        f"{_value(signal.measure, low)} and {_value(signal.measure, high)}, and a good repetition "
        f"goes from {_value(signal.measure, signal.rest)} to "
        f"{_value(signal.measure, signal.depth)}: is it another exercise?"
    )


def _another_posture(move: Move, values: Float64[np.ndarray, "T M"]) -> str:
    """That the body moves, or stays, as in some other exercise."""
    nothing = f"no {_words(move.name)} was counted"
    for gate in move.gates:
        there = middle(values[:, list(columns(gate.measure))])
        if gate.when == "always" and not gate.low <= there <= gate.high:
            return (
                f"{nothing}: the {_words(gate.measure)} is at {_value(gate.measure, there)} "
                f"most of the time, and has to be {_bounds(gate)}: is it another exercise?"
            )
    return f"{nothing}: the body does not move as it does in that exercise: is it another one?"


def _bounds(gate: Gate) -> str:
    low, high = _value(gate.measure, gate.low), _value(gate.measure, gate.high)
    if not np.isfinite(gate.low):
        return f"{high} at most"
    return f"{low} at least" if not np.isfinite(gate.high) else f"between {low} and {high}"


def _value(measure: str, value: float) -> str:
    unit = unit_of(measure)
    return f"{value:.0f}°" if unit == "deg" else f"{value:.2f} {unit}".strip()


def _words(name: str) -> str:
    return name.replace("_", " ")


def _pace(
    angle: str,
    reps: Sequence[Repetition],
    times_s: Float64[np.ndarray, " T"],
    values: Float64[np.ndarray, "T M"],
    confidence: Float64[np.ndarray, "T M"],
) -> str:
    """A doubt, where the motion repeats at another pace than it was counted."""
    where = list(columns(angle))
    within = (times_s >= reps[0].start_s) & (times_s <= reps[-1].end_s)
    series = mean_of_sides(values[within][:, where], confidence[within][:, where])
    found_s, likeness = period_s(times_s[within], series)
    counted_s = float(np.median(np.diff([rep.depth_s for rep in reps])))
    if likeness < _PERIODIC or 1 / _OFF < found_s / counted_s < _OFF:
        return ""
    return (
        f"the motion repeats every {found_s:.1f} s but was counted every {counted_s:.1f} s: "
        "check the count"
    )
