"""Sizes of the images of a data set, read without decoding them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from blazepose.datasets import Sample
from blazepose.errors import SourceError
from blazepose.video.image import Photo


def image_sizes(
    samples: Sequence[Sample],
) -> tuple[Float32[np.ndarray, "N 2"], dict[Path, SourceError]]:
    """Width and height of each person's image, upright, in px.

    Returns:
        The sizes, NaN where an image does not open, and what is wrong with each such image.
    """
    found = {path: _size_wh(path) for path in dict.fromkeys(s.image for s in samples)}
    broken = {path: size for path, size in found.items() if isinstance(size, SourceError)}
    unknown = (np.nan, np.nan)
    rows = [unknown if s.image in broken else found[s.image] for s in samples]
    return np.array(rows, np.float32).reshape(-1, 2), broken


def _size_wh(path: Path) -> tuple[int, int] | SourceError:
    try:
        info = Photo(path).info
    except SourceError as error:
        return error
    return info.width, info.height
