"""Where to crop, and what to do to the crop: from an example to the arrays a network learns from.

Crops are made by the region and crop code that tracking uses. All chance comes from the generator
that is passed in, so that an item is the same in every run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from blazepose.geometry import crop, crop_points, rotation
from blazepose.pose import Roi
from blazepose.roi import as_sampled_by_mediapipe, in_mirror
from blazepose.shapes import Bool, Float32, UInt8
from blazepose.skeleton import Skeleton
from blazepose.train.examples import Example
from blazepose.train.photo import occlude, vary
from blazepose.train.recipe import Augment

_WIDE_SHIFT, _WIDE_SCALE = 0.25, 2.0
_BACKGROUND = (0.15, 0.4)  # side of a region without the person, in parts of theirs
_TRIES = 10
_OUTSIDE = 0.2  # trust in a point that is not in the picture: where it is can only be guessed
_TO_CORNER = math.sqrt(0.5)  # from the middle of a square, in parts of its side
_HALF_MARGIN = 2.0
_HALF = (0.2, 0.9)  # side of its region, in parts of the whole's
_MIN_HALF = 4  # keypoints


@dataclass(frozen=True, eq=False)
class Crop:
    """What a network sees, and what it shall say. P rows of landmarks; px of the crop.

    Attributes:
        image: (S, S, 3) RGB.
        points: (P, 3), z in the same scale.
        trust: (P, 2) 0..1, weight of x and y, and of z; 0 where nothing is known.
        visible: (P,) 0..1, the point can be seen.
        visible_trust: (P,) 0..1.
        in_frame: (P,) 0 or 1, the point is in the image and in the crop.
        world: (P, 3) metres, turned as the crop is.
        world_trust: (P,) 0..1.
        presence: 1 if the person is in the crop, else 0.
    """

    image: UInt8[np.ndarray, "S S 3"]
    points: Float32[np.ndarray, "P 3"]
    trust: Float32[np.ndarray, "P 2"]
    visible: Float32[np.ndarray, " P"]
    visible_trust: Float32[np.ndarray, " P"]
    in_frame: Float32[np.ndarray, " P"]
    world: Float32[np.ndarray, "P 3"]
    world_trust: Float32[np.ndarray, " P"]
    presence: np.float32


def augmented(
    example: Example,
    image: UInt8[np.ndarray, "H W 3"],
    skeleton: Skeleton,
    options: Augment,
    rng: np.random.Generator,
    *,
    size: int = 256,
) -> Crop:
    """A varied crop of a person.

    Args:
        example: of the person.
        image: RGB, as `example.image` holds it.
        skeleton: the network's, for halves of the body and for left and right.
        options: how much of each variation.
        rng: all chance.
        size: side of the crop in px.
    """
    if rng.random() < options.background:
        away = _away(example, image.shape, rng)
        if away is not None:
            cut = cut_out(example, image, away, size=size)
            return _without_person(replace(cut, image=vary(cut.image, options, rng)))
    roi = _varied(_region(example, skeleton, options, rng), options, rng)
    flip = bool(rng.random() < options.flip)
    cut = cut_out(example, image, roi, size=size, to_flip=flip)
    if flip:
        cut = flipped(cut, skeleton)
    pixels, hidden = occlude(cut.image, cut.points[:, :2], options, rng)
    hidden &= cut.trust[:, 0] > 0
    seen = np.where(hidden, np.float32(0), cut.visible)
    known = np.where(hidden, np.float32(1), cut.visible_trust)
    return replace(cut, image=vary(pixels, options, rng), visible=seen, visible_trust=known)


def cut_out(
    example: Example,
    image: UInt8[np.ndarray, "H W 3"],
    roi: Roi,
    *,
    size: int = 256,
    to_flip: bool = False,
) -> Crop:
    """The crop of a region with its targets, nothing varied.

    Args:
        example: of the person.
        image: RGB.
        roi: what to cut out.
        size: side of the crop in px.
        to_flip: the pixels are those that a crop of the mirrored image has, once `flipped`.
    """
    height, width = image.shape[:2]
    xy = crop_points(example.points[:, :2], roi, size)
    z = example.points[:, 2:] * np.float32(size / roi.size)
    inside = _inside(example.points[:, :2], (width, height)) & _inside(xy, (size, size))
    world = example.world.copy()
    world[:, :2] = world[:, :2] @ rotation(roi.angle_rad)
    sampled = as_sampled_by_mediapipe(in_mirror(roi) if to_flip else roi, size)
    if to_flip:
        sampled = in_mirror(sampled)
    return Crop(
        image=crop(image, sampled, size),
        points=np.concatenate([xy, z], axis=1),
        trust=example.trust * np.where(inside, 1, _OUTSIDE)[:, None].astype(np.float32),
        visible=example.visible * inside,
        visible_trust=np.where(inside, example.visible_trust, example.trust[:, 0]),
        in_frame=inside.astype(np.float32),
        world=world,
        world_trust=example.world_trust,
        presence=np.float32(1),
    )


def flipped(cut: Crop, skeleton: Skeleton) -> Crop:
    """The crop in a mirror: left is right, so the partners change places."""
    size = cut.image.shape[1]
    swap = skeleton.mirrored_rows(len(cut.points))
    aside = np.array([-1, 1, 1], np.float32)
    return replace(
        cut,
        image=np.ascontiguousarray(cut.image[:, ::-1]),
        points=cut.points[swap] * aside + np.array([size, 0, 0], np.float32),
        trust=cut.trust[swap],
        visible=cut.visible[swap],
        visible_trust=cut.visible_trust[swap],
        in_frame=cut.in_frame[swap],
        world=cut.world[swap] * aside,
        world_trust=cut.world_trust[swap],
    )


def _region(
    example: Example, skeleton: Skeleton, options: Augment, rng: np.random.Generator
) -> Roi:
    """The person's region, or for some the region of half a body or a far-off one."""
    if rng.random() < options.half_body:
        return _half(example, skeleton, rng) or example.roi
    if rng.random() >= options.wide:
        return example.roi
    (x, y), size = example.roi.center_xy, example.roi.size
    dx, dy = rng.uniform(-_WIDE_SHIFT, _WIDE_SHIFT, 2) * size
    scale = _WIDE_SCALE ** rng.uniform(-1, 1)
    turn = rng.uniform(-math.pi, math.pi)
    return Roi((x + float(dx), y + float(dy)), size * float(scale), example.roi.angle_rad + turn)


def _varied(roi: Roi, options: Augment, rng: np.random.Generator) -> Roi:
    x, y = (float(v) for v in roi.center_xy + _spread(rng, 2) * roi.size * options.shift)
    turn = float(_spread(rng)) * math.radians(options.rotate_deg)
    return Roi((x, y), roi.size * (1 + float(_spread(rng)) * options.scale), roi.angle_rad + turn)


def _spread(rng: np.random.Generator, count: int | None = None) -> np.ndarray:
    return np.asarray(rng.uniform(-1, 1, count))


def _half(example: Example, skeleton: Skeleton, rng: np.random.Generator) -> Roi | None:
    """The region of the upper or the lower half of a body, turned as the person's.

    None if the half has too few known points.
    """
    lower = np.array([_is_lower(name) for name in skeleton.names])
    chosen = (lower == (rng.random() < 0.5)) & (example.trust[: len(skeleton), 0] > 0)
    if chosen.sum() < _MIN_HALF:
        return None
    turned = crop_points(example.points[: len(skeleton)][chosen, :2], example.roi)  # (M, 2), 0..1
    low, high = turned.min(axis=0), turned.max(axis=0)
    side = float(np.clip((high - low).max() * _HALF_MARGIN, *_HALF)) * example.roi.size
    from_middle = rotation(example.roi.angle_rad) @ ((low + high) / 2 - np.float32(0.5))
    x, y = np.array(example.roi.center_xy) + from_middle * example.roi.size
    return Roi((float(x), float(y)), side, example.roi.angle_rad)


def _is_lower(name: str) -> bool:
    return any(part in name for part in ("hip", "knee", "ankle", "heel", "foot", "toe"))


def _away(example: Example, shape: tuple[int, ...], rng: np.random.Generator) -> Roi | None:
    """A region of the image that holds no known point of the person; None if none was found."""
    height, width = shape[:2]
    points = example.points[example.trust[:, 0] > 0, :2]
    if not len(points):
        return None
    for _ in range(_TRIES):
        size = float(rng.uniform(*_BACKGROUND)) * example.roi.size
        x, y = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        if np.linalg.norm(points - np.array([x, y], np.float32), axis=1).min() > size * _TO_CORNER:
            return Roi((x, y), size, float(rng.uniform(-math.pi, math.pi)))
    return None


def _without_person(cut: Crop) -> Crop:
    nothing = np.zeros_like(cut.visible)
    return replace(
        cut,
        trust=np.zeros_like(cut.trust),
        visible_trust=nothing,
        in_frame=nothing,
        world_trust=nothing,
        presence=np.float32(0),
    )


def _inside(xy: Float32[np.ndarray, "P 2"], size_wh: tuple[int, int]) -> Bool[np.ndarray, " P"]:
    return np.all((xy >= 0) & (xy < np.array(size_wh, np.float32)), axis=1)
