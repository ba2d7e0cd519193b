"""Scenes: pictures with everybody in them labelled, varied and put together to learn finding from.

A scene shows one picture in any size and turn, or several beside each other, so that people are
large and small, alone and many, upright and upside down; people of other pictures are pasted over
it. What is labelled as a crowd is neither a person nor none.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import Dataset

from blazepose.errors import SourceError
from blazepose.geometry import crop, crop_points, rotation
from blazepose.pose import Roi
from blazepose.shapes import Bool, Float32, UInt8
from blazepose.train.loader import Item
from blazepose.train.photo import vary
from blazepose.train.recipe import Augment
from blazepose.video import read_image

MOST = 24
"""People in a scene; arrays are filled up to this number."""

PERSON, CROWD = 1, -1
"""Kinds of rows; a crowd is neither a person nor none, 0 is nobody."""

_POINTS = 3
_LIGHT = Augment(colour=0.4, dark=0.1, blur=0.1, noise=0.15)
_GRIDS, _GRID_SHARES = (1, 2, 3), (0.6, 0.28, 0.12)  # pictures along a side
_STRETCH = (0.6, 1.8)  # of the person's or the picture's side, what a tile shows
_TURN_RAD, _ANY_TURN = 0.25, 0.15  # usual turn; share of tiles turned by anything
_PASTED, _PASTED_SIDE = 0.3, (0.2, 0.6)
_LEAST_SIDE = 0.04  # of the scene: who is smaller counts as a crowd
_LEAST_SEEN = 0.35  # of a box: who is cut off or covered by more counts as a crowd


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture and everybody in it. M people; px.

    Attributes:
        image: file.
        boxes_xyxy: (M, 4).
        points: (M, 3, 2) mid-hip, rim of the circle round the body, mid-shoulder.
        known: (M,) whether the points are known.
        crowd: (M,) neither a person nor none.
    """

    image: Path
    boxes_xyxy: Float32[np.ndarray, "M 4"]
    points: Float32[np.ndarray, "M 3 2"]
    known: Bool[np.ndarray, " M"]
    crowd: Bool[np.ndarray, " M"]


@dataclass(frozen=True, eq=False)
class Scene:
    """What the finder sees, and who is in it; px of the scene.

    Attributes:
        image: (S, S, 3) RGB.
        boxes: (M, 4) xyxy.
        points: (M, 3, 2), see `Picture`.
        known: (M,) 0 or 1, whether the points are known.
        kind: (M,) PERSON, CROWD, or 0: nobody (filling).
    """

    image: UInt8[np.ndarray, "S S 3"]
    boxes: Float32[np.ndarray, "M 4"]
    points: Float32[np.ndarray, "M 3 2"]
    known: Float32[np.ndarray, " M"]
    kind: Float32[np.ndarray, " M"]


def read_pictures(file: Path) -> list[Picture]:
    """Pictures of a COCO file whose people have the three alignment points as keypoints.

    Raises:
        SourceError: missing, or no such file.
    """
    try:
        content = json.loads(file.read_bytes())
        people: dict[int, list[dict[str, Any]]] = {i["id"]: [] for i in content["images"]}
        for person in content["annotations"]:
            people[person["image_id"]].append(person)
        names = {image["id"]: file.parent / image["file_name"] for image in content["images"]}
        return [_picture(names[number], rows) for number, rows in people.items()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(
            f"{file}: expected people with alignment points, got {error!r}"
        ) from error


def _picture(image: Path, people: Sequence[dict[str, Any]]) -> Picture:
    rows = np.array([p["keypoints"] for p in people], np.float32).reshape(-1, _POINTS, 3)
    boxes = np.array([p["bbox"] for p in people], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    crowd = np.array([bool(p["iscrowd"]) for p in people], bool)
    return Picture(image, boxes, rows[..., :2], np.asarray((rows[..., 2] > 0).all(axis=1)), crowd)


class Scenes(Dataset[Scene]):
    """Pictures as scenes.

    Args:
        pictures: to learn from.
        size: side of a scene in px.
        varied: False: each picture by itself, letterboxed.
    """

    def __init__(self, pictures: Sequence[Picture], *, size: int, varied: bool = True) -> None:
        self._pictures, self._size, self._varied = pictures, size, varied

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, item: Item) -> Scene:
        seed, epoch, number = item
        rng = np.random.default_rng((seed, epoch, number))
        if not self._varied:
            picture = self._pictures[number]
            image = read_image(picture.image)
            height, width = image.shape[:2]
            roi = Roi((width / 2, height / 2), float(max(width, height)))
            return _filled(_cut(picture, image, roi, self._size))
        scene = self._grid(number, rng)
        while rng.random() < _PASTED:
            scene = self._pasted(scene, rng)
        return _filled(_flipped(scene) if rng.random() < 0.5 else scene)

    def _grid(self, number: int, rng: np.random.Generator) -> Scene:
        """One picture, or several in rows and columns, the first of them the given one."""
        count = int(rng.choice(_GRIDS, p=_GRID_SHARES))
        side = math.ceil(self._size / count)
        canvas = np.zeros((side * count, side * count, 3), np.uint8)
        parts = []
        for place in range(count**2):
            picture = self._pictures[number if place == 0 else int(rng.integers(len(self)))]
            part = self._tile(picture, side, rng)
            x, y = place % count * side, place // count * side
            canvas[y : y + side, x : x + side] = part.image
            parts.append(_moved(part, x, y))
        canvas = np.ascontiguousarray(canvas[: self._size, : self._size])
        return _clipped(_together(canvas, parts), self._size)

    def _tile(self, picture: Picture, side: int, rng: np.random.Generator) -> Scene:
        """A region of a picture, round one of its people or round all of it."""
        image = read_image(picture.image)
        height, width = image.shape[:2]
        middle, reach = np.array([width / 2, height / 2]), float(max(width, height))
        people = np.flatnonzero(~picture.crowd)
        if len(people) and rng.random() < 0.5:
            box = picture.boxes_xyxy[rng.choice(people)]
            middle, reach = (box[:2] + box[2:]) / 2, 1.3 * float((box[2:] - box[:2]).max())
        size = max(reach, 16.0) * float(np.exp(rng.uniform(*np.log(_STRETCH))))
        x, y = (float(v) for v in middle + rng.uniform(-0.25, 0.25, 2) * size)
        wide = math.pi if rng.random() < _ANY_TURN else _TURN_RAD
        scene = _cut(picture, image, Roi((x, y), size, float(rng.uniform(-wide, wide))), side)
        return replace(scene, image=vary(scene.image, _LIGHT, rng))

    def _pasted(self, scene: Scene, rng: np.random.Generator) -> Scene:
        """Somebody of another picture in front."""
        picture = self._pictures[int(rng.integers(len(self)))]
        people = np.flatnonzero(~picture.crowd)
        if not len(people):
            return scene
        box = picture.boxes_xyxy[rng.choice(people)]
        image = read_image(picture.image)
        middle, reach = (box[:2] + box[2:]) / 2, float((box[2:] - box[:2]).max())
        side = int(rng.uniform(*_PASTED_SIDE) * self._size)
        part = _cut(picture, image, Roi((float(middle[0]), float(middle[1])), max(reach, 16)), side)
        narrow = np.clip((box[2:] - box[:2]) / reach * side * 1.05, 8, side)
        low = ((side - narrow) / 2).astype(int)
        high = np.ceil((side + narrow) / 2).astype(int)
        x, y = rng.integers(-side // 4, self._size - side * 3 // 4, 2).tolist()
        return _over(scene, part, (x, y), low, high)


def _cut(picture: Picture, image: UInt8[np.ndarray, "H W 3"], roi: Roi, size: int) -> Scene:
    """A region with its people; a turned box is that of the ellipse in the upright one."""
    low, high = picture.boxes_xyxy[:, :2], picture.boxes_xyxy[:, 2:]
    middle = crop_points((low + high) / 2, roi, size)
    turn = np.abs(rotation(roi.angle_rad)) ** 2
    half = np.sqrt(((high - low) / 2) ** 2 @ turn.T) * np.float32(size / roi.size)
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    points = crop_points(picture.points.reshape(-1, 2), roi, size).reshape(-1, _POINTS, 2)
    kind = np.where(picture.crowd, CROWD, PERSON).astype(np.float32)
    patch = crop(image, roi, size, border="black")
    return _clipped(Scene(patch, boxes, points, picture.known.astype(np.float32), kind), size)


def _clipped(scene: Scene, size: int) -> Scene:
    """Boxes end at the edge; who is mostly beyond it counts as a crowd, who is wholly is gone."""
    boxes = np.clip(scene.boxes, 0, size).astype(np.float32)
    seen = _area(boxes) / np.maximum(_area(scene.boxes), 1e-6)
    kind = np.where(seen < _LEAST_SEEN, np.float32(CROWD), scene.kind)
    return _chosen(replace(scene, boxes=boxes, kind=kind), _area(boxes) > 4)


def _moved(scene: Scene, x: int, y: int) -> Scene:
    shift = np.array([x, y], np.float32)
    return replace(scene, boxes=scene.boxes + np.tile(shift, 2), points=scene.points + shift)


def _together(image: UInt8[np.ndarray, "S S 3"], parts: Sequence[Scene]) -> Scene:
    """The people of all parts on one canvas."""
    names = ("boxes", "points", "known", "kind")
    return Scene(image, *(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def _over(
    scene: Scene, part: Scene, place_xy: tuple[int, int], low: np.ndarray, high: np.ndarray
) -> Scene:
    """The part's rectangle from `low` to `high` in front of a scene; who is covered is a crowd."""
    size = scene.image.shape[0]
    at = np.array(place_xy)
    begin, end = np.maximum(at + low, 0), np.minimum(at + high, size)
    if (end <= begin).any():
        return scene
    image = scene.image.copy()
    (x0, y0), (x1, y1) = begin, end
    (u0, v0), (u1, v1) = begin - at, end - at
    image[y0:y1, x0:x1] = part.image[v0:v1, u0:u1]
    front = np.array([x0, y0, x1, y1], np.float32)
    covered = _area(_common(scene.boxes, front)) / np.maximum(_area(scene.boxes), 1e-6)
    hidden, crowd = covered > 1 - _LEAST_SEEN, np.float32(CROWD)
    behind = replace(scene, image=image, kind=np.where(hidden, crowd, scene.kind))
    moved = _moved(part, *place_xy)
    seen = _area(_common(moved.boxes, front)) / np.maximum(_area(moved.boxes), 1e-6)
    moved = replace(
        moved,
        boxes=_common(moved.boxes, front),
        kind=np.where(seen < _LEAST_SEEN, crowd, moved.kind),
    )
    return _together(image, [_chosen(behind, covered < 0.95), _chosen(moved, seen > 0.05)])


def _chosen(scene: Scene, rows: Bool[np.ndarray, " M"]) -> Scene:
    return Scene(
        scene.image, scene.boxes[rows], scene.points[rows], scene.known[rows], scene.kind[rows]
    )


def _flipped(scene: Scene) -> Scene:
    size = np.float32(scene.image.shape[1])
    aside, across = np.array([-1, 1], np.float32), np.array([1, 0], np.float32) * size
    boxes = scene.boxes[:, [2, 1, 0, 3]] * np.tile(aside, 2) + np.tile(across, 2)
    return replace(
        scene,
        image=np.ascontiguousarray(scene.image[:, ::-1]),
        boxes=boxes,
        points=scene.points * aside + across,
    )


def _filled(scene: Scene) -> Scene:
    """With `MOST` rows; the smallest people are crowds, and the largest come first."""
    side = (scene.boxes[:, 2:] - scene.boxes[:, :2]).max(axis=1, initial=0)
    tiny = side < _LEAST_SIDE * scene.image.shape[0]
    kind = np.where(tiny, np.float32(CROWD), scene.kind)
    order = np.argsort(-side, kind="stable")[:MOST]
    count = len(order)

    def filled(values: np.ndarray) -> np.ndarray:
        full = np.zeros((MOST, *values.shape[1:]), np.float32)
        full[:count] = values[order]
        return full

    return Scene(
        scene.image, filled(scene.boxes), filled(scene.points), filled(scene.known), filled(kind)
    )


def _common(boxes: Float32[np.ndarray, "M 4"], other: Float32[np.ndarray, "4"]) -> np.ndarray:
    low, high = np.maximum(boxes[:, :2], other[:2]), np.minimum(boxes[:, 2:], other[2:])
    return np.concatenate([low, np.maximum(high, low)], axis=1)


def _area(boxes: Float32[np.ndarray, "M 4"]) -> Float32[np.ndarray, " M"]:
    return np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1)
