"""What happens to pixels alone: light, colour, blur, noise, and things in front of the person."""

from __future__ import annotations

import cv2
import numpy as np

from blazepose.shapes import Bool, Float32, UInt8
from blazepose.train.recipe import Augment

_MAX_RECTANGLES = 3
_SIDES = (0.08, 0.4)  # of a rectangle, in parts of the crop


def vary(
    image: UInt8[np.ndarray, "S S 3"], options: Augment, rng: np.random.Generator
) -> UInt8[np.ndarray, "S S 3"]:
    """Change light and colour, blur, and add noise, each by chance."""
    if options.colour:
        image = _recoloured(image, options.colour, rng)
    if rng.random() < options.dark:
        image = _curve(image, gain=rng.uniform(0.2, 0.7), gamma=rng.uniform(1.0, 2.0))
    if rng.random() < options.blur:
        image = _blurred(image, rng)
    if rng.random() < options.noise:
        image = _noisy(image, rng)
    return image


def occlude(
    image: UInt8[np.ndarray, "S S 3"],
    points: Float32[np.ndarray, "P 2"],
    options: Augment,
    rng: np.random.Generator,
) -> tuple[UInt8[np.ndarray, "S S 3"], Bool[np.ndarray, " P"]]:
    """Put rectangles of various fill in front, by chance (paper, section 2.2).

    Returns:
        The image, and which points are behind a rectangle.
    """
    hidden = np.zeros(len(points), bool)
    if rng.random() >= options.occlude:
        return image, hidden
    image, side = image.copy(), image.shape[0]
    for _ in range(rng.integers(1, _MAX_RECTANGLES + 1)):
        width, height = (rng.uniform(*_SIDES, 2) * side).astype(int).tolist()
        x, y = rng.integers(0, side - width), rng.integers(0, side - height)
        image[y : y + height, x : x + width] = _fill(image, width, height, rng)
        low, high = np.array([[x, y], [x + width, y + height]], np.float32)
        behind = (points >= low) & (points < high)
        hidden |= behind.all(axis=1)
    return image, hidden


def _fill(
    image: UInt8[np.ndarray, "S S 3"], width: int, height: int, rng: np.random.Generator
) -> UInt8[np.ndarray, "h w 3"]:
    """One colour, noise, or another part of the same picture."""
    kind = rng.integers(3)
    if kind == 0:
        return np.broadcast_to(rng.integers(0, 256, 3, np.uint8), (height, width, 3))
    if kind == 1:
        return rng.integers(0, 256, (height, width, 3), np.uint8)
    x, y = rng.integers(0, image.shape[1] - width), rng.integers(0, image.shape[0] - height)
    return image[y : y + height, x : x + width].copy()


def _recoloured(
    image: UInt8[np.ndarray, "S S 3"], strength: float, rng: np.random.Generator
) -> UInt8[np.ndarray, "S S 3"]:
    """Brightness, contrast, saturation and white balance, as one affine map of RGB."""
    contrast, saturation = 1 + strength * rng.uniform(-1, 1, 2)
    grey = np.full((3, 3), 1 / 3)
    balance = np.diag(1 + strength / 3 * rng.uniform(-1, 1, 3))
    mix = balance @ (saturation * np.eye(3) + (1 - saturation) * grey) * contrast
    offset = 127.5 * (1 - contrast) + 127.5 * strength * rng.uniform(-1, 1)
    return cv2.transform(image, np.column_stack([mix, np.full(3, offset)]))


def _curve(
    image: UInt8[np.ndarray, "S S 3"], *, gain: float, gamma: float
) -> UInt8[np.ndarray, "S S 3"]:
    table = 255 * gain * (np.arange(256) / 255) ** gamma
    return cv2.LUT(image, table.astype(np.uint8))


def _blurred(
    image: UInt8[np.ndarray, "S S 3"], rng: np.random.Generator
) -> UInt8[np.ndarray, "S S 3"]:
    """Out of focus, moved, or enlarged from a small picture, one like the other."""
    kind = rng.integers(3)
    if kind == 0:
        return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 2.5))
    if kind == 1:
        return cv2.filter2D(image, -1, _motion(int(rng.integers(3, 12)), rng.uniform(0, 180)))
    side = image.shape[0]
    small = int(side * rng.uniform(0.2, 0.6))
    reduced = cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA)
    return cv2.resize(reduced, (side, side))


def _motion(length: int, angle_deg: float) -> np.ndarray:
    """Kernel of a straight movement during exposure; odd, so that nothing moves as a whole."""
    length |= 1
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1
    middle = ((length - 1) / 2, (length - 1) / 2)
    turned = cv2.warpAffine(
        kernel, cv2.getRotationMatrix2D(middle, angle_deg, 1.0), (length, length)
    )
    return turned / turned.sum()


def _noisy(
    image: UInt8[np.ndarray, "S S 3"], rng: np.random.Generator
) -> UInt8[np.ndarray, "S S 3"]:
    """Noise of a sensor, or traces of hard compression."""
    if rng.random() < 0.5:
        noise = rng.normal(0, rng.uniform(3, 20), image.shape).astype(np.float32)
        return np.clip(image + noise, 0, 255).astype(np.uint8)
    quality = int(rng.integers(15, 60))
    packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))
