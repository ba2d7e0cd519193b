"""Which family a person detector is of, known by the names and shapes of what it puts out.

A family says how its networks want the picture and what their numbers mean. Where two families
agree in shape, the grid (how many cells, how many boxes in each) and the first steps of the graph
tell them apart. Every row below was taken from the family's own exporter and demos.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from blazepose.errors import ModelError
from blazepose.track import box_rows
from blazepose.track.box_rows import Boxes, cells

Shape = tuple[int, ...]

KNOWN = (
    "YOLO (1, N, 5 + classes), (1, 4 + classes, N), (1, 300, 6) or (N, 7); "
    "RTMDet and YOLOX as MMDeploy writes them, 'dets' and 'labels'; "
    "PicoDet (1, N, 4) and (1, classes, N); "
    "NanoDet (1, N, classes + 32); "
    "both also as (1, n, classes) and (1, n, 32) for each stride"
)
_PERSON = {"person", "people", "persons", "pedestrian", "human"}
_FINE, _COARSE = (8, 16, 32), (8, 16, 32, 64)  # strides of the grids
_YOLO6_COLUMNS = 85  # COCO's 80 classes; its large variants have NanoDet's grid
_FINISHED = (6, 38, 57)  # a box with score and class; mask coefficients or keypoints follow
_BATCH_COLUMNS = 7
_SLICES = {"Slice", "StridedSlice"}


@dataclass(frozen=True)
class Signature:
    """What a detector file says of itself.

    Attributes:
        inputs: shapes.
        outputs: name -> shape, batch axis included; -1 where an axis is free.
        size_wh: of the input in px.
        first: kinds of the operations that take the picture, as OpenVINO calls them.
        kinds: kinds of all operations.
        takes_pixels: it brings values 0..255 to its range itself.
        classes: number -> name; empty where it does not say.
    """

    inputs: tuple[Shape, ...]
    outputs: Mapping[str, Shape]
    size_wh: tuple[int, int]
    first: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    takes_pixels: bool = False
    classes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Picture:
    """How a network wants its picture.

    Attributes:
        bgr: blue comes first.
        mean: it sees (pixel - mean) / std of pixels 0..255; in the order of its channels.
        std: see `mean`.
        stretched: to its size whatever the aspect; else the aspect is kept, with grey borders.
    """

    bgr: bool = False
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    stretched: bool = False


_IMAGENET = Picture(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
YOLO = Picture(std=(255.0, 255.0, 255.0))
YOLOX = Picture(bgr=True)
RTMDET = Picture(bgr=True, mean=_IMAGENET.mean[::-1], std=_IMAGENET.std[::-1])
PICODET = replace(_IMAGENET, stretched=True)
NANODET = replace(RTMDET, stretched=True)
_AS_IT_IS: dict[str, Any] = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


@dataclass(frozen=True)
class Layout:
    """How to use a detector.

    Attributes:
        picture: what goes in.
        outputs: names of those that count, in the order in which `decode` takes them.
        decode: a picture's values to boxes in px of the input, and scores.
        batched: the outputs have a batch axis, which `decode` does not expect.
    """

    picture: Picture
    outputs: tuple[str, ...]
    decode: Callable[..., Boxes]
    batched: bool = True


def recognise(signature: Signature, *, name: str) -> Layout:
    """The layout of a detector's file.

    Args:
        signature: what the file says of itself.
        name: of the file, for messages.

    Raises:
        ModelError: it is of no known family, or finds no persons.
    """
    layout = _apart(signature) or _by_stride(signature) or _together(signature)
    if layout is None or len(signature.inputs) != 1:
        raise ModelError(
            f"{name} is no person detector of a known layout: it has input "
            f"{_text(signature.inputs)} and output {_text(signature.outputs.values())}; "
            f"known outputs are {KNOWN}"
        )
    decode = partial(layout.decode, person=_person(signature.classes, name))
    picture = replace(layout.picture, **_AS_IT_IS) if signature.takes_pixels else layout.picture
    return replace(layout, picture=picture, decode=decode)


def _apart(signature: Signature) -> Layout | None:
    """Boxes in one output, their classes or scores in another."""
    outputs = signature.outputs
    if {"dets", "labels"} <= outputs.keys():
        picture = YOLOX if _slices_first(signature) else RTMDET
        return Layout(picture, ("dets", "labels"), box_rows.labelled)
    count = len(cells(signature.size_wh, _COARSE))
    boxes = [name for name, shape in outputs.items() if shape == (1, count, 4)]
    scores = [name for name, shape in outputs.items() if shape[::2] == (1, count)]
    if len(outputs) == 2 and len(boxes) == len(scores) == 1:
        return Layout(PICODET, (*boxes, *scores), box_rows.scored)
    return None


def _by_stride(signature: Signature) -> Layout | None:
    """Scores and distances of each grid in outputs of their own: PicoDet, NanoDet before Plus."""
    outputs = signature.outputs
    if any(len(shape) != 3 for shape in outputs.values()):
        return None
    finest_first = sorted(outputs, key=lambda name: -outputs[name][1])
    bins = [name for name in finest_first if outputs[name][2] == box_rows.BINS]
    scores = [name for name in finest_first if outputs[name][2] != box_rows.BINS]
    for strides, picture in ((_FINE, NANODET), (_COARSE, PICODET)):
        counts = [len(cells(signature.size_wh, (stride,))) for stride in strides]
        if all([outputs[name][1] for name in names] == counts for names in (scores, bins)):
            decode = partial(box_rows.spread_by_stride, grid=cells(signature.size_wh, strides))
            return Layout(picture, (*scores, *bins), decode)
    return None


def _together(signature: Signature) -> Layout | None:
    """Boxes, classes and scores in one output; maps of other ranks beside it are left alone."""
    flat = {name: shape for name, shape in signature.outputs.items() if len(shape) in (2, 3)}
    if len(flat) != 1:
        return None
    ((name, shape),) = flat.items()
    if len(shape) == 2:
        finished = Layout(YOLO, (name,), box_rows.finished_batch, batched=False)
        return finished if shape[1] == _BATCH_COLUMNS else None
    found = _rows(signature, *shape[1:])
    return Layout(found[0], (name,), found[1]) if found else None


def _rows(
    signature: Signature, rows: int, columns: int
) -> tuple[Picture, Callable[..., Boxes]] | None:
    """What a table of one output means."""
    fine, coarse = cells(signature.size_wh, _FINE), cells(signature.size_wh, _COARSE)
    if rows == len(coarse) and columns > box_rows.BINS and columns != _YOLO6_COLUMNS:
        return NANODET, partial(box_rows.spread, grid=coarse, offset=0.0)
    if rows == len(fine) and columns > 5 and _slices_first(signature):
        raw = "Exp" not in signature.kinds
        return YOLOX, partial(box_rows.undecoded, grid=fine) if raw else box_rows.with_objectness
    if rows in _boxes(fine, coarse) and columns > 5:
        return YOLO, box_rows.with_objectness
    if columns in _FINISHED:
        return YOLO, box_rows.finished
    if columns > rows > 4:
        return YOLO, box_rows.without_objectness
    return None


def _slices_first(signature: Signature) -> bool:
    """It begins by folding four pixels into one, as YOLOX does."""
    return bool(signature.first) and signature.first <= _SLICES


def _boxes(*grids: Sized) -> set[int]:
    """How many boxes there may be on some grids: one a cell, or one for each of three anchors."""
    return {count * len(grid) for grid in grids for count in (1, 3)}


def _person(classes: Mapping[int, str], name: str) -> int:
    """Number of the class of persons; the first one, as in COCO, where the file names none."""
    if len(classes) <= 1:
        return 0
    for number, label in classes.items():
        if label.lower() in _PERSON:
            return number
    some = ", ".join(list(classes.values())[:5])
    raise ModelError(f"{name} finds no persons: expected a class 'person', it has {some}, ...")


def _text(shapes: Iterable[Shape]) -> str:
    return ", ".join(
        "(" + ", ".join("?" if side < 0 else str(side) for side in shape) + ")" for shape in shapes
    )
