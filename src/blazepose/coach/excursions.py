"""Excursions of a signal: away from rest and back, found while the signal comes in.

The bounds are parts of what this person does, not of what the exercise should be: rest is followed
as it drifts, leaving it takes a part of the usual range, and coming back a part of this one's.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

import numpy as np

from blazepose.coach.signal import LONGEST_GAP_S

_LEAVE = 0.2  # of the way to depth; shifting one's weight is less
_LEAVE_SHARE = 0.3  # of the usual excursion
_BACK_SHARE = 0.85  # of the way back, then it is over
_TURN_SHARE = 0.65  # of the way back; then it is over if the signal turns or stays there
_STAY_S = 0.4  # so a repetition is announced in time also by one who does not come all the way up
_DEPTH_SHARE = 0.85
_REST_DRIFT_S = 4.0


class Phase(Enum):
    """Part of an excursion."""

    REST = 0
    OUT = 1
    DEPTH = 2
    BACK = 3


@dataclass(frozen=True)
class Excursion:
    """One way out and back; times in s, levels in units of the signal.

    Attributes:
        left_s: when it left rest for good.
        peak_s: when it was furthest.
        over_s: when it was found to be over.
        rest: level it began at.
        peak: level it reached.
        complete: came back, or nearly.
        cut: the end of a clip, or a gap, ended it.
    """

    left_s: float
    peak_s: float
    over_s: float
    rest: float
    peak: float
    complete: bool = True
    cut: bool = False

    @property
    def amplitude(self) -> float:
        """How far it went from rest."""
        return self.peak - self.rest


class Excursions:
    """Takes samples, gives each excursion when it is over."""

    def __init__(self) -> None:
        self._usual: deque[float] = deque(maxlen=5)
        self._time_s: float | None = None
        self.phase: Phase | None = None

    def __call__(self, time_s: float, value: float) -> Excursion | None:
        """Take in the next sample; `time_s` never falls."""
        cut = self.finish() if self._broken(time_s) else None
        over = None
        if self._time_s is None:
            self._settle(time_s, value)
        elif self.phase is Phase.REST:
            self._rest(time_s - self._time_s, time_s, value)
        else:
            over = self._away(time_s, value)
        self._time_s = time_s
        return cut or over

    def finish(self) -> Excursion | None:
        """Forget where the signal is; the excursion that was under way, if one was."""
        cut = None
        if self.phase not in (None, Phase.REST):
            # Who is nearly back has done it: the next moment would have shown it.
            complete = self._back >= _TURN_SHARE
            cut = self._excursion(self._time_s or 0.0, complete=complete, cut=True)
        self._time_s = self.phase = None
        return cut

    def _broken(self, time_s: float) -> bool:
        return self._time_s is not None and time_s - self._time_s > LONGEST_GAP_S

    def _settle(self, time_s: float, value: float) -> None:
        self.phase = Phase.REST
        self._low = self._peak = self._bottom = value
        self._left_s = self._peak_s = self._turned_s = time_s
        self._back = 0.0

    def _rest(self, step_s: float, time_s: float, value: float) -> None:
        if value - self._low < self._leave() / 2:
            self._left_s = time_s
            self._low += max(value - self._low, 0.0) * min(step_s / _REST_DRIFT_S, 1.0)
        self._low = min(self._low, value)
        if value - self._low > self._leave():
            self.phase = Phase.OUT
            self._peak = self._bottom = value
            self._peak_s = self._turned_s = time_s

    def _leave(self) -> float:
        usual = float(np.median(self._usual)) if self._usual else 0.0
        return max(_LEAVE, _LEAVE_SHARE * usual)

    def _away(self, time_s: float, value: float) -> Excursion | None:
        if value > self._peak:
            self._peak, self._peak_s = value, time_s
        self._back = back = (self._peak - value) / (self._peak - self._low)
        self.phase = self._part(back, time_s)
        if back < _TURN_SHARE:
            self._turned_s, self._bottom = time_s, value
            return None
        self._bottom = min(self._bottom, value)
        turned = value - self._bottom > self._leave() / 2
        if back < _BACK_SHARE and not turned and time_s - self._turned_s < _STAY_S:
            return None
        over = self._excursion(time_s, complete=True)
        self._usual.append(over.amplitude)
        self._settle(time_s, self._bottom)
        return over

    def _part(self, back: float, time_s: float) -> Phase:
        if back > 1 - _DEPTH_SHARE:
            return Phase.BACK
        return Phase.DEPTH if time_s > self._peak_s else Phase.OUT

    def _excursion(self, time_s: float, *, complete: bool, cut: bool = False) -> Excursion:
        return Excursion(
            self._left_s, self._peak_s, time_s, self._low, self._peak, complete, cut=cut
        )
