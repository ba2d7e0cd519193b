"""A folder of photos that nobody has labelled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from blazepose.datasets.sample import UNLABELLED, Sample
from blazepose.errors import SourceError
from blazepose.skeleton import BLAZEPOSE33
from blazepose.video.media import holds_image


def read_photos(folder: Path) -> list[Sample]:
    """A sample without labels for every image in a folder and below, by name.

    Raises:
        SourceError: there is none.
    """
    found = sorted(path for path in folder.rglob("*.*") if _is_photo(path))
    if not found:
        raise SourceError(f"{folder}: expected a folder with photos, got none")
    points = np.zeros((len(BLAZEPOSE33), 2), np.float32)
    nothing = np.full(len(BLAZEPOSE33), UNLABELLED, np.uint8)
    blank = Sample(found[0], points, nothing, None, BLAZEPOSE33)
    return [replace(blank, image=path) for path in found]


def _is_photo(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and holds_image(path)
