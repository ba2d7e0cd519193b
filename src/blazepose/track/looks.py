"""How somebody looks: the colours of what they wear, to know them again.

A histogram of colours on trunk and thighs, which show clothes from any side. In less light a colour
is less far from grey, so what counts is how far it is for its lightness; of that a few steps do.
"""

from __future__ import annotations

import cv2
import numpy as np

from blazepose.geometry import colours
from blazepose.pose import Pixels, Pose
from blazepose.shapes import Float32

_ALPHA = 0.1  # weight of a new look
_GRID = 12  # samples along each side of the trunk, and along each thigh
_BINS = (3, 12, 12)  # L, a, b
_COLOUR_SPAN = 80  # a and b of clothes, as they would be in _LIGHT, lie within +-40 of grey
_LIGHT, _DARK = 128, 64  # L, 0..255; what is darker than the second has hardly a colour
_TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_THIGHS = (("left_hip", "left_knee"), ("right_hip", "right_knee"))
_LEAST_SAMPLES = 30

Looks = Float32[np.ndarray, "L a b"]


def looks(image: Pixels, pose: Pose) -> Looks | None:
    """The histogram of somebody's colours, of sum 1; None where too little of them is in view."""
    places = _places(pose)
    height, width = image.shape[:2]
    x, y = np.floor(places).astype(int).T
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    if inside.sum() < _LEAST_SAMPLES:
        return None
    seen = colours(image, x[inside], y[inside])
    shades = cv2.cvtColor(seen[None], cv2.COLOR_RGB2LAB).astype(np.float32)
    light, hue = shades[..., :1], shades[..., 1:]
    hue -= 128
    hue *= _LIGHT / np.maximum(light, _DARK)
    reach = _COLOUR_SPAN / 2
    hue[:] = hue.clip(-reach, reach - 1)
    limits = [0, 256, -reach, reach, -reach, reach]
    counts = cv2.calcHist([shades], [0, 1, 2], None, list(_BINS), limits)
    for axis in range(3):  # a colour on the border of two bins counts for both
        counts = _spread(counts, axis)
    return (counts / counts.sum()).astype(np.float32)


def mixed(old: Looks | None, new: Looks | None) -> Looks | None:
    """What is known of somebody's looks after one look more."""
    if old is None or new is None:
        return new if old is None else old
    return old + np.float32(_ALPHA) * (new - old)


def unlikeness(one: Looks | None, other: Looks | None) -> float:
    """0 for the same colours, 1 for no colour in common; 0.5 where one is not known."""
    if one is None or other is None:
        return 0.5
    return float(np.sqrt(max(1 - np.sqrt(one * other).sum(), 0.0)))


def _places(pose: Pose) -> Float32[np.ndarray, "N 2"]:
    """Px on the trunk between the shoulders and hips, and along the thighs."""
    at = {name: pose.points[i, :2] for i, name in enumerate(pose.skeleton.names)}
    parts = []
    if all(name in at for name in _TRUNK):
        u, v = (a.reshape(-1, 1) for a in np.meshgrid(*[np.linspace(0.1, 0.9, _GRID)] * 2))
        left_top, right_top, left_low, right_low = (at[name] for name in _TRUNK)
        top, low = left_top + u * (right_top - left_top), left_low + u * (right_low - left_low)
        parts.append(top + v * (low - top))
    along = np.linspace(0.1, 0.8, _GRID)[:, None]
    for first, last in _THIGHS:
        if first in at and last in at:
            parts.append(at[first] + along * (at[last] - at[first]))
    return np.concatenate(parts or [np.zeros((0, 2))]).astype(np.float32)


def _spread(counts: np.ndarray, axis: int) -> np.ndarray:
    """Half of each bin stays, a quarter goes to either neighbour; the ends keep theirs."""
    padded = np.concatenate([counts.take([0], axis), counts, counts.take([-1], axis)], axis)
    size = counts.shape[axis]
    before, after = padded.take(range(size), axis), padded.take(range(2, size + 2), axis)
    return 0.5 * counts + 0.25 * (before + after)
