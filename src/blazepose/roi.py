"""Regions of interest: from what is known of a person to the square that is cropped.

Constants are MediaPipe's (modules/pose_landmark): a circle round mid-hip that holds the whole
body, turned so that the body stands upright, enlarged by a quarter.
"""

from __future__ import annotations

import math

import numpy as np

from blazepose.geometry import rotation, wrap_angle
from blazepose.pose import Detection, Roi
from blazepose.shapes import Bool, Float, Float32
from blazepose.skeleton import Skeleton

MARGIN = 1.25

# The circle reaches this much farther than the farthest labelled joint: median over 202 people of
# LSP 1..300 whom the released Heavy network sees as they are labelled (quartiles 1.06 and 1.14).
_REACH = 1.10


def whole_image(width: int, height: int, *, angle_rad: float = 0.0) -> Roi:
    """The smallest square that holds the whole image in any quarter turn (a letterbox)."""
    return Roi((width / 2, height / 2), float(max(width, height)), angle_rad)


def apart(one: Roi, other: Roi) -> tuple[float, float, float]:
    """How far apart two regions are.

    Returns:
        The way between their centres in parts of the first one's side, by how much the larger is
        larger (1: alike), and the turn between them, 0..pi rad.
    """
    return (
        math.dist(one.center_xy, other.center_xy) / one.size,
        max(other.size / one.size, one.size / other.size),
        abs(wrap_angle(other.angle_rad - one.angle_rad)),
    )


def tiles(width: int, height: int, *, count: int, overlap: float = 0.25) -> list[Roi]:
    """Square tiles that cover the image, for people too small to be seen in the whole.

    Args:
        width: of the image in px.
        height: of the image in px.
        count: tiles along the longer side; at least 2.
        overlap: share of a tile that the next one covers again.
    """
    size = max(width, height) / (count - (count - 1) * overlap)
    rows, columns = _tile_centres(height, size, overlap), _tile_centres(width, size, overlap)
    return [Roi((x, y), size) for y in rows for x in columns]


def from_detection(detection: Detection) -> Roi:
    """Alignment mode: mid-hip is the centre, the full-body circle gives size and turn.

    Box mode for a detector that gives only the person's box.

    Source: MediaPipe AlignmentPointsRectsCalculator and RectTransformationCalculator.
    """
    center, rim = detection.points[:2]
    if np.isnan([center, rim]).any():
        return from_box(detection.box_xyxy)
    return from_circle(center, rim)


def from_circle(
    center: Float[np.ndarray, "2"], rim: Float[np.ndarray, "2"], *, margin: float = MARGIN
) -> Roi:
    """Square round a circle: `center` is mid-hip, `rim` the circle's point above the head (px).

    The landmark network predicts both as its auxiliary points 33 and 34, for the next frame.
    """
    dx, dy = (float(v) for v in rim - center)
    angle = wrap_angle(math.pi / 2 - math.atan2(-dy, dx))
    size = max(2 * math.hypot(dx, dy) * margin, 1.0)
    return Roi((float(center[0]), float(center[1])), size, angle)


def circle(roi: Roi, *, margin: float = MARGIN) -> Float32[np.ndarray, "2 2"]:
    """Centre and rim of the circle that a region is the square of; inverse of `from_circle`."""
    up = rotation(roi.angle_rad) @ np.array([0, -roi.size / (2 * margin)], np.float32)
    center = np.array(roi.center_xy, np.float32)
    return np.stack([center, center + up])


def in_mirror(roi: Roi) -> Roi:
    """The region in an image that is mirrored at its left edge; its own inverse."""
    x, y = roi.center_xy
    return Roi((-x, y), roi.size, -roi.angle_rad)


def from_keypoints(
    points: Float[np.ndarray, "K 2"],
    labelled: Bool[np.ndarray, " K"],
    skeleton: Skeleton,
    *,
    margin: float = MARGIN,
) -> Roi | None:
    """The region that alignment gives to labelled keypoints (paper, section 2.2).

    Mid-hip in the centre, the line from there to mid-shoulder upright, the circle round all
    labelled keypoints. One hip or one shoulder stands for both where the other is not labelled.

    Args:
        points: px.
        labelled: which of them count.
        skeleton: their names.
        margin: as for `from_circle`.

    Returns:
        None where neither hip, or neither shoulder, is labelled or in the skeleton, or they fall
        together.
    """
    middles = [_middle(points, labelled, skeleton, part) for part in ("hip", "shoulder")]
    if middles[0] is None or middles[1] is None:
        return None
    hip, trunk = middles[0], middles[1] - middles[0]
    length = float(np.linalg.norm(trunk))
    if not length:
        return None
    reach = _REACH * float(np.linalg.norm(points[labelled] - hip, axis=1).max())
    return from_circle(hip, hip + trunk * (reach / length), margin=margin)


def from_points(points: Float[np.ndarray, "N 2"], *, margin: float = MARGIN) -> Roi:
    """Box mode for points of a body without hips or shoulders: the upright square round them.

    The body reaches beyond its points as `from_keypoints` takes it to.
    """
    box_xyxy = np.concatenate([points.min(axis=0), points.max(axis=0)])
    return from_box(box_xyxy, margin=_REACH * margin)


def from_box(box_xyxy: Float[np.ndarray, "4"], *, margin: float = MARGIN) -> Roi:
    """Box mode: the square on the longer side of a person box, upright."""
    x0, y0, x1, y1 = (float(v) for v in box_xyxy)
    return Roi(((x0 + x1) / 2, (y0 + y1) / 2), max(x1 - x0, y1 - y0, 1.0) * margin)


def as_sampled_by_mediapipe(roi: Roi, size: int) -> Roi:
    """The region whose exact crop shows the pixels that MediaPipe's crop of `roi` shows.

    MediaPipe warps between corner coordinates as if they were pixel indices (image_to_tensor with
    OpenCV), so its crops lie half a crop pixel less half a frame pixel off. The released networks
    are used as they are there: landmarks agree with it to 0.5 % of the torso instead of 1 %.

    Args:
        roi: where landmarks are mapped back to.
        size: side of the crop in px.
    """
    half = rotation(roi.angle_rad) @ np.full(2, 0.5 * roi.size / size, np.float32)
    x, y = (float(v) for v in np.array(roi.center_xy, np.float32) + np.float32(0.5) - half)
    return Roi((x, y), roi.size, roi.angle_rad)


def _middle(
    points: Float[np.ndarray, "K 2"],
    labelled: Bool[np.ndarray, " K"],
    skeleton: Skeleton,
    part: str,
) -> Float[np.ndarray, "2"] | None:
    """Mean of the labelled ones of a left-right pair; None where none is."""
    pair = (f"left_{part}", f"right_{part}")
    known = [i for i, name in enumerate(skeleton.names) if name in pair and labelled[i]]
    return points[known].mean(axis=0) if known else None


def _tile_centres(length: int, size: float, overlap: float) -> list[float]:
    """Evenly spread centres of as few tiles of `size` as cover `length` with the overlap."""
    if length <= size:
        return [length / 2]
    count = math.ceil((length - size) / (size * (1 - overlap)) - 1e-6) + 1
    return [float(c) for c in np.linspace(size / 2, length - size / 2, count)]
