"""The planes of decoded pictures, which tracking takes its crops from.

Making whole RGB pictures takes a third of the time of decoding. Only the kinds that most video has;
others become RGB at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange

from blazepose.pose import Planes
from blazepose.shapes import Float64, UInt8
from blazepose.video.upright import Turn

# Shares of red and blue in brightness (ITU-R BT.601, BT.709), by FFmpeg's numbers of colour spaces;
# 2, unknown, is taken for BT.601 as FFmpeg does.
_BT601, _BT709 = (0.299, 0.114), (0.2126, 0.0722)
_LEAST = 16  # brightness of black where the range is not the full one
_SHARES = {1: _BT709, 2: _BT601, 5: _BT601, 6: _BT601}


def planes_of(picture: VideoFrame, turn: Turn, rgb: Callable[[], np.ndarray]) -> Planes | None:
    """The planes of a picture, upright; None for kinds that are not known here.

    Args:
        picture: as it was decoded, with square pixels.
        turn: makes it upright.
        rgb: makes the whole picture.
    """
    shares = _SHARES.get(int(picture.colorspace))
    if shares is None or picture.format.name not in ("yuv420p", "yuvj420p"):
        return None
    is_full = picture.format.name == "yuvj420p" or picture.color_range == ColorRange.JPEG
    y, u, v = (turn(_array(plane)) for plane in picture.planes)
    least = 0 if is_full else _LEAST
    return Planes(y, u, v, _to_rgb(*shares, is_full=is_full), least, rgb)


def _array(plane: VideoPlane) -> UInt8[np.ndarray, "H W"]:
    """A view of a plane; it keeps the picture's memory."""
    rows: np.ndarray = np.asarray(memoryview(plane)).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def _to_rgb(red: float, blue: float, *, is_full: bool) -> Float64[np.ndarray, "3 4"]:
    """From brightness and colours 0..255 to RGB 0..255, by the shares of red and blue.

    Brightness is 16..235 and colours are 16..240, unless the full range is used.
    """
    green = 1 - red - blue
    matrix = np.array(
        [
            [1, 0, 2 * (1 - red)],
            [1, -2 * (1 - blue) * blue / green, -2 * (1 - red) * red / green],
            [1, 2 * (1 - blue), 0],
        ]
    )
    if not is_full:
        matrix *= np.array([255 / 219, 255 / 224, 255 / 224])
    least = np.array([0 if is_full else _LEAST, 128, 128])
    return np.column_stack([matrix, -matrix @ least])
