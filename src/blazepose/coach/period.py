"""The pace of a motion without counting: how well it matches itself a period later."""

from __future__ import annotations

import numpy as np

from blazepose.shapes import Float64

_RATE_HZ = 30.0
_SHORTEST_S = 0.4


def period_s(
    times_s: Float64[np.ndarray, " T"], values: Float64[np.ndarray, " T"]
) -> tuple[float, float]:
    """The strongest period of a series, by its autocorrelation.

    Args:
        times_s: growing, s.
        values: NaN where unknown.

    Returns:
        The period in s, and -1..1 how alike the series is to itself that much later. (NaN, 0) for
        a series with fewer than two periods, or one that never turns.
    """
    known = np.isfinite(values)
    if known.sum() < 4:
        return float("nan"), 0.0
    grid = np.arange(times_s[known][0], times_s[known][-1], 1 / _RATE_HZ)
    even = np.interp(grid, times_s[known], values[known])
    likeness = _autocorrelation(even - even.mean())
    first = int(_SHORTEST_S * _RATE_HZ)
    inner = likeness[first : len(even) // 2]
    peaks = np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:])) + 1
    if not len(peaks):
        return float("nan"), 0.0
    # Twice the period is as alike as once: of nearly equal peaks the first is meant.
    best = peaks[np.flatnonzero(inner[peaks] >= 0.9 * inner[peaks].max())[0]]
    return float((first + best) / _RATE_HZ), float(inner[best])


def _autocorrelation(values: Float64[np.ndarray, " T"]) -> Float64[np.ndarray, " T"]:
    """By lag, each divided by the strength of the parts that overlap."""
    count = len(values)
    spectrum = np.fft.rfft(values, 2 * count)
    raw = np.fft.irfft(np.abs(spectrum) ** 2, 2 * count)[:count]
    energy = np.concatenate([[0.0], np.cumsum(values**2)])
    lags = np.arange(count)
    overlap = np.sqrt(energy[count - lags] * (energy[count] - energy[lags]))
    return raw / np.maximum(overlap, 1e-12)
