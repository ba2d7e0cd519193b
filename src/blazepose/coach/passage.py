"""The frames of one repetition, sorted into rest and depth, for those who judge it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blazepose.coach.body import Moment, columns_of
from blazepose.coach.excursions import Excursion
from blazepose.coach.signal import Sample
from blazepose.shapes import Bool, Float64, Int64

_REST_SHARE = 0.2
_DEPTH_SHARE = 0.9
_LEAP_M, _FASTEST_M_S = 0.5, 2.0  # hips in exercise move slower, and tremble less
_ELSEWHERE = 0.4  # before it left rest, this is the end of something else


@dataclass(frozen=True, eq=False)
class Passage:
    """T frames of a body, and how far it was in each.

    Attributes:
        frames: (T,) index in the clip.
        times_s: (T,) s.
        values: (T, M) of `body.MEASURES`, NaN where unknown.
        confidence: (T, M) 0..1.
        level: (T,) 0 at the rest of this repetition to 1 at its depth.
    """

    frames: Int64[np.ndarray, " T"]
    times_s: Float64[np.ndarray, " T"]
    values: Float64[np.ndarray, "T M"]
    confidence: Float64[np.ndarray, "T M"]
    level: Float64[np.ndarray, " T"]

    @property
    def rest(self) -> Bool[np.ndarray, " T"]:
        """Frames at rest; the least far one where there is none."""
        return self.level <= max(_REST_SHARE, float(self.level.min()))

    @property
    def depth(self) -> Bool[np.ndarray, " T"]:
        """Frames at depth; the furthest one where there is none."""
        return self.level >= min(_DEPTH_SHARE, float(self.level.max()))

    def middle(self, measure: str, at: Bool[np.ndarray, " T"], side: str = "") -> float:
        """Median of a measure over some frames; NaN if it is not known in any.

        Args:
            measure: with or without its side; without, both count as they are seen.
            at: which frames.
            side: "left" or "right" for that one alone, where the measure has sides.
        """
        where = list(columns_of(measure, side))
        return middle(mean_of_sides(self.values[at][:, where], self.confidence[at][:, where]))


def passage(excursion: Excursion, samples: Sequence[Sample], moments: Sequence[Moment]) -> Passage:
    """The frames of an excursion and of the rest before it.

    Args:
        excursion: out of the samples.
        samples: of the signal, from the rest before.
        moments: of the body, from the rest before; not empty.
    """
    times = np.array([moment.time_s for moment in moments])
    signal_times, signal = np.array(samples).T
    level = (np.interp(times, signal_times, signal) - excursion.rest) / excursion.amplitude
    leapt = np.append(leaps(times, np.stack([moment.values for moment in moments])), False)
    elsewhere = np.flatnonzero((times < excursion.left_s) & ((level > _ELSEWHERE) | leapt))
    first = int(elsewhere[-1]) + 1 if len(elsewhere) else 0
    return _passage(list(moments)[first:], level[first:])


def still_passage(moments: Sequence[Moment]) -> Passage:
    """The frames of a hold, all of them rest and depth alike."""
    return _passage(moments, np.full(len(moments), 0.0))


def _passage(moments: Sequence[Moment], level: Float64[np.ndarray, " T"]) -> Passage:
    return Passage(
        frames=np.array([moment.frame for moment in moments], np.int64),
        times_s=np.array([moment.time_s for moment in moments]),
        values=np.stack([moment.values for moment in moments]),
        confidence=np.stack([moment.confidence for moment in moments]),
        level=level,
    )


def leaps(
    times_s: Float64[np.ndarray, " T"], values: Float64[np.ndarray, "T M"]
) -> Bool[np.ndarray, " T-1"]:
    """Whether the hips leap after a frame as no body does: the tracker took somebody else."""
    hips_px = values[:, [*columns_of("hip_x", ""), *columns_of("hip_y", "")]]
    scale = middle(values[:, columns_of("scale", "")])
    ways_m = np.linalg.norm(np.diff(hips_px, axis=0), axis=1) / scale
    return ways_m > _LEAP_M + _FASTEST_M_S * np.diff(times_s)


def mean_of_sides(
    values: Float64[np.ndarray, "T S"], confidence: Float64[np.ndarray, "T S"]
) -> Float64[np.ndarray, " T"]:
    """Mean over the sides, each as much as it is sure; NaN where none is seen."""
    weight = np.where(np.isfinite(values), confidence**2, 0.0)
    total = weight.sum(axis=1)
    mean = (np.nan_to_num(values) * weight).sum(axis=1) / np.where(total > 0, total, 1.0)
    return np.where(total > 0, mean, np.nan)


def middle(values: Float64[np.ndarray, "..."]) -> float:
    """Median of the known values; NaN if there is none."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")
