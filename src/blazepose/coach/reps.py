"""Counting the repetitions of one exercise while they are done.

Every excursion of the exercise's signal (`excursions`) is looked at once, when it is over: does
the body belong to this exercise (`gates`), did it go all the way, how was its form (`form`).
Feeding a recorded clip through the same counter gives the same count.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from blazepose.coach.body import Moment, columns
from blazepose.coach.excursions import Excursion, Excursions, Phase
from blazepose.coach.form import judged
from blazepose.coach.gates import belongs
from blazepose.coach.moves import Move
from blazepose.coach.passage import passage
from blazepose.coach.results import Repetition, State
from blazepose.coach.signal import LONGEST_GAP_S, Sample, Steady

_PARTIAL = 0.3  # of the way; less is fidgeting
_USUAL_SHARE = 0.6  # of the person's own usual range, from which a repetition is complete
_PREROLL_S = 2.0  # of rest before it leaves, which a slow start takes
_MOST_MOMENTS = 4000  # two minutes at depth; then every second frame is forgotten
_BEYOND = (-0.25, 1.6)  # how far a signal is believed


class RepCounter:
    """Takes a body per frame and knows how many repetitions of a move it did."""

    def __init__(self, move: Move) -> None:
        self.move = move
        self.reps: list[Repetition] = []
        self.partial = 0
        self._progress = _Progress(move)
        self._steady, self._excursions = Steady(), Excursions()
        self._samples: deque[Sample] = deque()
        self._moments: deque[Moment] = deque()
        self._level = float("nan")

    def __call__(self, moment: Moment) -> State:
        """Take in the next frame; its time is later than the one before."""
        self._level = self._progress(moment)
        announced: list[Repetition] = []
        if math.isfinite(self._level):
            self._moments.append(moment)
        for sample in self._steady(self._level, moment.time_s):
            self._samples.append(sample)
            announced += self._count(self._excursions(*sample))
        self._forget(moment.time_s)
        return self._state(announced)

    def finish(self) -> State:
        """The clip ends: an excursion under way is partial, unless it is nearly over."""
        return self._state(self._count(self._excursions.finish()))

    @property
    def begun(self) -> bool:
        """Whether an excursion is under way."""
        return self._excursions.phase not in (None, Phase.REST)

    def _count(self, excursion: Excursion | None) -> list[Repetition]:
        if excursion is None:
            return []
        moments: Sequence[Moment] = self._moments
        if excursion.cut:  # by a gap, behind which the newest moment lies
            last_s = excursion.over_s + LONGEST_GAP_S / 2
            moments = [moment for moment in moments if moment.time_s <= last_s]
        samples, self._samples = self._samples, deque([self._samples[-1]])
        self._moments = deque([self._moments[-1]])
        if not moments:  # all of it lies in a gap that was bridged
            return []
        seen = [sample for sample in samples if sample[0] <= moments[-1].time_s]
        frames = passage(excursion, seen, moments)
        if not self._counts(excursion) or not belongs(self.move, frames, excursion.amplitude):
            return []
        if not excursion.complete or excursion.amplitude < self._full():
            self.partial += 1
            return []
        self.reps.append(judged(self.move, excursion, frames))
        return self.reps[-1:]

    def _counts(self, excursion: Excursion) -> bool:
        took_s = excursion.over_s - excursion.left_s
        quick = excursion.complete and took_s < self.move.quickest_s
        return excursion.amplitude >= _PARTIAL and not quick

    def _full(self) -> float:
        """How far a complete repetition goes: the move's measure, and the person's own."""
        if not self.reps:
            return self.move.full
        usual = float(np.median([rep.amplitude for rep in self.reps[-5:]]))
        return max(self.move.full, _USUAL_SHARE * usual)

    def _forget(self, time_s: float) -> None:
        """Keep what the next repetition needs, so that memory stays flat."""
        if not self.begun:
            while self._moments and self._moments[0].time_s < time_s - _PREROLL_S:
                self._moments.popleft()
            while self._samples and self._samples[0][0] < time_s - _PREROLL_S:
                self._samples.popleft()
        elif len(self._moments) > _MOST_MOMENTS:
            self._moments = deque(list(self._moments)[::2])
            self._samples = deque(list(self._samples)[::2])

    def _state(self, announced: list[Repetition]) -> State:
        phase = self._excursions.phase
        return State(
            exercise=self.move.name,
            phase=self.move.phases[phase.value] if phase else "",
            count=len(self.reps),
            partial=self.partial,
            progress=self._level,
            announced=tuple(announced),
        )


class _Progress:
    """How far a body is from the move's rest (0) to its depth (1).

    The first signal counts double: it is the angle by which people tell depth.
    """

    def __init__(self, move: Move) -> None:
        places = [columns(signal.measure) for signal in move.signals]
        self._columns = np.array([(place[0], place[-1]) for place in places])  # (S, 2)
        self._rest = np.array([[signal.rest] for signal in move.signals])
        self._way = np.array([[signal.depth - signal.rest] for signal in move.signals])
        self._share = np.array([2.0] + [1.0] * (len(places) - 1))
        self._either = move.sides == "either"

    def __call__(self, moment: Moment) -> float:
        values, sure = moment.values[self._columns], moment.confidence[self._columns]
        parts = np.clip((values - self._rest) / self._way, *_BEYOND)  # (S, 2) signals, sides
        seen = np.isfinite(parts)
        if self._either:
            sides = _mean(parts, seen * self._share[:, None], axis=0)
            return max((float(side) for side in sides if np.isfinite(side)), default=math.nan)
        each = _mean(parts, seen * sure**2, axis=1)
        return float(_mean(each, np.isfinite(each) * self._share, axis=0))


def _mean(values: np.ndarray, weight: np.ndarray, *, axis: int) -> np.ndarray:
    """Weighted mean; NaN where nothing has weight."""
    total = weight.sum(axis=axis)
    summed = (np.where(weight > 0, values, 0.0) * weight).sum(axis=axis)
    return np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan)
