"""Recognising the exercise: every counter watches, and the one that counts most speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

from blazepose.coach.body import Moment
from blazepose.coach.exercises import MOVES
from blazepose.coach.free import FreeCounter
from blazepose.coach.holds import HoldCounter
from blazepose.coach.reps import RepCounter
from blazepose.coach.results import Hold, Repetition, State

_RECENT_S = 20.0  # who changes the exercise is followed
_HELD_MORE = 2.0  # times as long a posture has to be held as repetitions take, which rest in it
_UNKNOWN_MORE = 2.0  # times as many cycles make it another motion than the exercise it resembles


class AutoCounter:
    """Takes a body per frame; counts the exercise it takes it for."""

    def __init__(self) -> None:
        self._known = [RepCounter(move) for move in MOVES.values() if not move.hold]
        self._holds = [HoldCounter(move) for move in MOVES.values() if move.hold]
        self._free = FreeCounter()
        self._current: RepCounter | HoldCounter | FreeCounter | None = None
        self._told: dict[RepCounter | HoldCounter | FreeCounter, int] = {}

    def __call__(self, moment: Moment) -> State:
        """Take in the next frame; its time is later than the one before."""
        states = {counter: counter(moment) for counter in self._all}
        before, self._current = self._current, self._best(moment.time_s - _RECENT_S)
        if self._current is None:
            return State()
        state = states[self._current]
        if self._current is not before:
            # What was counted before it was recognised is news too, but for what was told before.
            new = tuple(_done(self._current)[self._told.get(self._current, 0) :])
            is_hold = isinstance(self._current, HoldCounter)
            state = replace(state, held=new) if is_hold else replace(state, announced=new)
        self._told[self._current] = len(_done(self._current))
        return state

    def finish(self) -> State:
        """The clip ends; the exercise is the one that was done most, over the whole clip."""
        states = {counter: counter.finish() for counter in self._all}
        self._current = self._best(float("-inf"))
        return states[self._current] if self._current else State()

    @property
    def reps(self) -> list[Repetition]:
        """Of the exercise recognised."""
        return _reps(self._current)

    @property
    def holds(self) -> list[Hold]:
        """Of the exercise recognised."""
        return self._current.holds if isinstance(self._current, HoldCounter) else []

    @property
    def _all(self) -> list[RepCounter | HoldCounter | FreeCounter]:
        return [*self._known, *self._holds, self._free]

    def _best(self, since_s: float) -> RepCounter | HoldCounter | FreeCounter | None:
        """The counter that counted most since then; with nothing new, the one from before."""
        known = max(self._known, key=lambda counter: _score(counter, since_s))
        score, free = _score(known, since_s), _score(self._free, since_s)
        if free > _UNKNOWN_MORE * score:
            return self._free
        held = max(self._holds, key=lambda counter: counter.seconds_since(since_s))
        held_s = held.seconds_since(since_s)
        moved_s = sum(rep.end_s - rep.start_s for rep in _recent(known, since_s))
        if score and held_s <= _HELD_MORE * moved_s:
            return known
        return held if held_s > 0 else self._current


def _score(counter: RepCounter | FreeCounter, since_s: float) -> float:
    """Repetitions, each as much as it went all the way; 0 until there are enough."""
    if isinstance(counter, RepCounter) and len(counter.reps) < counter.move.recognised:
        return 0.0
    return sum(min(rep.amplitude, 1.0) for rep in _recent(counter, since_s))


def _recent(counter: RepCounter | FreeCounter, since_s: float) -> list[Repetition]:
    return list(takewhile(lambda rep: rep.end_s >= since_s, reversed(counter.reps)))


def _done(counter: RepCounter | HoldCounter | FreeCounter) -> Sequence[Any]:
    """Its repetitions or holds."""
    return counter.holds if isinstance(counter, HoldCounter) else counter.reps


def _reps(counter: RepCounter | HoldCounter | FreeCounter | None) -> list[Repetition]:
    return [] if counter is None or isinstance(counter, HoldCounter) else counter.reps
