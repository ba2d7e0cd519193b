"""Pixels, crops and angles: the one place that knows the pixel convention.

Corner convention: (0, 0) is the outer corner of the first pixel and (W, H) that of the last, so
pixel column i has its centre at i + 0.5, and a crop of side S maps the region's corners to (0, 0)
and (S, S). Angles turn clockwise on the screen, because y points down.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from blazepose.pose import Pixels, Planes, Roi
from blazepose.shapes import Float, Float32, Int, UInt8

BORDERS = {"black": cv2.BORDER_CONSTANT, "replicate": cv2.BORDER_REPLICATE}


def wrap_angle(angle_rad: float) -> float:
    """The same angle in [-pi, pi)."""
    return (angle_rad + math.pi) % (2 * math.pi) - math.pi


def rotation(angle_rad: float) -> Float32[np.ndarray, "2 2"]:
    """Matrix that turns column vectors clockwise on the screen."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, -s], [s, c]], np.float32)


def crop(
    image: Pixels, roi: Roi, size: int, *, border: str = "replicate"
) -> UInt8[np.ndarray, "{size} {size} 3"]:
    """Cut out a region, turned upright and scaled to a square of `size` pixels.

    Args:
        image: any channel order; planes give RGB.
        roi: where, in px of `image`; may reach over the edge.
        size: side of the result in px.
        border: what lies outside the image: "black" or "replicate" (the nearest pixel).
    """
    if not isinstance(image, Planes):
        return _warped(image, roi, size, border)
    half = Roi((roi.center_xy[0] / 2, roi.center_xy[1] / 2), roi.size / 2, roi.angle_rad)
    y = _warped(image.y, roi, size, border, black=image.black)
    colours = [
        cv2.resize(_warped(plane, half, size // 2, border, black=128), (size, size))
        for plane in (image.u, image.v)
    ]
    return cv2.transform(cv2.merge([y, *colours]), image.to_rgb)


def colours(
    image: Pixels, x: Int[np.ndarray, " N"], y: Int[np.ndarray, " N"]
) -> UInt8[np.ndarray, "N 3"]:
    """RGB of some pixels, by their column and row."""
    if not isinstance(image, Planes):
        return image[y, x]
    half = y // 2, x // 2
    yuv = np.stack([image.y[y, x], image.u[half], image.v[half]], axis=1)
    return cv2.transform(yuv[None], image.to_rgb)[0]


def _warped(
    image: UInt8[np.ndarray, "H W ..."], roi: Roi, size: int, border: str, *, black: int = 0
) -> UInt8[np.ndarray, "{size} {size} ..."]:
    return cv2.warpAffine(
        image,
        _pixel_centres(crop_matrix(roi, size)),
        (size, size),
        flags=cv2.INTER_LINEAR,
        borderMode=BORDERS[border],
        borderValue=black,
    )


def uncrop(
    patch: Float32[np.ndarray, "S S"], roi: Roi, size_wh: tuple[int, int]
) -> Float32[np.ndarray, "H W"]:
    """Lay a map of the region (a mask) back onto a frame; 0 outside the region."""
    matrix = _pixel_centres(crop_matrix(roi, patch.shape[0]))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(patch, matrix, size_wh, flags=flags)


def crop_points(
    points: Float[np.ndarray, "*N 2"], roi: Roi, size: float = 1.0
) -> Float32[np.ndarray, "*N 2"]:
    """Frame px to px of the crop of side `size` (to 0..1 by default)."""
    centred = np.asarray(points, np.float32) - np.array(roi.center_xy, np.float32)
    return centred @ rotation(roi.angle_rad) * np.float32(size / roi.size) + np.float32(size / 2)


def uncrop_points(
    points: Float[np.ndarray, "*N 2"], roi: Roi, size: float = 1.0
) -> Float32[np.ndarray, "*N 2"]:
    """Px of the crop of side `size` (0..1 by default) to frame px; inverse of `crop_points`."""
    centred = np.asarray(points, np.float32) - np.float32(size / 2)
    turned = centred @ rotation(roi.angle_rad).T * np.float32(roi.size / size)
    return turned + np.array(roi.center_xy, np.float32)


def crop_matrix(roi: Roi, size: float) -> np.ndarray:
    """(2, 3) float64, the affine map of `crop_points`."""
    scale = size / roi.size
    c, s = math.cos(roi.angle_rad) * scale, math.sin(roi.angle_rad) * scale
    x, y = roi.center_xy
    return np.array([[c, s, size / 2 - c * x - s * y], [-s, c, size / 2 + s * x - c * y]])


def _pixel_centres(matrix: np.ndarray) -> np.ndarray:
    """The same map between pixel indices, whose origin is the centre of the first pixel."""
    shifted = matrix.copy()
    shifted[:, 2] += 0.5 * (matrix[:, 0] + matrix[:, 1]) - 0.5
    return shifted
