"""Poses drawn on a frame.

Colour is the side of the body, line strength the visibility, circle size the depth; everything is
scaled to the person. Knows nothing of files, windows or clips, and draws no legend.

For speed OpenCV draws, in 1/16 px; bones are polygons, as OpenCV's own lines come in whole pixels
of thickness only, which is too coarse for a small person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from blazepose.look import CENTRE, INK, SIDES, Colour, look, person_colour
from blazepose.pose import Frame, Pose
from blazepose.shapes import Bool, Float64, Int32, UInt8

_SHIFT = 4  # fractional bits of OpenCV coordinates
_FAR = 1e5  # px; beyond, OpenCV's fixed point overflows
_FONT = cv2.FONT_HERSHEY_DUPLEX
_CAP_HEIGHT = 21.0  # px of a capital of that font at scale 1
_PRESENT = 0.5
_TINT = 0.25


def draw_poses(
    image: np.ndarray | Frame,
    poses: Sequence[Pose] | Pose,
    *,
    fps: float | None = None,
    ids: bool | None = None,
) -> UInt8[np.ndarray, "H W 3"]:
    """Draw people on a copy of an image.

    Left is orange, right is blue (the person's own sides), lines across are near white. Toward a
    hidden point bones grow thin and its core is dark; a point outside of the frame is left out
    with its bones. Circles grow toward the camera. Among several people each has an own colour for
    the lines across the body and for the label with the id. A person with a mask is tinted.

    Args:
        image: (H, W, 3) uint8 RGB, or a frame with it; not changed.
        poses: people in px of `image`, of any skeleton, also mixed; or one of them.
        fps: measured frames per second to write into the corner.
        ids: label people with their ids, in colours of their own; None: where there are several.

    Returns:
        The picture, of the size of `image`.

    Raises:
        ValueError: `image` is of another shape or dtype, or a mask of another size than `image`.
    """
    picture = _copied(image.image if isinstance(image, Frame) else image)
    poses = [poses] if isinstance(poses, Pose) else poses
    people = sorted((_Person.of(pose, picture) for pose in poses), key=lambda p: p.size)
    labelled = len(people) > 1 if ids is None else ids
    colours = [person_colour(p.pose.id) if labelled else CENTRE for p in people]
    for person in people:
        _tint(picture, person.pose.mask, person_colour(person.pose.id))
    for person, colour in zip(people, colours, strict=True):
        _draw_person(picture, person, colour)
    if labelled:
        for person, colour in zip(people, colours, strict=True):
            _label_person(picture, person, colour)
    if fps is not None:
        _write_fps(picture, fps)
    return picture


@dataclass(frozen=True, eq=False)
class _Person:
    """A pose in the numbers that drawing needs; lengths in px.

    Attributes:
        points: (K, 3), finite; x and y from the centre of the first pixel, as OpenCV counts;
            unknown depth is 0.
        drawn: (K,) what is in the frame.
        size: about the length of a thigh; of a skeleton without bones a fifth of its extent.
        width: half the width of a fully visible bone of the trunk.
    """

    pose: Pose
    points: Float64[np.ndarray, "K 3"]
    drawn: Bool[np.ndarray, " K"]
    visibility: Float64[np.ndarray, " K"]
    size: float
    width: float

    @staticmethod
    def of(pose: Pose, picture: np.ndarray) -> _Person:
        known = np.isfinite(pose.points[:, :2]).all(axis=1)
        points = pose.points.astype(np.float64).clip(-_FAR, _FAR)
        points[~np.isfinite(pose.points[:, 2]), 2] = 0
        points[~known] = np.nan
        size = _long_bone(points[look(pose.skeleton).bones]) or _extent(points) / 5
        side = max(picture.shape[:2])
        return _Person(
            pose=pose,
            points=np.nan_to_num(points) - (0.5, 0.5, 0.0),
            drawn=(pose.presence >= _PRESENT) & known,
            visibility=np.nan_to_num(pose.visibility.astype(np.float64)).clip(0, 1),
            size=size,
            width=min(max(0.024 * size, 0.8, 0.0007 * side), 0.8 + 0.02 * side),
        )


def _copied(image: np.ndarray) -> UInt8[np.ndarray, "H W 3"]:
    if not isinstance(image, np.ndarray):
        raise TypeError(
            f"draw needs an (H, W, 3) uint8 RGB array, got {type(image).__name__}: read a file by "
            "blazepose.video.read_image(path), convert other pictures by np.asarray"
        )
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(
            f"draw needs an (H, W, 3) uint8 RGB image, got {image.shape} {image.dtype}: "
            "convert it first"
        )
    return np.array(image, order="C")


def _long_bone(ends: Float64[np.ndarray, "B 2 3"]) -> float:
    """Mean length of the six longest bones: thighs, shins, sides of the trunk.

    In three dimensions, so that lines do not grow thin when somebody crouches.
    """
    lengths = np.nan_to_num(np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1))
    return float(np.sort(lengths)[-6:].mean()) if len(lengths) else 0.0


def _extent(points: Float64[np.ndarray, "K 3"]) -> float:
    """Of the known points, along the longer axis of the frame."""
    known = points[np.isfinite(points[:, 0]), :2]
    return float(np.ptp(known, axis=0).max()) if len(known) else 0.0


def _tint(picture: np.ndarray, mask: np.ndarray | None, colour: Colour) -> None:
    """Lay a quarter of the colour over the person."""
    if mask is None:
        return
    if mask.shape != picture.shape[:2]:
        raise ValueError(
            f"a mask must have the size of the image {picture.shape[:2]}, got {mask.shape}: "
            "draw a pose on the frame it was found in"
        )
    inside = (mask >= 0.5).view(np.uint8)
    x, y, w, h = cv2.boundingRect(inside)
    part = picture[y : y + h, x : x + w]
    if part.size:
        dimmed = cv2.convertScaleAbs(part, alpha=1 - _TINT)
        tinted = cv2.add(dimmed, (*(_TINT * channel for channel in colour), 0.0))
        cv2.copyTo(tinted, inside[y : y + h, x : x + w], part)


def _draw_person(picture: np.ndarray, person: _Person, centre: Colour) -> None:
    """Paint the lines across, the far side of the body, the near side, and the centre points."""
    shape, depth = look(person.pose.skeleton), person.points[:, 2]
    bones = _bones(person)
    bone_drawn = person.drawn[shape.bones].all(axis=1)
    circles = _circles(person)
    points = np.argsort(-depth)  # far to near
    points = points[person.drawn[points]]
    left_is_far = depth[shape.sides == "left"].sum() > depth[shape.sides == "right"].sum()
    _paint_bones(picture, bones[bone_drawn & (shape.bone_sides == "centre")], centre)
    for side in ("left", "right") if left_is_far else ("right", "left"):
        _paint_bones(picture, bones[bone_drawn & (shape.bone_sides == side)], SIDES[side])
        _paint_circles(picture, circles[points[shape.sides[points] == side]], SIDES[side])
    _paint_circles(picture, circles[points[shape.sides[points] == "centre"]], centre)


def _bones(person: _Person) -> Int32[np.ndarray, "B 2 4 2"]:
    """Outline and filling of every bone: four corners each, in 1/16 px.

    A bone tapers toward an end that is hidden.
    """
    shape = look(person.pose.skeleton)
    ends = person.points[shape.bones, :2]  # (B, 2, 2)
    along = ends[:, 1] - ends[:, 0]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    filling = person.width * (shape.weight * (0.22 + 0.78 * person.visibility))[shape.bones]
    half = np.stack([filling + _edge(person)[shape.bones], filling], axis=1)  # (B, 2, 2)
    shift = half[..., None] * across[:, None, None, :]  # (B, 2, 2 ends, 2)
    corners = np.concatenate([ends[:, None] + shift, (ends[:, None] - shift)[:, :, ::-1]], axis=2)
    return _fixed(corners)


def _circles(person: _Person) -> Int32[np.ndarray, "K 6"]:
    """Per keypoint x, y, radius of outline, disc and core in 1/16 px, shade of the core.

    The core is white in a visible point and dark in a hidden one; small parts have none.
    """
    weight = look(person.pose.skeleton).weight
    nearness = (-person.points[:, 2] / (1.3 * max(person.size, 1.0))).clip(-1, 1)
    disc = 0.3 + person.width * weight * (1.75 + 0.75 * nearness)
    core = np.where(weight > 0.5, 0.5 * disc, 0)
    lengths = np.stack([*person.points[:, :2].T, disc + _edge(person), disc, core], axis=1)
    shade = INK[0] + (255 - INK[0]) * person.visibility
    return np.concatenate([_fixed(lengths), shade.astype(np.int32)[:, None]], axis=1)


def _edge(person: _Person) -> Float64[np.ndarray, " K"]:
    """Width of the dark outline in px."""
    return np.maximum(0.35 * person.width * np.sqrt(look(person.pose.skeleton).weight), 0.6)


def _fixed(lengths: np.ndarray) -> Int32[np.ndarray, "..."]:
    return np.rint(lengths * (1 << _SHIFT)).astype(np.int32)


def _paint_bones(picture: np.ndarray, bones: Int32[np.ndarray, "N 2 4 2"], colour: Colour) -> None:
    for layer, ink in enumerate((INK, colour)):
        for corners in bones[:, layer]:
            cv2.fillConvexPoly(picture, corners, ink, cv2.LINE_AA, _SHIFT)


def _paint_circles(picture: np.ndarray, circles: Int32[np.ndarray, "N 6"], colour: Colour) -> None:
    for x, y, outline, disc, core, shade in circles.tolist():
        for radius, ink in ((outline, INK), (disc, colour), (core, (shade, shade, shade))):
            if radius:
                cv2.circle(picture, (x, y), radius, ink, cv2.FILLED, cv2.LINE_AA, _SHIFT)


def _label_person(picture: np.ndarray, person: _Person, colour: Colour) -> None:
    """Write the id beyond the head, seen from the body."""
    if not person.drawn.any():
        return
    body = person.points[person.drawn, :2]
    head = person.points[person.drawn & look(person.pose.skeleton).head, :2]
    top = head.mean(axis=0) if len(head) else body[body[:, 1].argmin()]
    height = max(0.011 * max(picture.shape[:2]), 2.0 * person.width, 8.0)
    up = top - body.mean(axis=0)
    up /= max(float(np.linalg.norm(up)), 1e-6)
    center = top + up * (0.4 * person.size + height)
    _write(picture, str(person.pose.id), center, height, INK, colour)


def _write_fps(picture: np.ndarray, fps: float) -> None:
    height = max(0.015 * max(picture.shape[:2]), 8.0)
    _write(picture, f"{fps:.0f} fps", np.zeros(2), height, CENTRE, INK)


def _write(
    picture: np.ndarray, text: str, center: np.ndarray, height: float, ink: Colour, ground: Colour
) -> None:
    """Write onto a pill, moved into the picture; `height` in px of a digit."""
    scale, weight = height / _CAP_HEIGHT, max(round(height / 12), 1)
    (width, _), _ = cv2.getTextSize(text, _FONT, scale, weight)
    half = np.array([width / 2 + 1.4 * height, 1.4 * height])
    size = np.array(picture.shape[1::-1])
    x, y = np.clip(center, half, np.maximum(size - half, half))
    start, stop = (round(x - width / 2), round(y)), (round(x + width / 2), round(y))
    for grow, colour in ((2, INK), (0, ground)):
        cv2.line(picture, start, stop, colour, round(2 * height) + grow, cv2.LINE_AA)
    origin = (start[0], round(y + height / 2))
    cv2.putText(picture, text, origin, _FONT, scale, ink, weight, cv2.LINE_AA)
