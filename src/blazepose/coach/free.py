"""Counting a motion that is no known exercise: whatever joint goes to and fro most regularly.

Four like cycles in a row, in one place, make it an exercise; then all four are counted at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from blazepose.coach.body import Moment, columns
from blazepose.coach.excursions import Excursion, Excursions
from blazepose.coach.exercises import UNKNOWN
from blazepose.coach.results import Repetition, State
from blazepose.coach.signal import Steady

_JOINTS = ("elbow", "shoulder", "hip", "knee")
_WATCHED = (*(f"{side}_{joint}" for joint in _JOINTS for side in ("left", "right")), "trunk")
_UNIT_DEG = 90.0
_SMALLEST = 0.5  # of the unit, 45 degrees; most gestures are smaller
_NOTED = 0.25  # a cycle from here on breaks a row that it is not like
_LIKE = 0.18  # relative spread of the amplitudes and durations of like cycles
_FEWEST = 4
_SURE = 0.5
_MOST_FRAMES = 4000  # half a minute at 120 a second, in which four cycles end
_STAYS_M = 0.35  # the hips, from cycle to cycle; a walker goes further with every step


class FreeCounter:
    """Takes a body per frame and counts its most regular motion."""

    def __init__(self) -> None:
        self._frames: deque[tuple[float, int]] = deque(maxlen=_MOST_FRAMES)
        self._ways = [_Way(m, sign, self._frames) for m in _WATCHED for sign in (1, -1)]
        self._best = self._ways[0]
        self._last = 0

    def __call__(self, moment: Moment) -> State:
        """Take in the next frame; its time is later than the one before."""
        self._frames.append((moment.time_s, moment.frame))
        for way in self._ways:
            way(moment)
        self._best = max(self._ways, key=lambda way: (way.regular, way.way))
        new = self.reps[self._last :]
        self._last = max(self._last, len(self.reps))
        return State(exercise=UNKNOWN, count=len(self.reps), announced=tuple(new))

    def finish(self) -> State:
        """The clip ends; a cycle that is not complete does not count."""
        return State(exercise=UNKNOWN, count=len(self.reps))

    @property
    def reps(self) -> list[Repetition]:
        """The cycles of the most regular motion."""
        return self._best.reps


class _Way:
    """One angle, in one direction."""

    def __init__(self, measure: str, sign: int, frames: deque[tuple[float, int]]) -> None:
        self._frames = frames  # times and indices, which all ways share
        (self._column,) = columns(measure)
        self._sign = sign
        self._steady, self._excursions = Steady(), Excursions()
        self._run: list[tuple[Excursion, np.ndarray]] = []  # cycles in a row, hips' place and scale
        self.reps: list[Repetition] = []

    @property
    def regular(self) -> int:
        """How many regular cycles it made."""
        return len(self.reps)

    @property
    def way(self) -> float:
        """How far it goes."""
        return float(np.median([rep.amplitude for rep in self.reps])) if self.reps else 0.0

    def __call__(self, moment: Moment) -> None:
        sure = moment.confidence[self._column] >= _SURE
        value = self._sign * moment.values[self._column] / _UNIT_DEG if sure else float("nan")
        for sample in self._steady(value, moment.time_s):
            excursion = self._excursions(*sample)
            if excursion and excursion.complete and excursion.amplitude >= _NOTED:
                self._add(excursion, moment)

    def _add(self, excursion: Excursion, moment: Moment) -> None:
        spot = moment.values[[*columns("hip_x"), *columns("hip_y"), *columns("scale")]]
        self._run = [*self._run, (excursion, spot)][-_FEWEST:]
        if len(self._run) < _FEWEST or not _alike(self._run):
            return
        known = self.reps[-1].end_s if self.reps else float("-inf")
        self.reps += [
            self._repetition(cycle, moment) for cycle, _ in self._run if cycle.over_s > known
        ]

    def _repetition(self, cycle: Excursion, moment: Moment) -> Repetition:
        return Repetition(
            start_s=cycle.left_s,
            depth_s=cycle.peak_s,
            end_s=cycle.over_s,
            depth_frame=min(self._frames, key=lambda known: abs(known[0] - cycle.peak_s))[1],
            depth_deg=float(self._sign * cycle.peak * _UNIT_DEG),
            range_deg=float(cycle.amplitude * _UNIT_DEG),
            down_s=cycle.peak_s - cycle.left_s,
            hold_s=0.0,
            up_s=cycle.over_s - cycle.peak_s,
            difference_deg=None,
            amplitude=float(cycle.amplitude),
            confidence=float(moment.confidence[self._column]),
        )


def _alike(run: Sequence[tuple[Excursion, np.ndarray]]) -> bool:
    """Whether cycles follow each other at one pace, of one size, in one place."""
    turns = np.diff([cycle.peak_s for cycle, _ in run])
    sizes = [cycle.amplitude for cycle, _ in run]
    spots = np.array([spot for _, spot in run])
    steps_m = np.linalg.norm(np.diff(spots[:, :2], axis=0), axis=1) / np.median(spots[:, 2])
    if min(sizes) < _SMALLEST:
        return False
    return _spread(turns) <= _LIKE and _spread(sizes) <= _LIKE and bool((steps_m <= _STAYS_M).all())


def _spread(values: Sequence[float] | np.ndarray) -> float:
    return float(np.std(values) / np.mean(values))
