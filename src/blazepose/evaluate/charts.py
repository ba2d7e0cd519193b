"""The lines of a report: PCK over alpha, and PCK of every person. SVG, drawn by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from blazepose.errors import MissingExtraError
from blazepose.evaluate.score import Scores
from blazepose.metrics import pck_curve
from blazepose.plot import can_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito's dark colours; left and right have the light ones. Dashes tell models apart in print.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#8a4f7d", "#18161c")
_DASHES = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 1)))
_GRID, _QUIET = "#e4e7eb", "#5c646e"
_LIMIT = 0.5


def curve_chart(results: Sequence[Scores]) -> bytes:
    """PCK over alpha, a line per model; a mark at the alpha that was asked for.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, axes = _empty()
    limit = max(_LIMIT, *(1.5 * result.alpha for result in results))
    alphas = np.linspace(0, limit, 201)
    for number, result in enumerate(results):
        line = 100 * pck_curve(result.errors, alphas)
        _line(axes, alphas, line, number, result)
        at = 100 * result.metrics[result.pck]
        axes.plot(result.alpha, at, "o", color=COLOURS[number % len(COLOURS)], markersize=6)
    axes.axvline(results[0].alpha, color=_QUIET, linewidth=0.8, zorder=0)
    axes.set(xlim=(0, limit), xlabel="alpha: distance from the label in torsos")
    return _finished(figure, axes, "PCK, % of keypoints")


def people_chart(results: Sequence[Scores]) -> bytes:
    """PCK of every person from worst to best, a line per model; a thin line at their mean.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, axes = _empty()
    for number, result in enumerate(results):
        shares = 100 * np.sort(result.per_person[~np.isnan(result.per_person)])
        places = np.arange(1, len(shares) + 1)
        _line(axes, places, shares, number, result)
        axes.axhline(shares.mean(), color=COLOURS[number % len(COLOURS)], linewidth=0.8, alpha=0.6)
    last = max(int((~np.isnan(result.per_person)).sum()) for result in results)
    axes.set(xlim=(0.5, last + 0.5), xlabel="people, from worst to best")
    return _finished(figure, axes, f"PCK@{results[0].alpha:g} of each person, %")


def _empty() -> tuple[Figure, Axes]:
    if not can_plot():
        raise MissingExtraError("the report", "plot")
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.4, 3.6), layout="constrained", facecolor="white")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def _line(axes: Axes, x: np.ndarray, y: np.ndarray, number: int, result: Scores) -> None:
    colour, dashes = COLOURS[number % len(COLOURS)], _DASHES[number % len(_DASHES)]
    axes.plot(x, y, color=colour, linestyle=dashes, linewidth=2, label=result.subject.title)


def _finished(figure: Figure, axes: Axes, ylabel: str) -> bytes:
    axes.set(ylim=(0, 101), ylabel=ylabel)
    if len(axes.get_legend_handles_labels()[0]) > 1:
        axes.legend(loc="lower right", frameon=False)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()
