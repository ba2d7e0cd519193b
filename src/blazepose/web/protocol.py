"""Messages of a visitor -> checked values. Knows neither sockets nor networks.

A binary message is a picture: the number that its answer will carry (uint32), the time at which it
was taken in seconds (float64), both big-endian, then a JPEG. A text message is JSON and begins a
clip: `{"type": "start", "exercise": "squat"}`.
"""

from __future__ import annotations

import io
import json
import math
import struct
from dataclasses import dataclass

import numpy as np
from PIL import JpegImagePlugin

from blazepose.shapes import UInt8
from blazepose.web.options import Limits, check_exercise

HEADER = struct.Struct("!Id")
# Close codes of RFC 6455 section 7.4.1 and of its registry.
MALFORMED, REFUSED, TOO_BIG, UNABLE, FULL = 1007, 1008, 1009, 1011, 1013
IDLE = 4000  # from the range for private use

_LONGEST_TEXT = 200  # characters
_LATEST_S = 1e9


class VisitError(Exception):
    """Why the server ends a visit: a line for the visitor and a close code."""

    def __init__(self, message: str, *, code: int = MALFORMED) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Shot:
    """A picture as it came.

    Attributes:
        sequence: the visitor's number for it.
        time_s: when it was taken, by the clock of the camera or the clip.
        jpeg: not looked into yet.
    """

    sequence: int
    time_s: float
    jpeg: bytes


@dataclass(frozen=True)
class Start:
    """A clip begins: forget everybody and count this exercise from zero."""

    exercise: str


def read_message(message: str | bytes, *, limits: Limits) -> Shot | Start:
    """What a visitor says.

    Raises:
        VisitError: anything that the page would not send.
    """
    return _read_shot(message, limits) if isinstance(message, bytes) else _read_start(message)


def decode_jpeg(jpeg: bytes, *, limits: Limits) -> UInt8[np.ndarray, "H W 3"]:
    """A visitor's picture, which may be anything.

    The size is read before any pixel is. Progressive files are refused: a small one can hold
    thousands of passes over the picture.

    Returns:
        (H, W, 3) uint8 RGB. Turn marks (EXIF) are not looked at, as no canvas writes them.

    Raises:
        VisitError: no JPEG, damaged, or of too many pixels.
    """
    try:
        # Not Image.open, which warns of large sizes before they can be refused here.
        with JpegImagePlugin.JpegImageFile(io.BytesIO(jpeg)) as image:
            _check(image, limits)
            return np.array(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError) as error:
        raise VisitError("expected a picture as JPEG, got something else or a part") from error


def _check(image: JpegImagePlugin.JpegImageFile, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.frame_px:
        most = f"expected a picture of at most {limits.frame_px} pixels"
        raise VisitError(f"{most}, got {width} x {height}: make it smaller", code=TOO_BIG)
    if image.info.get("progressive"):
        raise VisitError("expected a baseline JPEG, got a progressive one")


def _read_shot(message: bytes, limits: Limits) -> Shot:
    if len(message) > HEADER.size + limits.frame_bytes:
        most = f"expected a picture of at most {limits.frame_bytes} bytes"
        raise VisitError(f"{most}, got {len(message)}: make it smaller", code=TOO_BIG)
    if len(message) <= HEADER.size:
        raise VisitError(f"expected number, time and picture, got {len(message)} bytes")
    sequence, time_s = HEADER.unpack_from(message)
    if not (math.isfinite(time_s) and abs(time_s) <= _LATEST_S):
        raise VisitError(f"expected a time in seconds, got {time_s}")
    return Shot(sequence, time_s, message[HEADER.size :])


def _read_start(message: str) -> Start:
    if len(message) > _LONGEST_TEXT:
        raise VisitError(f"expected a short message, got {len(message)} characters", code=TOO_BIG)
    try:
        content = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise VisitError("expected JSON, got another text") from error
    if not isinstance(content, dict) or content.get("type") != "start":
        raise VisitError('expected {"type": "start", "exercise": ...}, got something else')
    exercise = content.get("exercise")
    if not isinstance(exercise, str):
        raise VisitError("expected the name of an exercise, got something else")
    try:
        return Start(check_exercise(exercise))
    except ValueError as error:
        raise VisitError(str(error)) from error
