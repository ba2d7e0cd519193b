"""MediaPipe's `.task` bundles: a zip file with a detector and a landmark network.

Knows nothing of what the networks compute.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from blazepose.errors import ModelError

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
