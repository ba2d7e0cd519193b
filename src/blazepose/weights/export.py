"""Networks into the file formats of other runtimes, and into MediaPipe's bundles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from blazepose.errors import ModelError, did_you_mean
from blazepose.nets.build import points_of
from blazepose.nets.landmark import RELEASED_POINTS, LandmarkNet
from blazepose.weights.checkpoint import Checkpoint
from blazepose.weights.coreml import export_coreml
from blazepose.weights.litert import add_normalization, export_tflite, tflite_bytes
from blazepose.weights.onnx import export_onnx
from blazepose.weights.openvino import export_openvino
from blazepose.weights.task import write_task

_WRITERS: dict[str, Callable[..., None]] = {
    "onnx": export_onnx,
    "openvino": export_openvino,
    "tflite": export_tflite,
    "coreml": export_coreml,
}  # of one network


def export(checkpoint: Checkpoint, path: Path, *, to: str, half: bool = False) -> None:
    """Write a network in one of `formats.EXPORTS`; a bundle of two is made by `export_task`.

    Args:
        checkpoint: what to write.
        path: of the file.
        to: name of the format.
        half: store weights in float16.

    Raises:
        ValueError: unknown format; the message offers near matches.
        MissingExtraError: the format's library is not installed.
        OutputError: the file cannot be written.
    """
    if to not in _WRITERS:
        raise ValueError(f"unknown format {to!r}: {did_you_mean(to, _WRITERS)}")
    _WRITERS[to](checkpoint, path, half=half)


def export_task(
    checkpoint: Checkpoint, path: Path, *, detector: Checkpoint | bytes, half: bool = False
) -> None:
    """Write a .task bundle that MediaPipe's PoseLandmarker loads.

    Args:
        checkpoint: the landmark network, with the 33 released points.
        path: of the .task file.
        detector: the person detector, or the bytes of a .tflite with it.
        half: store weights in float16.

    Raises:
        ModelError: MediaPipe cannot read the outputs of this network.
        MissingExtraError: litert-torch is not installed.
        OutputError: the file cannot be written.
    """
    fits = isinstance(checkpoint.network, LandmarkNet)
    if not fits or points_of(checkpoint.skeleton) != RELEASED_POINTS:
        raise ModelError(
            f"MediaPipe reads only lite, full and heavy with {RELEASED_POINTS} points, this is "
            f"{checkpoint.name!r} with {points_of(checkpoint.skeleton)}; export it to tflite"
        )
    if isinstance(detector, Checkpoint):
        found = tflite_bytes(detector, half=half)
    else:
        found = add_normalization(detector, mean=127.5, std=127.5)
    write_task(path, detector=found, landmarks=tflite_bytes(checkpoint, half=half))
