"""YOLO pose labels: a text file per image, a line per person.

A line is `class cx cy w h`, then `x y v` for each of COCO's 17 keypoints; positions are shares of
the upright image's width and height. The folder holds `images/` and `labels/`, files paired by
their stem; an image without people may have an empty label file, or none.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float32

from blazepose.datasets.sample import HIDDEN, UNLABELLED, VISIBLE, Sample
from blazepose.errors import SourceError
from blazepose.skeleton import COCO17

_COLUMNS = 5 + 3 * len(COCO17)


def read_yolo(folder: Path) -> list[Sample]:
    """All people of a YOLO pose folder, by image name, then in the order of the label file.

    Raises:
        SourceError: a folder is missing, a label has no image, or a line is not a person.
    """
    images = {path.stem: path for path in _files(folder / "images")}
    samples = []
    for labels in _files(folder / "labels"):
        if labels.stem not in images:
            raise SourceError(f"{labels}: expected an image {labels.stem}.* in {folder / 'images'}")
        samples += _read_people(labels, images[labels.stem])
    return samples


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise SourceError(f"{folder}: expected a folder of a YOLO data set, found none")
    return sorted(path for path in folder.iterdir() if path.is_file())


def _read_people(labels: Path, image: Path) -> list[Sample]:
    lines = [line for line in labels.read_text().splitlines() if line.strip()]
    size_wh = _size_wh(image) if lines else np.ones(2, np.float32)
    return [_person(_numbers(line, labels), image, size_wh) for line in lines]


def _person(
    row: Float32[np.ndarray, " C"], image: Path, size_wh: Float32[np.ndarray, "2"]
) -> Sample:
    center, half = row[1:3] * size_wh, row[3:5] * size_wh / 2
    keypoints = row[5:].reshape(-1, 3)
    return Sample(
        image=image,
        points=keypoints[:, :2] * size_wh,
        visible=keypoints[:, 2].astype(np.uint8),
        box_xyxy=np.concatenate([center - half, center + half]),
        skeleton=COCO17,
    )


def _numbers(line: str, labels: Path) -> Float32[np.ndarray, " C"]:
    try:
        row = np.array(line.split(), np.float32)
    except ValueError as error:
        raise SourceError(f"{labels}: expected numbers, got {line[:40]!r}") from error
    if len(row) != _COLUMNS:
        raise SourceError(f"{labels}: expected {_COLUMNS} numbers per person, got {len(row)}")
    if not np.isin(row[7::3], (UNLABELLED, HIDDEN, VISIBLE)).all():
        raise SourceError(f"{labels}: expected visibility 0, 1 or 2, got {row[7::3].tolist()}")
    return row


def _size_wh(image: Path) -> Float32[np.ndarray, "2"]:
    pixels = cv2.imdecode(np.fromfile(image, np.uint8), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise SourceError(f"{image}: expected an image, got something else")
    return np.array(pixels.shape[1::-1], np.float32)
