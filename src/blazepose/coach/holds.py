"""Timing how long a posture is held, while it is held."""

from __future__ import annotations

import math

import numpy as np

from blazepose.coach.body import Moment, columns
from blazepose.coach.form import judged_hold
from blazepose.coach.moves import Gate, Move
from blazepose.coach.passage import mean_of_sides, still_passage
from blazepose.coach.results import Hold, State

_SHORTEST_S = 2.0  # less is passing through the posture
_LAPSE_S = 1.0  # so long it may be lost or unseen and still go on
_MOST_MOMENTS = 4000


class HoldCounter:
    """Takes a body per frame and knows how long it held the posture of a move."""

    def __init__(self, move: Move) -> None:
        self.move = move
        self.holds: list[Hold] = []
        self._moments: list[Moment] = []  # of the hold under way, all in the posture

    def __call__(self, moment: Moment) -> State:
        """Take in the next frame; its time is later than the one before."""
        held: tuple[Hold, ...] = ()
        if self._moments and moment.time_s - self._moments[-1].time_s > _LAPSE_S:
            held = self._end()
        if all(_within(gate, moment) for gate in self.move.gates):
            self._moments.append(moment)
        if len(self._moments) > _MOST_MOMENTS:
            self._moments = self._moments[:1] + self._moments[2::2]
        return self._state(held)

    def finish(self) -> State:
        """The clip ends, and with it the hold under way."""
        return self._state(self._end())

    @property
    def holding(self) -> bool:
        """Whether the posture has been held long enough to count."""
        return self._held_s() >= _SHORTEST_S

    def seconds_since(self, time_s: float) -> float:
        """For how long it was held after a time."""
        ended = sum(max(hold.end_s - max(hold.start_s, time_s), 0.0) for hold in self.holds)
        return ended + (self._held_s(time_s) if self.holding else 0.0)

    def _held_s(self, after_s: float = -math.inf) -> float:
        """Seconds of the hold that goes on, after a time."""
        if not self._moments:
            return 0.0
        return max(self._moments[-1].time_s - max(self._moments[0].time_s, after_s), 0.0)

    def _end(self) -> tuple[Hold, ...]:
        long_enough = self.holding
        moments, self._moments = self._moments, []
        if not long_enough:
            return ()
        start_s, end_s = moments[0].time_s, moments[-1].time_s
        self.holds.append(judged_hold(self.move, start_s, end_s, still_passage(moments)))
        return (self.holds[-1],)

    def _state(self, held: tuple[Hold, ...]) -> State:
        return State(
            exercise=self.move.name,
            phase=self.move.phases[2 if self.holding else 0],
            hold_s=self._held_s() if self.holding else 0.0,
            held=held,
        )


def _within(gate: Gate, moment: Moment) -> bool:
    """Whether the measure is seen and within its bounds: an unseen body holds nothing."""
    where = list(columns(gate.measure))
    (value,) = mean_of_sides(moment.values[None, where], moment.confidence[None, where])
    return bool(np.isfinite(value) and gate.low <= value <= gate.high)
