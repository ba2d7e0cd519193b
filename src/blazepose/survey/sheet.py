"""Contact sheets: many people on one picture, each with its labels drawn and a caption.

Left is orange and right is blue as everywhere (`look`); a hidden keypoint has a dark core, one
that is not labelled is left out. People stay as they stand in their image, not turned upright, so
that one sees what the labeller saw.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from blazepose.datasets import HIDDEN, Sample
from blazepose.draw import draw_poses
from blazepose.geometry import crop, crop_points
from blazepose.look import CENTRE, INK, PEOPLE
from blazepose.pose import Pose, Roi
from blazepose.roi import from_box
from blazepose.shapes import Float32, UInt8

# All in px.
_SIDE = 240  # of a tile's picture
_RADIUS = 13  # of the ring round a doubtful joint
_GAP = 6
_FONT_SIZE = 13
_LINE = 17
_RING = PEOPLE[1]

_Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, eq=False)
class Tile:
    """A square picture with what is to be said of it.

    Attributes:
        picture: (S, S, 3) uint8 RGB, from `portrait`; None where there is none to show.
        caption: lines of text; what is too long for the width is cut.
    """

    picture: UInt8[np.ndarray, "S S 3"] | None
    caption: Sequence[str] = ()


def portrait(
    image: UInt8[np.ndarray, "H W 3"], sample: Sample, *, marked: Sequence[int] = ()
) -> UInt8[np.ndarray, "S S 3"]:
    """The part of an image around a person, with the labels drawn.

    Args:
        image: RGB.
        sample: the person.
        marked: keypoints to lay a ring round.
    """
    roi = _surroundings(image, sample)
    points = crop_points(sample.points, roi, _SIDE)
    picture = draw_poses(crop(image, roi, _SIDE, border="black"), [_pose(sample, points, roi)])
    for x, y in points[list(marked)].clip(0, _SIDE).tolist():
        for colour, width in ((INK, 5), (_RING, 2)):
            cv2.circle(picture, (round(x), round(y)), _RADIUS, colour, width, cv2.LINE_AA)
    return picture


def contact_sheet(tiles: Sequence[Tile]) -> UInt8[np.ndarray, "H W 3"]:
    """The tiles in rows, about three wide for two high.

    Raises:
        ValueError: no tiles.
    """
    if not tiles:
        raise ValueError("expected at least one tile, got 0")
    columns = max(math.ceil(math.sqrt(1.5 * len(tiles))), min(len(tiles), 4))
    rows = math.ceil(len(tiles) / columns)
    lines = max(len(tile.caption) for tile in tiles)
    width, height = _SIDE + _GAP, _SIDE + lines * _LINE + 2 * _GAP
    sheet = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), INK)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        _lay(sheet, tile, (_GAP + column * width, _GAP + row * height))
    return np.array(sheet)


def _surroundings(image: UInt8[np.ndarray, "H W 3"], sample: Sample) -> Roi:
    """The square round the labels in the image and the box; the whole image where none is."""
    size = np.array(image.shape[1::-1], np.float32)
    marks = sample.points[sample.labelled]
    if sample.box_xyxy is not None:
        marks = np.concatenate([marks, sample.box_xyxy.reshape(2, 2)])
    marks = marks.clip(0, size) if len(marks) else np.stack([np.zeros_like(size), size])
    return from_box(np.concatenate([marks.min(axis=0), marks.max(axis=0)]))


def _pose(sample: Sample, points: Float32[np.ndarray, "K 2"], roi: Roi) -> Pose:
    """What the drawing takes: flat, and as visible as labelled."""
    shown = np.where(sample.labelled[:, None], points, np.float32(np.nan))
    flat = np.column_stack([shown, np.zeros(len(points), np.float32)])
    return Pose(
        points=flat,
        world=np.zeros_like(flat),
        visibility=(sample.visible > HIDDEN).astype(np.float32),
        presence=sample.labelled.astype(np.float32),
        score=1.0,
        roi=roi,
        skeleton=sample.skeleton,
    )


def _lay(sheet: Image.Image, tile: Tile, place: tuple[int, int]) -> None:
    x, y = place
    if tile.picture is not None:
        sheet.paste(Image.fromarray(tile.picture).resize((_SIDE, _SIDE)), place)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT_SIZE)
    for number, line in enumerate(tile.caption):
        text = _fitted(line, pen, font)
        pen.text((x, y + _SIDE + _GAP // 2 + number * _LINE), text, CENTRE, font)


def _fitted(line: str, pen: ImageDraw.ImageDraw, font: _Font) -> str:
    """The line, shortened to the width of a tile."""
    if pen.textlength(line, font) <= _SIDE:
        return line
    while line and pen.textlength(line + "…", font) > _SIDE:
        line = line[:-1]
    return line + "…"
