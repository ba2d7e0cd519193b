"""What the coach says, drawn on a frame: a counter to read from afar, phase, angle, remarks.

Light on dark, scaled with the frame; the bar tells by its length, so no colour has to be told
apart. Letters are Pillow's own, as OpenCV's have no degree sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from blazepose.coach import ANGLES, MOVES, State, pose_angles
from blazepose.look import CENTRE, INK, PEOPLE
from blazepose.pose import Pose
from blazepose.shapes import UInt8

Picture = UInt8[np.ndarray, "H W 3"]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_SHARE = 0.018  # of the frame's mean side makes a unit
_LEAST_PX = 8.0
_COUNT, _NAME, _PHASE, _ANGLE, _REMARK = 6.4, 2.0, 1.7, 1.8, 1.8  # sizes of letters in units
_OPAQUE = 200  # of 255; the frame shines through a little
_FULLEST = 1.25  # progress at the right end of the bar; 1, a good repetition's depth, has a tick
_QUIET = (190, 196, 204)


def draw_state(picture: Picture, state: State, *, remark: str = "") -> None:
    """Draw the counter, what is counted, the phase, and a remark, into a picture.

    Args:
        picture: RGB; changed.
        state: of the counter after this frame.
        remark: what to mend, along the lower edge.
    """
    unit = _unit(picture)
    lines, fonts = (_title(state), state.phase), (_font(_NAME * unit), _font(_PHASE * unit))
    number, large = _number(state), _font(_COUNT * unit)
    number_wide = max(large.getlength(number), large.getlength("00"))
    wide = round(number_wide + _widest(state, lines, fonts) + 3.8 * unit)
    tall = round(_COUNT * unit + 2.6 * unit)
    at = round(0.8 * unit)
    with _sheet(picture, (at, at, at + wide, at + tall)) as (draw, size):
        draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), unit, (*INK, _OPAQUE))
        middle = unit + _COUNT * unit / 2
        draw.text(
            (unit + number_wide / 2, middle), number, CENTRE, large, "mm", stroke_width=_bold(large)
        )
        left = 2.6 * unit + number_wide
        step = 2.3 * unit
        for row, (text, font) in enumerate(zip(lines, fonts, strict=True)):
            y = middle + (row - 0.5) * step
            draw.text((left, y), text, CENTRE if row == 0 else _QUIET, font, "lm")
        _bar(draw, state.progress, unit, size)
    if remark:
        _along_the_foot(picture, remark, unit)


def draw_angle(picture: Picture, pose: Pose, joint: str, degrees: float | None = None) -> None:
    """Write an angle beside its joint, of the side that is seen better; nothing if none is seen.

    Args:
        picture: RGB; changed.
        pose: in px of it.
        joint: "knee", "hip", "elbow", "shoulder" or "ankle"; others have no place on the body.
        degrees: to write, as of both sides together; None: the pose's own on that side.
    """
    angles = pose_angles(pose, image=bool(np.isnan(pose.world).all()))
    sides = [f"{side}_{joint}" for side in ("left", "right") if f"{side}_{joint}" in ANGLES]
    seen = [name for name in sides if np.isfinite(angles[name])]
    if not seen:
        return
    # Rounded, lest the label leap to and fro between sides that are seen alike.
    name = max(seen, key=lambda name: round(float(angles.confidence[ANGLES.index(name)]), 1))
    point = pose.points[pose.skeleton.index(name), :2]
    unit = _unit(picture)
    font, text = _font(_ANGLE * unit), f"{angles[name] if degrees is None else degrees:.0f}°"
    wide, tall = round(font.getlength(text) + 1.4 * unit), round(2.5 * unit)
    outward = 1 if point[0] >= np.nanmean(pose.points[:, 0]) else -1
    x, y = point[0] + outward * (wide / 2 + 2 * unit), point[1]
    height, width = picture.shape[:2]
    x, y = np.clip(x, wide / 2, width - wide / 2), np.clip(y, tall / 2, height - tall / 2)
    box = (round(x - wide / 2), round(y - tall / 2), round(x + wide / 2), round(y + tall / 2))
    with _sheet(picture, box) as (draw, size):
        draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), tall / 2, (*INK, _OPAQUE))
        draw.text((size[0] / 2, size[1] / 2), text, CENTRE, font, "mm")


def _title(state: State) -> str:
    return state.exercise or "which exercise?"


def _number(state: State) -> str:
    move = MOVES.get(state.exercise)
    return f"{state.hold_s:.0f} s" if move and move.hold else str(state.count)


def _widest(state: State, lines: tuple[str, ...], fonts: tuple[Font, ...]) -> float:
    """Width of the widest line, of all that a set will show, so that the panel stays as it is."""
    words = MOVES[state.exercise].phases if state.exercise in MOVES else ()
    phases = [fonts[-1].getlength(word) for word in words]
    shown = (font.getlength(text) for text, font in zip(lines, fonts, strict=True))
    return max([*shown, *phases])


def _bar(draw: ImageDraw.ImageDraw, progress: float, unit: float, size: tuple[int, int]) -> None:
    """How far it is to depth; empty while that is not seen."""
    left, right = unit, size[0] - unit
    top, bottom = size[1] - 1.25 * unit, size[1] - 0.75 * unit
    draw.rectangle((left, top, right, bottom), (*_QUIET, 70))
    part = float(np.clip(np.nan_to_num(progress) / _FULLEST, 0, 1))
    if part:
        draw.rectangle((left, top, left + part * (right - left), bottom), PEOPLE[0])
    goal = left + (right - left) / _FULLEST
    draw.line(
        (goal, top - 0.25 * unit, goal, bottom + 0.25 * unit), CENTRE, max(round(unit / 6), 1)
    )


def _along_the_foot(picture: Picture, text: str, unit: float) -> None:
    """A line in the middle of the lower edge, in letters small enough for the width."""
    height, width = picture.shape[:2]
    font = _font(_REMARK * unit)
    room = width - 4 * unit
    if font.getlength(text) > room:
        font = _font(_REMARK * unit * room / font.getlength(text) - 0.5)
    wide, tall = font.getlength(text) + 2 * unit, 2.6 * unit
    left, top = (width - wide) / 2, height - tall - 0.8 * unit
    box = (round(left), round(top), round(left + wide), round(top + tall))
    with _sheet(picture, box) as (draw, size):
        draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), tall / 2, (*PEOPLE[1], 235))
        draw.text((size[0] / 2, size[1] / 2), text, INK, font, "mm")


@contextmanager
def _sheet(
    picture: Picture, box: tuple[int, int, int, int]
) -> Iterator[tuple[ImageDraw.ImageDraw, tuple[int, int]]]:
    """A part of the picture to draw on, and its size; what does not fit the picture is cut."""
    x0, y0, x1, y1 = box
    x0, y0 = max(x0, 0), max(y0, 0)
    part = Image.fromarray(picture[y0:y1, x0:x1])
    yield ImageDraw.Draw(part, "RGBA"), (x1 - x0, y1 - y0)
    picture[y0:y1, x0:x1] = np.asarray(part)


def _unit(picture: Picture) -> float:
    height, width = picture.shape[:2]
    return max(_SHARE * float(np.sqrt(height * width)), _LEAST_PX)


def _bold(font: Font) -> int:
    """Width of the stroke that makes its letters bold, px."""
    return max(round(getattr(font, "size", 0) / 30), 0)


@lru_cache(maxsize=16)
def _font(size: float) -> Font:
    return ImageFont.load_default(round(size))
