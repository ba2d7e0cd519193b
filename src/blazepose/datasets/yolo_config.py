"""data.yaml of a YOLO pose data set: where its images lie and what its keypoints are."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from blazepose.errors import MissingExtraError, SourceError
from blazepose.skeleton import COCO17, Skeleton, usual_names

_PARTS = ("train", "val", "test")
_LEVELS = 3  # above a folder of images, where its data.yaml may lie

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class YoloConfig:
    """What a YOLO pose data set says of itself.

    Attributes:
        folders: of images, part by part.
        skeleton: of the keypoints.
        columns: numbers per keypoint, 2 or 3.
    """

    folders: tuple[Path, ...]
    skeleton: Skeleton = COCO17
    columns: int = 3


def yolo_config(path: Path) -> YoloConfig:
    """What is known of a data set.

    Args:
        path: its YAML file, its folder, or one of its folders of images.

    Raises:
        MissingExtraError: there is a YAML file, and PyYAML is not installed.
        SourceError: a folder is missing, or the file does not describe keypoints.
    """
    if path.is_file():
        return _described(path)
    if (path / "data.yaml").is_file():
        return _described(path / "data.yaml")
    images = path / "images"
    if not images.is_dir() and "images" in path.parts:
        images = path
    if not images.is_dir():
        raise SourceError(
            f"{path}: expected a folder of a YOLO data set with data.yaml or images/, found neither"
        )
    if (above := _above(images)) is not None:  # a part of a data set, which says what it is
        return replace(_described(above), folders=(images,))
    return YoloConfig((images,))


def _above(images: Path) -> Path | None:
    """The data.yaml of the data set that a folder of images belongs to."""
    folders = list(itertools.islice(images.resolve().parents, _LEVELS))
    return next((f / "data.yaml" for f in folders if (f / "data.yaml").is_file()), None)


def _described(file: Path) -> YoloConfig:
    content = _load(file)
    shape = content.get("kpt_shape", [len(COCO17), 3])
    numbers = isinstance(shape, list) and [type(value) for value in shape] == [int, int]
    if not numbers or shape[1] not in (2, 3):
        raise SourceError(f"{file}: expected kpt_shape [keypoints, 2 or 3], got {shape!r}")
    return YoloConfig(_folders(content, file), _skeleton(content, shape[0], file), shape[1])


def _load(file: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise MissingExtraError("reading data.yaml", "train") from error
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())  # says line and column
        raise SourceError(f"{file}: expected YAML, got {reason}") from error
    if not isinstance(content, dict):
        raise SourceError(f"{file}: expected keys such as train and kpt_shape, got {content!r}")
    return content


def _folders(content: dict[str, Any], file: Path) -> tuple[Path, ...]:
    """Folders of images; such files are often moved, so more than one root is tried."""
    names: dict[str, str] = {}
    for part in _PARTS:
        for name in _listed(content.get(part)):
            names.setdefault(name, part)
    if not names:
        raise SourceError(f"{file}: expected train or val, got neither")
    given = Path(str(content.get("path") or "."))
    roots = (file.parent / given, file.parent.parent / given, file.parent)
    folders = []
    for name, part in names.items():
        bare = name.removeprefix("../")
        found = [root / n for root in roots for n in (name, bare) if (root / n).is_dir()]
        if not found and name.endswith(".txt"):
            raise SourceError(f"{file}: expected a folder of images, got the list {name}")
        if not found and part == "test" and len(set(names.values())) > 1:  # often only written
            _LOG.warning("%s: its folder %s for tests is not there", file, name)
            continue
        if not found:
            raise SourceError(f"{file}: expected a folder of images {name}, found none")
        folders.append(found[0])
    return tuple(folders)


def _listed(value: Any) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else [str(value)] * bool(value)


def _skeleton(content: dict[str, Any], count: int, file: Path) -> Skeleton:
    names = content.get("kpt_names")
    if isinstance(names, dict):  # by class
        names = next(iter(names.values()), None)
    partners = content.get("flip_idx")
    if not names:
        if count == len(COCO17) and partners in (None, [], COCO17.mirror.tolist()):
            return COCO17
        names = _named_by_partners(partners or list(range(count)), count, file)
    names = usual_names([str(name) for name in names])
    if len(names) != count or len(set(names)) != count:
        raise SourceError(f"{file}: expected {count} names in kpt_names, each once, got {names}")
    shape = Skeleton(file.parent.name or "yolo", names, ())
    if partners and partners != shape.mirror.tolist():
        raise SourceError(
            f"{file}: expected kpt_names that pair as flip_idx, {partners}, does, got "
            f"{shape.mirror.tolist()} by left and right in {list(names)}: name partners left_ and "
            "right_, or leave kpt_names out"
        )
    return COCO17 if names == COCO17.names else shape


def _named_by_partners(partners: Sequence[Any], count: int, file: Path) -> list[str]:
    if sorted(map(str, partners)) != sorted(map(str, range(count))):
        raise SourceError(f"{file}: expected flip_idx with 0 to {count - 1}, got {partners}")
    names = []
    for one, other in enumerate(partners):
        side = "" if one == other else "left_" if one < other else "right_"
        names.append(f"{side}point_{min(one, other)}")
    return names
