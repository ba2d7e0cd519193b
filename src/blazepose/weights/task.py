"""MediaPipe's `.task` bundles: a zip file with a detector and a landmark network.

Knows nothing of what the networks compute.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

from blazepose.aside import aside
from blazepose.errors import ModelError

_ALIGNMENT = 4  # bytes; runtimes map the members into memory as they lie in the file
_HEADER = 30  # bytes of a zip member's header before its name
_PADDING = 0xD935  # mark of an extra field that only fills up

DETECTOR = "pose_detector.tflite"
LANDMARKS = "pose_landmarks_detector.tflite"


def read_task(path: str | Path) -> dict[str, bytes]:
    """The networks in a `.task` bundle: `DETECTOR` and `LANDMARKS`, each the bytes of a .tflite.

    Raises:
        ModelError: the file cannot be read, is no zip file, or lacks one of the two.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            return {name: bundle.read(name) for name in (DETECTOR, LANDMARKS)}
    except KeyError:
        raise ModelError(
            f"{path} is no pose bundle: expected {DETECTOR} and {LANDMARKS} in it; "
            "take a pose_landmarker .task file"
        ) from None
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ModelError(
            f"{path} cannot be read as a .task bundle (a zip file): {error}; fetch it again"
        ) from error


def write_task(path: str | Path, *, detector: bytes, landmarks: bytes) -> None:
    """Write a bundle as MediaPipe wants it: stored, not compressed, and aligned.

    Args:
        path: of the .task file.
        detector: bytes of the detector's .tflite.
        landmarks: bytes of the landmark network's .tflite.

    Raises:
        OutputError: the file cannot be written.
    """
    with aside(Path(path)) as part, zipfile.ZipFile(part, "w") as bundle:
        for name, content in ((DETECTOR, detector), (LANDMARKS, landmarks)):
            info = zipfile.ZipInfo(name)
            start = bundle.start_dir + _HEADER + len(name) + 4
            info.extra = struct.pack("<HH", _PADDING, -start % _ALIGNMENT) + bytes(
                -start % _ALIGNMENT
            )
            bundle.writestr(info, content)
