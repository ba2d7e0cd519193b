"""Where the images of a data set lie, and how large they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from blazepose.errors import SourceError
from blazepose.shapes import Float32
from blazepose.video.image import Photo


def image_folder(folders: Sequence[Path], names: Iterable[str | None], labels: Path) -> Path:
    """The first of the folders that holds one of the images, the likeliest image first.

    Args:
        folders: where they may be.
        names: of images of the data set; None is passed over.
        labels: file that names them, for the message.

    Raises:
        SourceError: none of the folders holds any of them.
    """
    known = [name for name in dict.fromkeys(names) if name]
    for name in known:
        for folder in folders:
            if (folder / name).is_file():
                return folder
    name = known[0] if known else "?"
    places = ", ".join(str(folder) for folder in dict.fromkeys(folders))
    more = f" or another of its {len(known)}" if len(known) > 1 else ""
    raise SourceError(
        f"{labels}: expected its image {name}{more} in one of {places}; none holds it"
    )


def size_wh(image: Path) -> Float32[np.ndarray, "2"]:
    """Width and height in px, upright, read without decoding the image.

    Raises:
        SourceError: it is missing or no image.
    """
    info = Photo(image).info
    return np.array([info.width, info.height], np.float32)
