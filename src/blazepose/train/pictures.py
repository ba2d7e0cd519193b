"""Pictures of what goes into a network and of what comes out: crops with their keypoints drawn.

Left is orange and right is blue as everywhere (`look`). What a label tells is a disc, what a lesson
or the network tells a ring with a white core; a hidden keypoint is crossed out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from blazepose.look import CENTRE, INK, LEFT, PEOPLE, RIGHT, SIDES, Colour, look
from blazepose.shapes import Bool, Float, UInt8
from blazepose.skeleton import Skeleton
from blazepose.survey.sheet import Tile, contact_sheet
from blazepose.train.augment import Crop
from blazepose.train.validate import Validation

# Lengths in px of a picture, which the sheet shows at half the size.
_SIDE = 512
_DOT, _RIM, _BONE, _EDGE = 10, 3, 3, 3
_FAR = 1e4  # OpenCV's fixed point overflows
_ASTRAY = PEOPLE[2]
_OFF = 0.05  # of the crop's side, about a fifth of a torso
_HIDDEN = 0.5
_LEGEND, _FONT_SIZE = 26, 14  # px of the sheet


def training_sheet(
    crops: Sequence[Crop], names: Sequence[str], skeleton: Skeleton
) -> UInt8[np.ndarray, "H W 3"]:
    """Crops as a network learns from them, with what it shall say.

    Args:
        crops: varied or not.
        names: of their images.
        skeleton: the network's.
    """
    tiles = [_target_tile(c, name, skeleton) for c, name in zip(crops, names, strict=True)]
    notes = (("left", LEFT), ("right", RIGHT))
    words = (("disc: labelled   ring: taught   crossed: hidden", CENTRE),)
    return _with_legend(contact_sheet(tiles), (*notes, *words))


def prediction_sheet(
    images: Sequence[UInt8[np.ndarray, "S S 3"]],
    names: Sequence[str],
    validation: Validation,
    rows: Sequence[int],
    skeleton: Skeleton,
) -> UInt8[np.ndarray, "H W 3"]:
    """People twice: as labelled, then as the network sees them.

    Args:
        images: crops of these people.
        names: of their images.
        validation: what was found.
        rows: these people's rows in `validation`.
        skeleton: the network's.
    """
    tiles: list[Tile] = []
    for image, name, row in zip(images, names, rows, strict=True):
        tiles += _prediction_tiles(image, name, validation, row, skeleton)
    notes = (("left", LEFT), ("right", RIGHT))
    words = (
        ("disc: labelled   ring: found", CENTRE),
        (f"line: off by more than {_OFF:.0%} of the side", _ASTRAY),
    )
    return _with_legend(contact_sheet(tiles), (*notes, *words))


def telling_rows(validation: Validation, *, count: int) -> list[int]:
    """A third of the rows found worst, worst first, then some from everywhere between."""
    errors = _errors(validation)
    ranked = np.argsort(-np.nan_to_num(errors, nan=-1.0), kind="stable")
    ranked = ranked[~np.isnan(errors[ranked])]
    worst, rest = np.split(ranked, [count // 3])
    spread = np.linspace(0, len(rest) - 1, min(count - len(worst), len(rest))).round().astype(int)
    return [*worst.tolist(), *rest[spread].tolist()]


@dataclass(frozen=True, eq=False)
class _Marks:
    """Keypoints to draw, K of them, px of the crop."""

    points: Float[np.ndarray, "K 2"]
    shown: Bool[np.ndarray, " K"]
    solid: Bool[np.ndarray, " K"]
    hidden: Bool[np.ndarray, " K"]


def _target_tile(crop: Crop, name: str, skeleton: Skeleton) -> Tile:
    rows = slice(len(skeleton))
    trust = crop.trust[rows, 0]
    labelled = trust == 1
    hidden = (crop.visible_trust[rows] > 0) & (crop.visible[rows] < _HIDDEN)
    marks = _Marks(crop.points[rows, :2], trust > 0, labelled, hidden)
    told = f"{labelled.sum()} labelled, {(marks.shown & ~labelled).sum()} taught"
    return Tile(_drawn(crop.image, marks, skeleton), (name, told if crop.presence else "nobody"))


def _prediction_tiles(
    image: UInt8[np.ndarray, "S S 3"],
    name: str,
    validation: Validation,
    row: int,
    skeleton: Skeleton,
) -> tuple[Tile, Tile]:
    truth, found = validation.truth[row], validation.found[row]
    known, none = validation.known[row], np.zeros(len(skeleton), bool)
    label = _drawn(image, _Marks(truth, known, ~none, none), skeleton)
    answer = _drawn(image, _Marks(found, ~none, none, none), skeleton)
    gap = np.linalg.norm(found - truth, axis=1) / len(image)
    _draw_astray(answer, found, truth, known & (gap > _OFF), len(image))
    said = f"off by {gap[known].mean():.1%} of the side" if known.any() else ""
    return Tile(label, (name,)), Tile(answer, (said,))


def _errors(validation: Validation) -> Float[np.ndarray, " N"]:
    """Mean distance from the labels in px of the crop; NaN without labels."""
    gap = np.linalg.norm(validation.found - validation.truth, axis=2)
    count = validation.known.sum(axis=1)
    total = np.where(validation.known, gap, 0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _drawn(
    image: UInt8[np.ndarray, "S S 3"], marks: _Marks, skeleton: Skeleton
) -> UInt8[np.ndarray, "512 512 3"]:
    """The crop enlarged, with bones and keypoints."""
    picture = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    shape, places = look(skeleton), _placed(marks.points, len(image))
    for (a, b), side in zip(shape.bones.tolist(), shape.bone_sides, strict=True):
        if marks.shown[a] and marks.shown[b]:
            for width, colour in ((_BONE + _EDGE, INK), (_BONE, SIDES[side])):
                cv2.line(picture, places[a], places[b], colour, width, cv2.LINE_AA)
    for k in np.flatnonzero(marks.shown):
        radius = round(_DOT * (0.5 + 0.5 * shape.weight[k]))
        _draw_dot(picture, places[k], radius, SIDES[shape.sides[k]], solid=bool(marks.solid[k]))
        if marks.hidden[k]:
            cv2.drawMarker(
                picture, places[k], INK, cv2.MARKER_TILTED_CROSS, 2 * radius, 2, cv2.LINE_AA
            )
    return picture


def _draw_dot(
    picture: np.ndarray, place: tuple[int, int], radius: int, colour: Colour, *, solid: bool
) -> None:
    layers = [
        (radius + _EDGE, INK),
        (radius, colour),
        *([] if solid else [(radius - _RIM, CENTRE)]),
    ]
    for size, ink in layers:
        cv2.circle(picture, place, size, ink, cv2.FILLED, cv2.LINE_AA)


def _draw_astray(
    picture: np.ndarray,
    found: Float[np.ndarray, "K 2"],
    truth: Float[np.ndarray, "K 2"],
    wrong: Bool[np.ndarray, " K"],
    side: int,
) -> None:
    starts, ends = _placed(found[wrong], side), _placed(truth[wrong], side)
    for width, colour in ((8, INK), (4, _ASTRAY)):
        for start, end in zip(starts, ends, strict=True):
            cv2.line(picture, start, end, colour, width, cv2.LINE_AA)
            cv2.circle(picture, end, 8, colour, width, cv2.LINE_AA)


def _placed(points: Float[np.ndarray, "N 2"], side: int) -> list[tuple[int, int]]:
    places = (points * (_SIDE / side) - 0.5).clip(-_FAR, _FAR)
    return [(round(x), round(y)) for x, y in places.tolist()]


def _with_legend(
    sheet: UInt8[np.ndarray, "H W 3"], notes: Sequence[tuple[str, Colour]]
) -> UInt8[np.ndarray, "T W 3"]:
    """The sheet below a line of words in their colours."""
    line = Image.new("RGB", (sheet.shape[1], _LEGEND), INK)
    pen, font, x = ImageDraw.Draw(line), ImageFont.load_default(_FONT_SIZE), 8.0
    for words, colour in notes:
        pen.text((x, 5), words, colour, font)
        x += pen.textlength(words, font) + 24
    return np.concatenate([np.array(line), sheet])
