"""What a body does at a moment, in numbers that no camera distance and no body size changes.

The vocabulary in which exercises are written down (`exercises`): angles in degrees, heights in
limb lengths, and where feet, hands and hips are in the picture. Up is the picture's up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from blazepose.coach.angles import JOINT_ANGLES, TRUNK, between, joint_angles, places, sureness
from blazepose.errors import did_you_mean
from blazepose.pose import Pose
from blazepose.shapes import Bool, Float64
from blazepose.skeleton import Skeleton

# A hidden joint is still estimated, and what it does shows in a repetition, so counting looks at
# it with its small weight; remarks do not.
GUESSED = 0.2

_SIDED = ("hip_height", "hand_height", "foot_pitch", "bend")
_CENTRE = (TRUNK, "split", "feet_apart", "knees_apart", "facing")
_SPOTS = tuple(f"{part}_{axis}" for part in ("ankle", "wrist", "hip") for axis in "xy")

MEASURES = (
    *JOINT_ANGLES,
    *(f"{side}_{name}" for name in _SIDED for side in ("left", "right")),
    *_CENTRE,
    *_SPOTS,
    "scale",
)
"""Names of all measures, in the order of `measured`.

knee, hip, elbow, shoulder, ankle, trunk: see `Angles`.
hip_height: of the hip above the ankle, in leg lengths: 1 standing, 0.5 thighs level.
hand_height: of the wrist above the shoulder, in arm lengths: 1 overhead, -1 hanging.
foot_pitch: degrees the heel is above the toes.
bend: degrees the hip is off the line from shoulder to ankle, above it positive (pike), below it
    negative (sag).
split: degrees between the hip angles of both sides.
feet_apart: distance of the ankles along the line of the hips, in leg lengths.
knees_apart: distance of the knees along the line of the hips, in parts of that of the ankles.
facing: 1 when hips and shoulders are seen from the front or back, 0 from the side.
ankle_x, ..., hip_y: middle of both sides in the picture, px; x right, y down.
scale: px of a metre at the body; it trembles, so ways in px are divided by its median.
"""

_DEGREES = {*(name.split("_")[1] for name in JOINT_ANGLES), TRUNK, "foot_pitch", "bend", "split"}
_UNITS = {
    "hip_height": "leg lengths",
    "hand_height": "arm lengths",
    "feet_apart": "leg lengths",
    "knees_apart": "of the feet's distance",
}
_INDEX = {name: place for place, name in enumerate(MEASURES)}
_PARTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
_TORSO_M = 0.5  # mid-hip to mid-shoulder of an adult, where the network tells no metres
_TOUCHING_M = 0.08
_TINY = 1e-9

Measure = Float64[np.ndarray, "2 T N"]  # values, and below them how sure they are, 0..1
Sides = Float64[np.ndarray, "T 2"]  # left and right


@dataclass(frozen=True, eq=False)
class Moment:
    """A body in one frame.

    Attributes:
        frame: index in the clip, from 0.
        time_s: seconds.
        values: (M,) of `MEASURES`; NaN where they cannot be known.
        confidence: (M,) 0..1.
    """

    frame: int
    time_s: float
    values: Float64[np.ndarray, " M"]
    confidence: Float64[np.ndarray, " M"]


def columns(name: str) -> tuple[int, ...]:
    """Where a measure is: left and right, or the one place of a measure without sides.

    Raises:
        ValueError: there is no such measure; the message has near matches.
    """
    if name in _INDEX:
        return (_INDEX[name],)
    if f"left_{name}" not in _INDEX:
        plain = dict.fromkeys(known.removeprefix("left_") for known in MEASURES)
        both = [known for known in plain if not known.startswith("right_")]
        raise ValueError(f"unknown measure {name!r}: {did_you_mean(name, both)}")
    return _INDEX[f"left_{name}"], _INDEX[f"right_{name}"]


def columns_of(name: str, side: str) -> tuple[int, ...]:
    """As `columns`, but of one side, "left" or "right", where there are two; "" is both."""
    where = columns(name)
    if not side or len(where) == 1:
        return where
    return where[:1] if side == "left" else where[1:]


def unit_of(name: str) -> str:
    """Unit of a measure without its side, as reports write it; "" for a plain number."""
    return "deg" if name in _DEGREES else _UNITS.get(name, "")


def measured(
    poses: Sequence[Pose],
) -> tuple[Float64[np.ndarray, "T M"], Float64[np.ndarray, "T M"]]:
    """All measures of T poses of one skeleton, T > 0.

    Returns:
        Values, NaN where they cannot be known, and confidences 0..1, both in the order of
        `MEASURES`. A pose without depth is measured in the picture alone.
    """
    points = poses[0].skeleton
    sure = np.stack([sureness(pose) for pose in poses])
    world = np.stack([pose.world for pose in poses]).astype(np.float64)
    image = np.stack([pose.points[:, :2] for pose in poses]).astype(np.float64)
    scale = _px_per_m(image, world, points)
    picture = np.concatenate([image, np.zeros_like(image[..., :1])], axis=-1)
    flat = picture / scale[:, None, None]
    deep = np.isfinite(world).any(axis=(1, 2), keepdims=True)
    angles = joint_angles(np.where(deep, world, flat), sure, skeleton=points, seen=0.0)
    joints = np.stack((angles.degrees, angles.confidence))
    body = _body(np.where(deep, world, flat), sure, points)
    spots = _body(picture, sure, points)
    groups = (
        joints[..., :-1],
        *(_hip_height(body), _hand_height(body), _foot_pitch(body), _bend(body)),
        joints[..., -1:],
        *(_split(joints), _feet_apart(body), _knees_apart(body), _facing(body)),
        *(_spot(spots, part) for part in ("ankle", "wrist", "hip")),
        _one(scale, sure.max(axis=1, keepdims=True)),
    )
    values, confidence = np.concatenate(groups, axis=-1)
    confidence = np.where(np.isfinite(values), confidence, 0.0)
    return np.where(confidence >= GUESSED, values, np.nan), confidence


@dataclass(frozen=True, eq=False)
class _Body:
    """Left and right of each part: (T, 2, 3) m, y down, and (T, 2) how sure they are."""

    at: dict[str, Float64[np.ndarray, "T 2 3"]]
    sure: dict[str, Sides]

    def bone(self, start: str, end: str) -> Float64[np.ndarray, "T 2 3"]:
        return self.at[end] - self.at[start]

    def length(self, *chain: str) -> Sides:
        lengths = [np.linalg.norm(self.bone(*ends), axis=-1) for ends in pairwise(chain)]
        return np.maximum(np.sum(lengths, axis=0), _TINY)

    def least(self, *parts: str) -> Sides:
        return np.min([self.sure[part] for part in parts], axis=0)

    def across(self, part: str) -> Float64[np.ndarray, " T"]:
        """How far the right is from the left, along the line of the hips, m."""
        line, gap = (self.at[p][:, 1] - self.at[p][:, 0] for p in ("hip", part))
        return (gap * line).sum(axis=-1) / np.maximum(np.linalg.norm(line, axis=-1), _TINY)


def _body(
    points: Float64[np.ndarray, "T K 3"], sure: Float64[np.ndarray, "T K"], skeleton: Skeleton
) -> _Body:
    names = tuple(f"{side}_{part}" for part in _PARTS for side in ("left", "right"))
    where = places(skeleton, names).reshape(-1, 2)
    at = np.concatenate([points, np.full_like(points[:, :1], np.nan)], axis=1)
    known = np.concatenate([sure, np.zeros_like(sure[:, :1])], axis=1)
    rows = list(zip(_PARTS, where, strict=True))
    return _Body({p: at[:, row] for p, row in rows}, {p: known[:, row] for p, row in rows})


def _px_per_m(
    image: Float64[np.ndarray, "T K 2"], world: Float64[np.ndarray, "T K 3"], skeleton: Skeleton
) -> Float64[np.ndarray, " T"]:
    """How large a metre is in the picture, by the spread of all points."""
    known = np.isfinite(image).all(axis=2) & np.isfinite(world[..., :2]).all(axis=2)
    metres = _spread(world[..., :2], known)
    ends = image[:, places(skeleton, ("left_shoulder", "left_hip"))]
    torso = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=-1) / _TORSO_M
    spread = _spread(image, known) / np.maximum(metres, _TINY)
    return np.maximum(np.where(metres > 0, spread, torso), _TINY)


def _spread(
    points: Float64[np.ndarray, "T K 2"], known: Bool[np.ndarray, "T K"]
) -> Float64[np.ndarray, " T"]:
    """Distance of the known points from their mean, in the quadratic mean; 0 without any."""
    count = np.maximum(known.sum(axis=1), 1)
    kept = np.where(known[..., None], points, 0.0)
    off = np.where(known[..., None], kept - (kept.sum(axis=1) / count[:, None])[:, None], 0.0)
    return np.sqrt((off**2).sum(axis=(1, 2)) / count)


def _hip_height(body: _Body) -> Measure:
    return _height(body, "hip", "ankle", limb=("hip", "knee", "ankle"))


def _hand_height(body: _Body) -> Measure:
    return _height(body, "wrist", "shoulder", limb=("shoulder", "elbow", "wrist"))


def _height(body: _Body, part: str, above: str, *, limb: tuple[str, ...]) -> Measure:
    rise = -body.bone(above, part)[..., 1]
    return np.stack((rise / body.length(*limb), body.least(*limb)))


def _foot_pitch(body: _Body) -> Measure:
    sole = body.bone("heel", "foot_index")
    pitch = np.degrees(np.arctan2(sole[..., 1], np.linalg.norm(sole[..., ::2], axis=-1)))
    return np.stack((pitch, body.least("heel", "foot_index")))


def _bend(body: _Body) -> Measure:
    line, trunk, legs = (
        body.bone(*ends) for ends in (("shoulder", "ankle"), ("shoulder", "hip"), ("hip", "ankle"))
    )
    share = (trunk * line).sum(axis=-1) / np.maximum((line**2).sum(axis=-1), _TINY)
    above = share * line[..., 1] - trunk[..., 1]
    return np.stack((np.sign(above) * between(trunk, legs), body.least("shoulder", "hip", "ankle")))


def _split(joints: Float64[np.ndarray, "2 T A"]) -> Measure:
    hips = joints[..., [JOINT_ANGLES.index(f"{side}_hip") for side in ("left", "right")]]
    return _one(np.abs(hips[0, :, 0] - hips[0, :, 1]), hips[1])


def _feet_apart(body: _Body) -> Measure:
    leg = body.length("hip", "knee", "ankle").mean(axis=-1)
    return _one(np.abs(body.across("ankle")) / leg, body.least("hip", "knee", "ankle"))


def _knees_apart(body: _Body) -> Measure:
    # Feet that touch say nothing about the knees.
    feet = np.abs(body.across("ankle"))
    apart = np.where(feet > _TOUCHING_M, body.across("knee") / np.maximum(feet, _TINY), np.nan)
    return _one(np.abs(apart), body.least("hip", "knee", "ankle"))


def _facing(body: _Body) -> Measure:
    hips, shoulders = (body.at[part][:, 1] - body.at[part][:, 0] for part in ("hip", "shoulder"))
    line = hips + shoulders
    width = np.maximum(np.linalg.norm(line, axis=-1), _TINY)
    return _one(np.abs(line[:, 0]) / width, body.least("hip", "shoulder"))


def _spot(body: _Body, part: str) -> Measure:
    middle = body.at[part].mean(axis=1)[:, :2]
    return np.stack((middle, np.repeat(body.sure[part].max(axis=1, keepdims=True), 2, axis=1)))


def _one(value: Float64[np.ndarray, " T"], sure: Float64[np.ndarray, "T S"]) -> Measure:
    """A measure without sides, as sure as the side that is seen worse."""
    return np.stack((value, sure.min(axis=-1)))[..., None]
