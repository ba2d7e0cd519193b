"""Filters that take the tremble out of tracked points and masks without lagging behind fast ones.

Sources: Casiez et al., 1 Euro Filter, CHI 2012, in the form and with the constants of MediaPipe's
OneEuroFilter and LandmarksSmoothingCalculator; MediaPipe's SegmentationSmoothingCalculator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from blazepose.shapes import Float32

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

TREMBLE = 0.0017
"""Of points that stand still, standard deviation per axis, in parts of the circle's diameter: Full
on photos shown as clips, with camera noise and a shaking hand."""
# Of `Steady`, chosen on made motions with that tremble; per s in the unit of `TREMBLE`, and Hz.
_MIN_CUTOFF, _BETA, _SPEED_CUTOFF = 0.3, 80.0, 0.9
_TREMBLE_SPEED = 0.03  # no motion: what the tremble alone makes of a speed stays below
_CARRY, _CARRY_SPEED = 0.9, 0.04  # share of the step before that is expected again; half at ...

# MediaPipe modules/pose_landmark/pose_segmentation_filtering.pbtxt: share of the mask before
MASK_RATIO = 0.7

# MediaPipe SegmentationSmoothingCalculator: 1 - uncertainty as a polynomial in (p - 0.5)^2; the
# uncertainty is about the square of the entropy of the probability p in bits.
_CERTAINTY = (-624.717, 291.309, -57.8051, -0.748699, 5.68842, 0.0)  # highest power first
_SURE = 1e-3  # so near to 0 or 1 nothing is mixed in: it would be a hundredth at most


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


class Steady:
    """Takes the tremble out of points: a 1-euro filter with three changes.

    The speed that opens it is the point's, not each coordinate's, so a circling hand does not stop
    in x wherever it turns in x. Speeds as small as the tremble's own do not open it. And a moving
    point is expected to go on as it went, so it lags half as much.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next points pass unchanged."""
        self._time_s = -math.inf
        self._raw: np.ndarray | None = None
        self._value: np.ndarray | None = None

    def __call__(
        self,
        points: Float32[np.ndarray, "N D"],
        time_s: float,
        *,
        scale: float | Float32[np.ndarray, "N 1"],
    ) -> Float32[np.ndarray, "N D"]:
        """The filtered points.

        Args:
            points: always as many.
            time_s: must grow; points whose time does not come back unfiltered.
            scale: brings the points, or each, to a unit in which they tremble by `TREMBLE`.
        """
        if time_s <= self._time_s:
            return points
        interval_s, self._time_s = time_s - self._time_s, time_s
        if self._raw is None or self._value is None:
            self._raw = self._value = points
            self._speed, self._going = np.zeros_like(points), np.zeros_like(points)
            return points
        raw_speed = (points - self._raw) * (scale / interval_s)
        self._speed = _mix(self._speed, raw_speed, _alpha(_SPEED_CUTOFF, interval_s))
        speed = np.linalg.norm(self._speed, axis=1, keepdims=True)
        cutoff = _MIN_CUTOFF + _BETA * np.maximum(speed - _TREMBLE_SPEED, 0)
        carried = _CARRY * speed / (speed + _CARRY_SPEED) * self._going * interval_s
        value = _mix(self._value + carried, points, _alpha(cutoff, interval_s))
        self._going = (value - self._value) / interval_s
        self._value, self._raw = value, points
        return value


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


class MaskMix:
    """Mixes the mask before into each mask of a person, the more the less sure a pixel is.

    Sure pixels pass as they are, so little trails behind a fast limb; the edge stops trembling.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next mask passes unchanged."""
        self._before: np.ndarray | None = None

    def __call__(self, mask: Float32[np.ndarray, "H W"]) -> Float32[np.ndarray, "H W"]:
        """The mixed mask, 0..1; one of another size than the one before passes unchanged."""
        before, mixed = self._before, mask.copy()
        if before is not None and before.shape == mask.shape:
            unsure = (mask > _SURE) & (mask < 1 - _SURE)
            new = mask[unsure]
            mixed[unsure] += MASK_RATIO * _uncertainty(new) * (before[unsure] - new)
        self._before = mixed
        return mixed


def _uncertainty(mask: Float32[np.ndarray, " N"]) -> Float32[np.ndarray, " N"]:
    """0 for pixels that surely are person or not, 1 for those that may be either."""
    squared = (mask - np.float32(0.5)) ** 2
    certainty = np.zeros_like(mask)
    for coefficient in _CERTAINTY:
        certainty = certainty * squared + np.float32(coefficient)
    return 1 - np.minimum(certainty, 1)


def _alpha(cutoff: np.ndarray | float, interval_s: float) -> np.ndarray | float:
    """Weight of the new value for a cut-off frequency in Hz."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff * interval_s))


def _mix(old: np.ndarray | None, new: np.ndarray, alpha: np.ndarray | float) -> np.ndarray:
    return new if old is None else (old + alpha * (new - old)).astype(new.dtype)
