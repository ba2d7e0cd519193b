"""Clips and images through OpenCV, as the guides of most systems read them."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np


def frames(clip: str) -> Iterator[np.ndarray]:
    """The frames of a clip, (H, W, 3) uint8 RGB, turned upright as its metadata says."""
    capture = cv2.VideoCapture(clip)
    try:
        while True:
            more, image = capture.read()
            if not more:
                return
            yield cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    finally:
        capture.release()


def read(image: str) -> np.ndarray:
    """An image, (H, W, 3) uint8 RGB.

    Raises:
        OSError: it cannot be read.
    """
    pixels = cv2.imread(image)
    if pixels is None:
        raise OSError(f"OpenCV cannot read {image}")
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
