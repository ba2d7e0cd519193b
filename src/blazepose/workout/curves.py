"""Angles over time as SVG: left and right, with the repetitions marked.

A few lines and words, so a report needs no plotting package.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from blazepose.coach import ANGLES, Analysis, Hold, Repetition
from blazepose.look import LEFT, RIGHT
from blazepose.shapes import Float64

_INK, _QUIET, _LINE, _BAND = "#18161c", "#5c646e", "#d9dde2", "#e6ebf0"
# As on the skeleton; dashes tell the sides apart on grey paper as well.
_STYLES = {
    "left": f'stroke="rgb{LEFT}"',
    "right": f'stroke="rgb{RIGHT}" stroke-dasharray="9 3"',
    "": f'stroke="{_INK}"',
}
_FONT = "system-ui, Segoe UI, Roboto, DejaVu Sans, sans-serif"
_MOST_POINTS = 1500  # of a curve; more than a screen has columns
_STEP_DEG, _LEAST_DEG = 30, 90  # between lines of the grid; of the axis
_WEST, _EAST, _NORTH, _SOUTH = 46, 14, 34, 36  # margins, px
_LABEL_PX = 18  # width of a repetition that its number fits into
_DEGREES_PX = 38
_TICKS = 10  # at most, on the axis of time


@dataclass(frozen=True)
class _Axes:
    """Where values lie in a chart; px, s and degrees."""

    width: int
    height: int
    times_s: tuple[float, float]
    degrees: tuple[float, float]

    def x(self, time_s: float) -> float:
        begin, end = self.times_s  # a repetition may end a little later
        inner = self.width - _WEST - _EAST
        return _WEST + inner * (min(time_s, end) - begin) / (end - begin)

    def y(self, degrees: float) -> float:
        low, high = self.degrees
        inner = self.height - _NORTH - _SOUTH
        return self.height - _SOUTH - inner * (degrees - low) / (high - low)


def angle_chart(
    analysis: Analysis, joint: str, *, width: int = 900, height: int = 320, depths: bool = False
) -> bytes:
    """Chart of a joint's angle, or of the trunk's lean, as an SVG document.

    Args:
        analysis: of T > 0 frames.
        joint: "knee", "hip", "elbow", "shoulder", "ankle" or "trunk".
        width: px.
        height: px.
        depths: mark the depth of each repetition, where this is the exercise's own angle.
    """
    series = {name: analysis.angles[name] for name in ANGLES if name.split("_")[-1] == joint}
    times = analysis.times_s
    begin_s = float(times[0])
    end_s = max(float(times[-1]), begin_s + 0.1)
    axes = _Axes(width, height, (begin_s, end_s), _range(np.concatenate(list(series.values()))))
    lines = (_curve(times, degrees, axes, _STYLES[_side(name)]) for name, degrees in series.items())
    parts = [
        *_bands([*analysis.reps, *analysis.holds], axes),
        *_grid(axes),
        *(line for curve in lines for line in curve),
        *(_dots(analysis.reps, axes) if depths else ()),
        *_legend(joint, list(series), axes),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="{_FONT}" font-size="13">'
        f'<rect width="{width}" height="{height}" fill="white"/>{"".join(parts)}</svg>'
    ).encode()


def _side(name: str) -> str:
    side, _, joint = name.rpartition("_")
    return side if joint else ""


def _range(degrees: Float64[np.ndarray, " N"]) -> tuple[float, float]:
    """Bounds of the known angles, on lines of the grid, with some air."""
    known = degrees[np.isfinite(degrees)]
    if not len(known):
        return 0.0, 180.0
    low = max(_STEP_DEG * math.floor((known.min() - 4) / _STEP_DEG), 0)
    high = min(_STEP_DEG * math.ceil((known.max() + 4) / _STEP_DEG), 180)
    if high - low < _LEAST_DEG:  # else tremble would look like a movement
        low, high = max(high - _LEAST_DEG, 0), max(high, _LEAST_DEG)
    return float(low), float(high)


def _bands(parts: Sequence[Repetition | Hold], axes: _Axes) -> Iterator[str]:
    """A band behind each repetition or hold, with its number where there is room."""
    for number, part in enumerate(parts, 1):
        left, right = axes.x(part.start_s), axes.x(part.end_s)
        tall = axes.height - _NORTH - _SOUTH
        yield (
            f'<rect x="{left:.1f}" y="{_NORTH}" width="{max(right - left - 1, 1):.1f}" '
            f'height="{tall}" fill="{_BAND}"/>'
        )
        if right - left >= _LABEL_PX:
            yield _text((left + right) / 2, _NORTH + 15, str(number), "middle", weight=600)


def _grid(axes: _Axes) -> Iterator[str]:
    low, high = axes.degrees
    step = _STEP_DEG * (1 if (high - low) / _STEP_DEG <= axes.height / 55 else 2)
    for degrees in range(round(low), round(high) + 1, step):
        y = axes.y(degrees)
        yield (
            f'<line x1="{_WEST}" x2="{axes.width - _EAST}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{_LINE}"/>'
        )
        yield _text(_WEST - 8, y + 4.5, f"{degrees}°", "end")
    begin_s, end_s = axes.times_s
    step_s = _tick_s((end_s - begin_s) / min(_TICKS, axes.width / 60))
    for tick in range(math.ceil(begin_s / step_s), math.floor(end_s / step_s) + 1):
        time_s = tick * step_s
        yield _text(axes.x(time_s), axes.height - _SOUTH + 18, f"{time_s:g}", "middle")
    yield _text(axes.width - _EAST, axes.height - 4, "seconds", "end")


def _tick_s(least_s: float) -> float:
    """The first round step that is long enough."""
    steps = (base * 10.0**power for power in range(-2, 6) for base in (1, 2, 5))
    return next(step for step in steps if step >= least_s)


def _curve(
    times_s: Float64[np.ndarray, " T"],
    degrees: Float64[np.ndarray, " T"],
    axes: _Axes,
    style: str,
) -> Iterator[str]:
    """Lines through the known values; what is not seen is a gap."""
    each = -(-len(times_s) // _MOST_POINTS)
    known = np.isfinite(degrees[::each])
    points = [
        f"{axes.x(time_s):.1f},{axes.y(value):.1f}"
        for time_s, value in zip(times_s[::each], degrees[::each], strict=True)
    ]
    ends = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
    for start, stop in zip(ends[::2], ends[1::2], strict=True):
        yield (
            f'<polyline points="{" ".join(points[start:stop])}" fill="none" {style} '
            'stroke-width="2.5" stroke-linejoin="round"/>'
        )


def _dots(reps: Sequence[Repetition], axes: _Axes) -> Iterator[str]:
    """The depth of each repetition, with its degrees where there is room."""
    for rep in (rep for rep in reps if np.isfinite(rep.depth_deg)):
        x, y = axes.x(rep.depth_s), axes.y(rep.depth_deg)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{_INK}" stroke="white"/>'
        if axes.x(rep.end_s) - axes.x(rep.start_s) >= _DEGREES_PX:
            below = y + 20 < axes.height - _SOUTH
            yield _text(x, y + 19 if below else y - 10, f"{rep.depth_deg:.0f}°", "middle", 600)


def _legend(joint: str, names: Sequence[str], axes: _Axes) -> Iterator[str]:
    """What the chart and its lines are, above it."""
    yield _text(_WEST, 20.5, joint, "start", 600)
    x = float(_WEST) + 80
    for name in names:
        if side := _side(name):
            yield (
                f'<line x1="{x}" x2="{x + 28}" y1="16" y2="16" stroke-width="3" {_STYLES[side]}/>'
            )
            yield _text(x + 34, 20.5, side, "start")
            x += 90


def _text(x: float, y: float, words: str, anchor: str, weight: int = 400) -> str:
    ink = _INK if weight > 400 else _QUIET
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}" '
        f'font-weight="{weight}">{words}</text>'
    )
