"""Model names and files -> the two network files of a tracker."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from blazepose.aside import aside
from blazepose.weights import store
from blazepose.weights.task import DETECTOR, LANDMARKS, read_task


@dataclass(frozen=True)
class ModelFiles:
    """Files of the detector and the landmark network."""

    detector: Path
    landmarks: Path


def model_files(model: str | PathLike[str]) -> ModelFiles:
    """Files for a model; a released one is fetched on its first use.

    Args:
        model: "lite", "full", "heavy", a landmark network's file, or a .task bundle of both.

    Raises:
        ModelError: unknown name, missing file, or a .task without the two networks.
        DownloadError: a released model that no source gives.
    """
    path = store.resolve(Path(model) if isinstance(model, PathLike) else model)
    if path.suffix != ".task":
        return ModelFiles(store.path("detector"), path)
    members = read_task(path)
    return ModelFiles(_unpacked(members[DETECTOR]), _unpacked(members[LANDMARKS]))


def _unpacked(network: bytes) -> Path:
    """A bundled .tflite as a file in the cache, because runtimes read files."""
    path = store.cache_dir() / f"{hashlib.sha256(network).hexdigest()}.tflite"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside(path) as part:
            part.write_bytes(network)
    return path
