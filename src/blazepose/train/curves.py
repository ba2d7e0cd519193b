"""The curves of a run as one picture: losses, scores and speed over its epochs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from blazepose.aside import aside
from blazepose.errors import MissingExtraError
from blazepose.plot import can_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = dict[str, Any]
"""Of the history: phase, epoch, losses, scores and images_per_s."""

# Okabe & Ito's dark colours; a second round of them is dashed.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#8a4f7d", "#a67c00", "#5c646e")
_DASHES = ("solid", (0, (4, 1.5)), (0, (1.5, 1.5)))
_INK, _GRID, _QUIET = "#18161c", "#e4e7eb", "#5c646e"
_OTHERS = ("phase", "epoch", "error", "images_per_s")
_SIZE_IN, _DPI = (11.0, 7.0), 120
_FEW = 40  # epochs; up to here each has a dot


def save_curves(path: Path, history: Sequence[Row]) -> None:
    """Draw a history of at least one epoch into a PNG.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    if not can_plot():
        raise MissingExtraError("curves.png", "plot")
    figure = _figure(history)
    with aside(path) as part:
        figure.savefig(part, format="png", dpi=_DPI)


def best_row(history: Sequence[Row]) -> Row:
    """The row whose weights were kept as the best: of the last phase's highest PCK, the latest."""
    phase = history[-1]["phase"]
    return max(
        (row for row in reversed(history) if row["phase"] == phase), key=lambda row: row["pck"]
    )


def _figure(history: Sequence[Row]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_IN, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, 2, sharex=True)
    for axes in panels.flat:
        _set_up(axes, history)
    _draw_losses(panels[0, 0], history)
    _draw_pck(panels[0, 1], history)
    _draw_speed(panels[1, 0], history)
    _draw(panels[1, 1], history, ["error"], scale=100)
    panels[1, 1].set(title="Validation: mean error, % of the crop's side", xlabel="epoch")
    return figure


def _set_up(axes: Axes, history: Sequence[Row]) -> None:
    """Grid, epochs from 1 over all phases, and a line where a phase begins."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(0.5, len(history) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for place in list(_beginnings(history))[1:]:
        axes.axvline(place + 0.5, color=_QUIET, linewidth=1, linestyle=(0, (2, 2)))


def _beginnings(history: Sequence[Row]) -> dict[int, str]:
    """Epochs before each phase, and its name."""
    phases = [None, *(row["phase"] for row in history)]
    pairs = enumerate(pairwise(phases))
    return {place: str(phase) for place, (before, phase) in pairs if phase != before}


def _draw_losses(axes: Axes, history: Sequence[Row]) -> None:
    names = dict.fromkeys(name for row in history for name in row)
    losses = [n for n in names if n not in _OTHERS and n != "loss" and not n.startswith("pck")]
    _draw(axes, history, losses)
    for phase in _beginnings(history).values():  # other losses, another sum
        own = [row if row["phase"] == phase else {} for row in history]
        _draw(axes, own, ["loss"], colour=_INK, label="weighted sum")
    axes.set(title="Training: losses", yscale="log")
    lines = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    axes.legend(
        list(lines.values()),
        list(lines),
        loc="upper left",
        bbox_to_anchor=(1, 1),
        frameon=False,
        fontsize=8,
        handlelength=3.2,
    )


def _draw_pck(axes: Axes, history: Sequence[Row]) -> None:
    names = [name for name in history[0] if name.startswith("pck")]
    _draw(axes, history, names)
    best = best_row(history)
    place, score = history.index(best) + 1, best["pck"]
    axes.plot(place, score, "o", markersize=9, markerfacecolor="none", markeredgecolor=_INK)
    axes.set(title=f"Validation: PCK, %; best {score:.1f} after epoch {place}")
    axes.margins(y=0.12)
    if len(names) > 1:
        axes.legend(loc="lower right", frameon=False, fontsize=8)


def _draw_speed(axes: Axes, history: Sequence[Row]) -> None:
    """With the names of the phases, for which there is room below the line."""
    _draw(axes, history, ["images_per_s"])
    fastest = max(row["images_per_s"] for row in history)
    axes.set(title="Speed, images per second", xlabel="epoch", ylim=(0, 1.15 * fastest))
    for place, phase in _beginnings(history).items():
        axes.text(place + 0.55, 0.04 * fastest, phase, color=_QUIET, fontsize=9, rotation=90)


def _draw(
    axes: Axes,
    history: Sequence[Row],
    names: Sequence[str],
    *,
    scale: float = 1.0,
    colour: str | None = None,
    label: str | None = None,
) -> None:
    epochs = np.arange(1, len(history) + 1)
    for number, name in enumerate(names):
        dash, shade = divmod(number, len(_COLOURS))
        values = [scale * row[name] if name in row else np.nan for row in history]
        axes.plot(
            *(epochs, values, "o" if len(history) <= _FEW else ""),
            markersize=3.5,
            color=colour or _COLOURS[shade],
            linestyle=_DASHES[dash % len(_DASHES)],
            linewidth=1.8,
            label=label or name,
        )
