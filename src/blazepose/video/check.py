"""The check on pictures that come from the user as arrays.

Knows NumPy alone, so that it costs microseconds and imports nothing heavy.
"""

from __future__ import annotations

import numpy as np

from blazepose.shapes import UInt8

_EXPECTED = "expected an RGB image as NumPy array (H, W, 3) of uint8 with H and W at least 1"


def as_rgb(image: object) -> UInt8[np.ndarray, "H W 3"]:
    """The image itself, contiguous, if it is one that the package works on.

    The order of the channels cannot be seen in an array: what OpenCV reads is BGR and has to be
    turned first, `cv2.cvtColor(image, cv2.COLOR_BGR2RGB)`.

    Args:
        image: (H, W, 3) uint8 RGB, H and W at least 1. A contiguous array is not copied.

    Raises:
        TypeError: not an array, or not of uint8.
        ValueError: an array of another shape, or one that holds NaN.
    """
    if not isinstance(image, np.ndarray):
        raise TypeError(f"{_EXPECTED}, got {type(image).__name__}: {_advice_for_object(image)}")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"{_EXPECTED}, got {_seen(image)}: {_advice_for_shape(image)}")
    if image.dtype != np.uint8:
        if image.dtype.kind == "f" and np.isnan(image).any():
            raise ValueError(
                f"{_EXPECTED}, got {_seen(image)} with NaN in it: find where they arise"
            )
        raise TypeError(f"{_EXPECTED}, got {_seen(image)}: {_advice_for_dtype(image)}")
    return np.ascontiguousarray(image)


def _seen(image: np.ndarray) -> str:
    return f"{image.shape} {image.dtype}"


def _advice_for_object(image: object) -> str:
    if isinstance(image, str | bytes) or hasattr(image, "__fspath__"):
        return (
            "read the file first, blazepose.frames(path) for the frames of a video, "
            "blazepose.video.read_image(path) for a picture"
        )
    return "convert it with np.asarray(image)"


def _advice_for_shape(image: np.ndarray) -> str:
    if image.size == 0:
        return "it is empty; was the file read, is the crop inside the picture?"
    if image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 1):
        return (
            "a grey image has to be repeated, np.repeat(image.reshape(*image.shape[:2], 1), 3, 2)"
        )
    if image.ndim == 3 and image.shape[2] == 4:
        return "drop the alpha channel, image[..., :3]"
    if image.ndim == 3 and image.shape[0] == 3:
        return "put the channels last, image.transpose(1, 2, 0)"
    if image.ndim == 4:
        return "give one image at a time"
    return "bring it into that shape"


def _advice_for_dtype(image: np.ndarray) -> str:
    kind = image.dtype.kind
    if kind == "f" and image.min() >= 0 and image.max() <= 1:
        return "from 0..1 take (image * 255).round().astype(np.uint8)"
    if image.dtype == np.uint16:
        return "from 0..65535 take (image >> 8).astype(np.uint8)"
    if kind == "b":
        return "take image.astype(np.uint8) * 255"
    return "scale it to 0..255 and take image.astype(np.uint8)"
