"""The 3-D figure: one pose in metres, seen from the front, from the side and from behind.

The views are orthographic and of equal scale, so lengths can be read off. Knows nothing of frames
or pixels; matplotlib is loaded on first use and never touched through its global state, so
figures can be made in several threads and leave nothing behind.
"""

from __future__ import annotations

import importlib.util
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from blazepose.aside import aside
from blazepose.errors import MissingExtraError
from blazepose.look import INK, SIDES, Colour, look
from blazepose.pose import Pose
from blazepose.shapes import Float64

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HIDDEN = 0.5  # visibility below which a bone is dashed
_DPI = 150
_LAYER = 10.0  # above the grid; depth in metres is added
_BELOW = 0.1  # metres shown below the floor
_TRUNK = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
_GRID, _FLOOR, _FLOOR_LINE = "#e4e7eb", "#e4e7eb", "#8a929c"


def can_plot() -> bool:
    """Whether the extra package that figures need is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def has_depth(pose: Pose) -> bool:
    """Whether `figure_3d` can draw it: hips and shoulders that are somewhere in the world."""
    trunk = [i for i, name in enumerate(pose.skeleton.names) if name in _TRUNK]
    return len(trunk) == len(_TRUNK) and bool(np.isfinite(pose.world[trunk]).all())


def save_3d(path: str | Path, pose: Pose, *, title: str | None = None) -> None:
    """Write `figure_3d` as a PNG, aside first and renamed when complete.

    Raises:
        OutputError: the file cannot be written.
        ValueError: as `figure_3d`.
        MissingExtraError: matplotlib is not installed.
    """
    if not can_plot():
        raise MissingExtraError("the 3-D figure", "plot")
    figure = figure_3d(pose, title=title)
    with aside(Path(path)) as part, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a title may have letters that the font has not
        figure.savefig(part, format="png", dpi=_DPI)


def figure_3d(pose: Pose, *, title: str | None = None) -> Figure:
    """Draw `pose.world` from the front, from a side and from behind.

    The views turn with the body: "front" is where the chest points, also when the camera saw the
    person from the side; the side shown is the one nearer to the camera. Up stays up. Heights count
    from the floor, which is taken to be at the lowest keypoint. Hidden bones are thin and dashed.

    Args:
        pose: a person on any skeleton with hips and shoulders.
        title: written above the panels.

    Returns:
        A figure with three axes, drawn by Agg.

    Raises:
        ValueError: the pose has no finite world coordinates or its skeleton no hips or shoulders.
    """
    body, left_is_near, on_a_side = _body_axes(pose)
    reach, top = _extent(body)
    figure = _empty_figure(reach, top + (0.15 if title else 0.0))
    panels = figure.subplots(1, 3, sharex=True, sharey=True)
    side = _FROM_LEFT if left_is_near else _FROM_RIGHT
    for axes, view in zip(panels, (_FRONT, side, _REAR), strict=True):
        _set_up(axes, view, reach, top)
        if on_a_side and view in (_FRONT, _REAR):
            axes.set_xlabel("along the floor (m)")
        _draw_body(axes, pose, body, view)
    panels[0].set_ylabel("height above the floor (m)")
    _add_legend(figure)
    if title:
        figure.suptitle(title, fontsize=14, fontweight="bold")
    return figure


@dataclass(frozen=True)
class _View:
    """A place to look from, in the horizontal body axes (to the person's left, to the front)."""

    name: str
    axis: str
    right: tuple[float, float]
    near: tuple[float, float]


_FRONT = _View("Front", "to the person's left (m)", right=(1, 0), near=(0, 1))
_REAR = _View("Rear", "to the person's right (m)", right=(-1, 0), near=(0, -1))
_FROM_LEFT = _View("Side, from the left", "backward (m)", right=(0, -1), near=(1, 0))
_FROM_RIGHT = _View("Side, from the right", "forward (m)", right=(0, 1), near=(-1, 0))


def _body_axes(pose: Pose) -> tuple[Float64[np.ndarray, "K 3"], bool, bool]:
    """World points to metres to the left, to the front and above the floor.

    Also says whether the left side is the one nearer to the camera, and whether the body lies on
    a side, so that its left is above or below.
    """
    world = pose.world.astype(np.float64)
    hips, shoulders = (
        world[[pose.skeleton.index(f"{side}_{part}") for side in ("left", "right")]]
        for part in ("hip", "shoulder")
    )
    across = hips[0] + shoulders[0] - hips[1] - shoulders[1]
    chest = np.cross(across, shoulders.sum(axis=0) - hips.sum(axis=0))
    if not np.linalg.norm(chest) > 0:
        raise ValueError(
            "a 3-D figure needs finite world coordinates of hips and shoulders, "
            "got none: take a pose from a model that gives them"
        )
    front = chest[[0, 2]]
    if np.linalg.norm(front) < 0.5 * np.linalg.norm(chest):  # on the back or the belly
        front = np.array([across[2], -across[0]])
    front /= np.linalg.norm(front)
    left = np.array([-front[1], front[0]])
    on_a_side = across[[0, 2]] @ left < 0.5 * np.linalg.norm(across)
    ground, height = world[:, [0, 2]], np.nanmax(world[:, 1]) - world[:, 1]
    return (
        np.stack([ground @ left, ground @ front, height], axis=1),
        bool(left[1] <= 0),
        bool(on_a_side),
    )


def _extent(body: Float64[np.ndarray, "K 3"]) -> tuple[float, float]:
    """Metres shown to each side of the hips and above the floor."""
    reach, top = np.nanmax(np.abs(body[:, :2])), np.nanmax(body[:, 2])
    return max(float(reach) + 0.12, 0.6), max(float(top) + 0.15, 0.8)


def _empty_figure(reach: float, top: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    inch_per_m = min(3.6 / (2 * reach), 5.6 / top)
    size = (6 * reach * inch_per_m + 1.2, (top + _BELOW) * inch_per_m + 1.4)
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _set_up(axes: Axes, view: _View, reach: float, top: float) -> None:
    from matplotlib.ticker import MultipleLocator

    axes.set(xlim=(-reach, reach), ylim=(-_BELOW, top), aspect="equal", xlabel=view.axis)
    axes.set_title(view.name)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MultipleLocator(0.5))
        axis.set_minor_locator(MultipleLocator(0.25))
    axes.grid(which="both", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.axhspan(-_BELOW, 0, color=_FLOOR, alpha=0.5, linewidth=0)
    axes.axhline(0, color=_FLOOR_LINE, linewidth=1.5)
    axes.spines[:].set_visible(False)
    axes.tick_params(which="both", length=0)


def _draw_body(axes: Axes, pose: Pose, body: Float64[np.ndarray, "K 3"], view: _View) -> None:
    """Bones and points, near ones over far ones; a point lies over its own bones."""
    shape = look(pose.skeleton)
    x, y = body[:, :2] @ view.right, body[:, 2]
    nearness = np.nan_to_num(body[:, :2] @ view.near)
    visibility = pose.visibility.astype(np.float64)
    layers = nearness.copy()  # of the points
    _draw_neck(axes, pose, x, y, nearness)
    for ends, side in zip(shape.bones, shape.bone_sides, strict=True):
        layer = nearness[ends].mean()
        layers[ends] = np.maximum(layers[ends], layer + 0.001)
        style = _bone_style(side, shape.weight[ends].min(), visibility[ends].min())
        axes.plot(x[ends], y[ends], zorder=_LAYER + layer, **style)
    sizes = 1.5 + shape.weight * (7.5 + 3.5 * np.clip(nearness / 0.5, -1, 1))
    for k, side in enumerate(shape.sides):
        core = _core(shape.weight[k], visibility[k])
        for size, style in ((sizes[k], _disc(side)), (0.45 * sizes[k], core)):
            axes.plot(x[k], y[k], "o", markersize=size, zorder=_LAYER + layers[k], **style)


def _draw_neck(axes: Axes, pose: Pose, x: np.ndarray, y: np.ndarray, nearness: np.ndarray) -> None:
    """A thin line up to the ears, where the skeleton leaves the head in the air."""
    if "left_ear" not in pose.skeleton.names:
        return
    pairs = [
        [pose.skeleton.index(f"{side}_{part}") for side in ("left", "right")]
        for part in ("shoulder", "ear")
    ]
    style = _bone_style("centre", 0.32, float(pose.visibility[pairs].min()))
    layer = _LAYER + nearness[pairs].mean()
    axes.plot(x[pairs].mean(axis=1), y[pairs].mean(axis=1), zorder=layer, **style)


def _bone_style(side: str, weight: float, visibility: float) -> dict[str, Any]:
    """Line properties of matplotlib."""
    from matplotlib.patheffects import Normal, Stroke

    hidden = visibility < _HIDDEN
    width = 5.5 * weight * (0.45 if hidden else 1.0)
    return {
        "color": _css(SIDES[side]),
        "linewidth": width,
        "linestyle": (0, (2.5, 1.3)) if hidden else "solid",
        "solid_capstyle": "round",
        "path_effects": [Stroke(linewidth=width + 1.8, foreground=_css(INK)), Normal()],
    }


def _disc(side: str) -> dict[str, Any]:
    return {
        "markerfacecolor": _css(SIDES[side]),
        "markeredgecolor": _css(INK),
        "markeredgewidth": 0.9,
    }


def _core(weight: float, visibility: float) -> dict[str, Any]:
    """White in a visible point, dark in a hidden one, none in small parts; as on frames."""
    colour = _css(INK) if visibility < _HIDDEN else "white"
    return {"markerfacecolor": colour if weight > 0.5 else "none", "markeredgewidth": 0.0}


def _add_legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D

    rows = [("Left", "left", 1), ("Right", "right", 1), ("Centre", "centre", 1)]
    rows += [("Hidden", "centre", 0)]
    lines = [Line2D([], [], label=text, **_bone_style(side, 1.0, v)) for text, side, v in rows]
    figure.legend(handles=lines, loc="outside lower center", ncols=4, frameon=False)


def _css(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
