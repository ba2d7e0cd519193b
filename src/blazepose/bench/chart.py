"""The picture of a result: accuracy against time on stills, and speed on clips.

Systems are told apart by numbers, not by colours: the same number marks a system on the left and
its bars on the right. Blue is blazepose, grey is everybody else.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from blazepose.aside import aside
from blazepose.bench.figures import Figures, Result
from blazepose.errors import MissingExtraError
from blazepose.plot import can_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Of the palette of Okabe & Ito, each with a light tone of its own.
_OURS, _OURS_LIGHT = "#0072b2", "#8fc3e6"
_THEIRS, _THEIRS_LIGHT = "#5c646e", "#b9bfc6"
_GRID, _INK = "#e4e7eb", "#18161c"
_DPI = 150
_BAR = 0.24  # of a row


def save_chart(path: Path, result: Result) -> None:
    """Write the picture as a PNG.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    if not can_plot():
        raise MissingExtraError("the chart", "plot")
    figure = _draw(result)
    with aside(path) as part:
        figure.savefig(part, format="png", dpi=_DPI)


def _draw(result: Result) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    judged = any(row.accuracy and row.image_ms for row in result.figures)
    height = max(4.2, 1.5 + 0.68 * len(result.figures))
    figure = Figure(figsize=(11.5 if judged else 6.5, height), layout="constrained")
    FigureCanvasAgg(figure)
    if judged:
        left, right = figure.subplots(1, 2)
        _scatter(left, result)
    else:
        right = figure.subplots()
    _bars(right, result)
    figure.supxlabel(result.machine.title, fontsize=8, color=_THEIRS)
    return figure


def _scatter(axes: Axes, result: Result) -> None:
    """Accuracy over milliseconds, a numbered disc per system."""
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    name = ""
    for number, row in enumerate(result.figures, 1):
        if row.accuracy and row.image_ms:
            name = row.accuracy.measure.upper()
            _disc(axes, (row.image_ms, 100 * row.accuracy.share), number, row)
    axes.set_xscale("log")
    axes.margins(0.15)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    _plain(axes)
    axes.set_xlabel("ms per image; to the left is faster")
    axes.set_ylabel(f"{name}, % of keypoints")
    axes.set_title(f"Still images: {result.data}", loc="left", fontsize=11)


def _bars(axes: Axes, result: Result) -> None:
    """Frames per second on the first clip, in memory and from the file, a row per system."""
    clips = [row.clips[0] for row in result.figures]
    most = max(max(clip.fps or 0, clip.file_fps) for clip in clips)
    axes.set(xlim=(-0.1 * most, 1.15 * most), ylim=(len(clips) - 0.3, -0.6))
    for place, (row, clip) in enumerate(zip(result.figures, clips, strict=True)):
        axes.text(0, place - 0.2, row.system.title, va="bottom", fontsize=10, color=_INK)
        _disc(axes, (-0.05 * most, place + 0.1), place + 1, row)
        _bar(axes, place - 0.03, clip.fps, _colour(row))
        _bar(axes, place + 0.23, clip.file_fps, _light(row))
    _plain(axes)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= 1.15 * most])
    axes.set_xlabel("frames per second (dark: frames in memory, light: from the file)")
    axes.set_title(f"Tracking {clips[0].clip}", loc="left", fontsize=11)


def _bar(axes: Axes, place: float, fps: float | None, colour: str) -> None:
    """A bar with its number; nothing where nothing was measured."""
    if fps is None:
        return
    axes.barh(place, fps, _BAR, color=colour)
    axes.annotate(
        f"{fps:.0f}",
        (fps, place),
        xytext=(4, 0),
        textcoords="offset points",
        va="center_baseline",
        fontsize=9,
        color=_INK,
    )


def _disc(axes: Axes, place: tuple[float, float], number: int, figures: Figures) -> None:
    axes.plot(*place, "o", markersize=17, color=_colour(figures), markeredgecolor="white")
    axes.annotate(
        str(number), place, color="white", ha="center", va="center_baseline", weight="bold"
    )


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _colour(figures: Figures) -> str:
    return _OURS if figures.system.ours else _THEIRS


def _light(figures: Figures) -> str:
    return _OURS_LIGHT if figures.system.ours else _THEIRS_LIGHT
