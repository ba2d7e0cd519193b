"""Model names and files -> the two network files of a tracker."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from blazepose.weights import store
from blazepose.weights.task import unpack_task


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
    path = store.resolve(model)
    if path.suffix == ".task":
        return ModelFiles(*unpack_task(path))
    return ModelFiles(store.path("detector"), path)
