"""Sizes of the images of a data set, and which of them do not open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from blazepose.datasets import Sample
from blazepose.datasets.images import size_wh
from blazepose.errors import SourceError
from blazepose.shapes import Float32
from blazepose.video import read_image

Progress: TypeAlias = Callable[[int, int], None]  # done, in all


def image_sizes(
    samples: Sequence[Sample],
    *,
    decode: bool = False,
    progress: Progress = lambda done, total: None,
) -> tuple[Float32[np.ndarray, "N 2"], dict[Path, SourceError]]:
    """Width and height of each person's image, upright, in px.

    Args:
        samples: people; several may share an image.
        decode: open every image completely, which takes some ms each, instead of reading its head;
            an image that is cut is noticed only so.
        progress: called after each image.

    Returns:
        The sizes, NaN where an image does not open, and what is wrong with each such image.
    """
    paths = list(dict.fromkeys(sample.image for sample in samples))
    found: dict[Path, Float32[np.ndarray, "2"]] = {}
    broken: dict[Path, SourceError] = {}
    for done, path in enumerate(paths, 1):
        size = _size(path, decode)
        if isinstance(size, SourceError):
            broken[path], size = size, np.full(2, np.nan, np.float32)
        found[path] = size
        progress(done, len(paths))
    return np.array([found[s.image] for s in samples], np.float32).reshape(-1, 2), broken


def _size(path: Path, decode: bool) -> Float32[np.ndarray, "2"] | SourceError:
    try:
        if not decode:
            return size_wh(path)
        height, width, _ = read_image(path).shape
    except SourceError as error:
        return error
    return np.array([width, height], np.float32)
