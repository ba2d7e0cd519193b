"""Where the images of a data set lie, and how large they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blazepose.errors import SourceError
from blazepose.shapes import Float32
from blazepose.video.image import Photo


def image_folder(folders: Sequence[Path], name: str, labels: Path) -> Path:
    """The first of the folders that holds an image of this name.

    Args:
        folders: where it may be.
        name: of any image of the data set.
        labels: file that names it, for the message.

    Raises:
        SourceError: none of them holds it.
    """
    for folder in folders:
        if (folder / name).is_file():
            return folder
    places = ", ".join(str(folder) for folder in dict.fromkeys(folders))
    raise SourceError(f"{labels}: expected its image {name} in one of {places}; none holds it")


def size_wh(image: Path) -> Float32[np.ndarray, "2"]:
    """Width and height in px, upright, read without decoding the image.

    Raises:
        SourceError: it is missing or no image.
    """
    info = Photo(image).info
    return np.array([info.width, info.height], np.float32)
