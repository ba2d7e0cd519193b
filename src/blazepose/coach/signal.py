"""One number over time, made fit for counting while it comes in.

Tremble is smoothed, single outliers are dropped, and a gap of up to two seconds is bridged by the
curve that leaves and meets the seen parts at their speeds, so that a turn inside it is not lost.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

LONGEST_GAP_S = 2.0
_GAP_S = 0.3  # from here on; longer than the step of a clip with 5 frames a second
_STEP_S = 0.05  # of the bridge
_SLOPE_S = 0.25  # how much of each shore tells the speed
_MEDIAN_S = 0.12  # an outlier is told from a turn only by neighbours as near as this
_SMOOTH_S = 0.06  # time constant, and the lag it brings

Sample = tuple[float, float]  # time in s, value


class Steady:
    """Takes a value per frame, gives the smoothed samples that it makes certain."""

    def __init__(self) -> None:
        self._shore: deque[Sample] = deque()  # the last samples before a gap
        self._after: list[Sample] = []  # samples after it, until their speed is known
        self._raw: deque[Sample] = deque(maxlen=3)
        self._last: Sample | None = None

    def __call__(self, value: float, time_s: float) -> list[Sample]:
        """Take in a value, NaN where it is not seen; `time_s` grows.

        The times of all samples given never fall.
        """
        if not math.isfinite(value):
            return []
        if self._last is None:
            return [self._smooth(value, time_s)]
        gap_s = (self._after[0][0] if self._after else time_s) - self._last[0]
        if gap_s <= _GAP_S or gap_s > LONGEST_GAP_S:
            return [self._smooth(value, time_s)]
        self._after.append((time_s, value))
        if len(self._after) < 2 or time_s - self._after[0][0] < _SLOPE_S / 2:
            return []
        samples, self._after = [*self._bridge(), *self._after], []
        return [self._smooth(value, time_s) for time_s, value in samples]

    def _smooth(self, value: float, time_s: float) -> Sample:
        """The smoothed sample, at the time it tells of, which is a little before."""
        told_s = time_s - _SMOOTH_S
        self._raw.append((time_s, value))
        if len(self._raw) == 3 and time_s - self._raw[0][0] <= _MEDIAN_S:
            value = sorted(past for _, past in self._raw)[1]
            told_s = self._raw[1][0] - _SMOOTH_S
        if self._last is not None and time_s - self._last[0] <= LONGEST_GAP_S:
            step_s = time_s - self._last[0]
            value = self._last[1] + (value - self._last[1]) * step_s / (step_s + _SMOOTH_S)
        self._last = time_s, value
        self._shore.append(self._last)
        while time_s - self._shore[0][0] > _SLOPE_S:
            self._shore.popleft()
        return told_s, value

    def _bridge(self) -> list[Sample]:
        """Cubic Hermite curve from the last sample before the gap to the first after it."""
        (start_s, start), (end_s, end) = self._shore[-1], self._after[0]
        span_s = end_s - start_s
        times = np.arange(start_s + _STEP_S, end_s - _STEP_S / 2, _STEP_S)
        u = (times - start_s) / span_s
        leave, meet = span_s * _speed(list(self._shore)), span_s * _speed(self._after)
        values = (
            (1 + 2 * u) * (1 - u) ** 2 * start
            + u * (1 - u) ** 2 * leave
            + u**2 * (3 - 2 * u) * end
            + u**2 * (u - 1) * meet
        )
        # Speeds are guesses: no bridge leads further than a good repetition does.
        low, high = min(start, end, 0.0), max(start, end, 1.0)
        return list(zip(times.tolist(), np.clip(values, low, high).tolist(), strict=True))


def _speed(samples: list[Sample]) -> float:
    """Slope of the line through the samples, per s."""
    if len(samples) < 2:
        return 0.0
    times, values = np.array(samples).T
    times = times - times.mean()
    return float((times * values).sum() / max((times**2).sum(), 1e-9))
