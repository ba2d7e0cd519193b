"""Filters that take the tremble out of tracked points without lagging behind fast ones.

Source: Casiez et al., 1 Euro Filter, CHI 2012, in the form and with the constants of MediaPipe's
OneEuroFilter and LandmarksSmoothingCalculator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

# Longer gaps count as this one: the tremble of a frame does not depend on the frame rate, and a
# slow clip must not come out rougher. The released Python solution takes every gap for 1/30 s.
MAX_INTERVAL_S = 1 / 30


@dataclass(frozen=True)
class OneEuroOptions:
    """Cut-off frequencies in Hz; `beta` opens the filter with speed (in value units per s)."""

    min_cutoff: float
    beta: float
    derivative_cutoff: float = 1.0


# MediaPipe modules/pose_landmark/pose_landmark_filtering.pbtxt
POINTS = OneEuroOptions(0.05, 80.0)
AUXILIARY = OneEuroOptions(0.01, 10.0)
WORLD = OneEuroOptions(0.1, 40.0)
VISIBILITY_ALPHA = 0.1


class OneEuro:
    """1-euro filter over an array of any shape, element by element."""

    def __init__(self, options: OneEuroOptions) -> None:
        self.options = options
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next value passes unchanged."""
        self._time_s = -math.inf
        self._raw: np.ndarray | None = None
        self._value: np.ndarray | None = None
        self._speed: np.ndarray | None = None

    def __call__(self, value: np.ndarray, time_s: float, *, scale: float = 1.0) -> np.ndarray:
        """The filtered value.

        Args:
            value: float array, always of the same shape.
            time_s: must grow; a value whose time does not comes back unfiltered.
            scale: brings speeds to a common unit, e.g. 1 / size of the person.
        """
        if time_s <= self._time_s:
            return value
        first = self._raw is None
        interval_s = min(time_s - self._time_s, MAX_INTERVAL_S)
        speed = np.zeros_like(value) if first else (value - self._raw) * (scale / interval_s)
        self._speed = _mix(self._speed, speed, _alpha(self.options.derivative_cutoff, interval_s))
        cutoff = self.options.min_cutoff + self.options.beta * np.abs(self._speed)
        self._value = _mix(self._value, value, _alpha(cutoff, interval_s))
        self._time_s, self._raw = time_s, value
        return self._value


class LowPass:
    """Exponential smoothing with a fixed weight of the new value."""

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next value passes unchanged."""
        self._value: np.ndarray | None = None

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """The filtered value."""
        self._value = _mix(self._value, value, self.alpha)
        return self._value


def _alpha(cutoff: np.ndarray | float, interval_s: float) -> np.ndarray | float:
    """Weight of the new value for a cut-off frequency in Hz."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff * interval_s))


def _mix(old: np.ndarray | None, new: np.ndarray, alpha: np.ndarray | float) -> np.ndarray:
    return new if old is None else (old + alpha * (new - old)).astype(new.dtype)
