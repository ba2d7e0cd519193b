"""Whether a body is in an exercise at all: its posture, what moved and what stayed in place."""

from __future__ import annotations

import numpy as np

from blazepose.coach.angles import SEEN
from blazepose.coach.body import columns
from blazepose.coach.moves import Gate, Move, Signal, Still
from blazepose.coach.passage import Passage, leaps, middle
from blazepose.shapes import Bool

_APART_DEG = 50.0  # 5 to 40 on the photographs of exercises that both sides do


def belongs(move: Move, passage: Passage, amplitude: float) -> bool:
    """Whether an excursion of the move's signal is one of the move: posture, parts, place.

    Args:
        move: which one.
        passage: its frames.
        amplitude: the part of the move's way that it went; of a part of the way, each signal has
            to go a part of its least.
    """
    side = moving_side(move, passage)
    return (
        all(_within(gate, passage, side) for gate in move.gates)
        and all(_moved(signal, passage, side, min(amplitude, 1.0)) for signal in move.signals)
        and all(_stayed(still, passage) for still in move.still)
        and _together(move, passage)
        and not leaps(passage.times_s, passage.values).any()
    )


def moving_side(move: Move, passage: Passage) -> str:
    """Which arm did it, "left" or "right", where either may; "" where both do."""
    if move.sides == "both":
        return ""
    ways = {side: _way(move.signals[0], passage, side) for side in ("left", "right")}
    return max(ways, key=lambda side: np.nan_to_num(ways[side], nan=-np.inf))


def _within(gate: Gate, passage: Passage, side: str) -> bool:
    parts = {"rest": [passage.rest], "depth": [passage.depth]}.get(
        gate.when, [passage.rest, passage.depth]
    )
    values = [passage.middle(gate.measure, part, side) for part in parts]
    return all(np.isnan(value) or gate.low <= value <= gate.high for value in values)


def _moved(signal: Signal, passage: Passage, side: str, amplitude: float) -> bool:
    way = _way(signal, passage, side)
    return bool(np.isnan(way) or way >= signal.least * amplitude)


def _way(signal: Signal, passage: Passage, side: str) -> float:
    """The part of its own way that a signal went from rest to depth."""
    rest, depth = (passage.middle(signal.measure, at, side) for at in (passage.rest, passage.depth))
    return (depth - rest) / (signal.depth - signal.rest)


def _stayed(still: Still, passage: Passage) -> bool:
    last = len(passage.level) - 1
    turn = int(np.argmax(passage.level))
    before = passage.rest & (np.arange(last + 1) <= turn)
    after = passage.rest & (np.arange(last + 1) > turn)
    start = _spot(still.part, passage, before)
    ways = [_spot(still.part, passage, at) - start for at in (passage.depth, after)]
    most_px = still.metres * passage.middle("scale", np.ones(last + 1, bool))
    return all(not np.isfinite(way).all() or np.linalg.norm(way) <= most_px for way in ways)


def _spot(part: str, passage: Passage, at: Bool[np.ndarray, " T"]) -> np.ndarray:
    return np.array([passage.middle(f"{part}_{axis}", at) for axis in "xy"])


def _together(move: Move, passage: Passage) -> bool:
    """Whether both sides went to depth, where both should and are seen; a guess says nothing."""
    if move.sides == "either":
        return True
    angle = move.signals[0].measure
    sides = list(columns(angle))
    if min(middle(passage.confidence[passage.depth, side]) for side in sides) < SEEN:
        return True
    left, right = (passage.middle(angle, passage.depth, side) for side in ("left", "right"))
    return not abs(left - right) > _APART_DEG
