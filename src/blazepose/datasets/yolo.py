"""YOLO pose labels: a text file per image, a line per person.

A line is `class cx cy w h`, then `x y v` (or `x y`) per keypoint; positions are shares of the
upright image's width and height. Labels lie as the images do, with `labels` for `images` in the
path and .txt for the suffix; an image without people may have an empty label file, or none.

A `data.yaml` may say more: `train`, `val` and `test` folders of images, `kpt_shape` (K, 2 or 3),
`kpt_names`, and `flip_idx`, each keypoint's partner when the image is mirrored. Without it the
labels are COCO's 17 keypoints. Without names a pair of `flip_idx` is taken as left and right, in
this order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from blazepose.datasets.broken import OnBroken, each, stop
from blazepose.datasets.images import size_wh
from blazepose.datasets.sample import UNLABELLED, VISIBLE, Sample, make_sample
from blazepose.datasets.yolo_config import YoloConfig, yolo_config
from blazepose.errors import SourceError
from blazepose.shapes import Float32, Float64
from blazepose.video.media import holds_image


@dataclass(frozen=True)
class _Line:
    """A line of a label file; `number` counts from 1."""

    file: Path
    number: int
    text: str
    image: Path

    @property
    def where(self) -> str:
        return f"{self.file}, line {self.number}"


def read_yolo(path: Path, *, on_broken: OnBroken = stop) -> list[Sample]:
    """All people of a YOLO pose data set: part by part, by image name, then by line.

    Args:
        path: the data set's folder or YAML file, or one of its folders of images.
        on_broken: told of a line that is no person, of a label without image and of one whose
            image does not open; left out.

    Raises:
        MissingExtraError: there is a data.yaml, and PyYAML is not installed.
        SourceError: a folder is missing, or data.yaml does not describe keypoints.
    """
    config = yolo_config(path)
    files = [pair for folder in config.folders for pair in _label_files(folder)]
    samples = []
    for found in each(files, partial(_people, config=config, on_broken=on_broken), on_broken):
        samples += found
    return samples


def label_folder(folder: Path) -> Path:
    """Where the labels lie: of a folder of images, else of a data set's folder."""
    parts = folder.parts
    if "images" not in parts or (folder / "labels").is_dir():
        return folder / "labels"
    place = len(parts) - 1 - parts[::-1].index("images")
    return Path(*parts[:place], "labels", *parts[place + 1 :])


def _label_files(images: Path) -> Iterator[tuple[Path, Path | None]]:
    """Every label file below, and its image; None where that is missing."""
    labels = label_folder(images)
    if not labels.is_dir():
        raise SourceError(f"{labels}: expected a folder of YOLO labels, found none")
    files = (p for p in sorted(images.rglob("*.*")) if p.is_file() and holds_image(p))
    known = {file.relative_to(images).with_suffix(""): file for file in files}
    for file in sorted(labels.rglob("*.txt")):
        yield file, known.get(file.relative_to(labels).with_suffix(""))


def _people(
    pair: tuple[Path, Path | None], *, config: YoloConfig, on_broken: OnBroken
) -> list[Sample]:
    file, image = pair
    texts = _texts(file)
    if not any(texts):
        return []
    if image is None:
        raise SourceError(f"{file}: expected an image {file.stem}.* in the folder of images")
    lines = [_Line(file, number, text, image) for number, text in enumerate(texts, 1) if text]
    person = partial(_person, size=size_wh(image), config=config, on_broken=on_broken)
    return list(each(lines, person, on_broken))


def _texts(file: Path) -> list[str]:
    try:
        return [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{file}: expected a text file, got {error}") from error


def _person(
    line: _Line, *, size: Float32[np.ndarray, "2"], config: YoloConfig, on_broken: OnBroken
) -> Sample:
    row = _numbers(line, 5 + config.columns * len(config.skeleton))
    center, half = row[1:3] * size, row[3:5] * size / 2
    keypoints = row[5:].reshape(-1, config.columns)
    codes = keypoints[:, 2] if config.columns == 3 else _codes(keypoints)
    return make_sample(
        line.image,
        np.column_stack([keypoints[:, :2] * size, codes]),
        config.skeleton,
        box_xyxy=np.concatenate([center - half, center + half]),
        where=line.where,
        on_broken=on_broken,
    )


def _codes(keypoints: Float64[np.ndarray, "K 2"]) -> np.ndarray:
    """Where no code is given, a negative position or (0, 0) stands for no label."""
    labelled = (keypoints >= 0).all(axis=1) & (keypoints > 0).any(axis=1)
    return np.where(labelled, VISIBLE, UNLABELLED)


def _numbers(line: _Line, count: int) -> Float64[np.ndarray, " C"]:
    try:
        row = np.array(line.text.split(), np.float64)
    except ValueError as error:
        raise SourceError(f"{line.where}: expected numbers, got {line.text[:40]!r}") from error
    if len(row) != count:
        raise SourceError(f"{line.where}: expected {count} numbers per person, got {len(row)}")
    return row
