"""COCO keypoints: one JSON file of images, annotations and categories.

Each category of the file names its own keypoints and bones ("keypoints", and "skeleton" counted
from 1), so any skeleton can come in this format; COCO's own 17 become `COCO17`. People of whom
only the box is labelled are given so, and crowds as if they were one of them. Images lie beside the
file, in `images/`, or as in the official download (`annotations/person_keypoints_val2017.json` with
`val2017/`).
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from blazepose.datasets.broken import OnBroken, each, stop
from blazepose.datasets.images import image_folder
from blazepose.datasets.sample import Sample, make_sample
from blazepose.errors import SourceError
from blazepose.skeleton import COCO17, Skeleton, usual_names


def read_coco(path: Path, *, on_broken: OnBroken = stop) -> list[Sample]:
    """All people of a COCO keypoints file with a keypoint or a box, in the order of the file.

    Args:
        path: the JSON file, or a folder with one such file in it or in its `annotations/`.
        on_broken: told of an annotation that is no person; it is left out.

    Raises:
        SourceError: the file is missing, is no COCO keypoints file, or its images are not found.
    """
    file = _json_file(path)
    content = _load(file)
    try:
        skeletons = {c["id"]: _skeleton(c, file) for c in content["categories"] if _has_points(c)}
        names = {image["id"]: str(image["file_name"]) for image in content["images"]}
        people = [a for a in content["annotations"] if _is_person(a, skeletons)]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise SourceError(
            f"{file}: expected images, annotations and categories as COCO has them, got "
            f"{type(error).__name__}: {error}"
        ) from error
    if not skeletons:
        raise SourceError(f"{file}: expected a category with 'keypoints', got none")
    if not people:
        return []
    folder = image_folder(_places(file), (names.get(a.get("image_id")) for a in people), file)
    images = {number: folder / name for number, name in names.items()}
    parse = partial(_person, images=images, skeletons=skeletons, file=file, on_broken=on_broken)
    return list(each(people, parse, on_broken))


def _json_file(path: Path) -> Path:
    if not path.is_dir():
        return path
    files = sorted(path.glob("*.json")) or sorted((path / "annotations").glob("*keypoints*.json"))
    if len(files) != 1:
        found = ", ".join(file.name for file in files) or "none"
        raise SourceError(f"{path}: expected one COCO keypoints .json, got {found}: name the file")
    return files[0]


def _load(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except OSError as error:
        raise SourceError(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:  # says line and column
        raise SourceError(f"{file}: expected JSON, got {error}") from error
    parts = ("images", "annotations", "categories")
    missing = [p for p in parts if not isinstance(content, dict) or p not in content]
    if missing:
        raise SourceError(f"{file}: expected a COCO keypoints file, got one without {missing[0]!r}")
    return content


def _skeleton(category: dict[str, Any], file: Path) -> Skeleton:
    names = usual_names([str(name) for name in category["keypoints"]])
    if names == COCO17.names:
        return COCO17
    edges = tuple((int(a) - 1, int(b) - 1) for a, b in category.get("skeleton") or [])
    ends = {end for edge in edges for end in edge}
    if len(set(names)) < len(names) or not ends <= set(range(len(names))):
        raise SourceError(
            f"{file}: category {category.get('name')!r} expected each keypoint once and bones "
            f"between 1 and {len(names)}"
        )
    return Skeleton(str(category.get("name", "coco")), names, edges)


def _has_points(category: dict[str, Any]) -> bool:
    return bool(category.get("keypoints"))


def _is_person(annotation: dict[str, Any], skeletons: dict[int, Skeleton]) -> bool:
    if annotation.get("category_id") not in skeletons:
        return False
    return any((annotation.get("keypoints") or ())[2::3]) or bool(annotation.get("bbox"))


def _places(file: Path) -> list[Path]:
    part = file.stem.rpartition("_")[2]  # val2017
    return [
        root / inside
        for root in (file.parent, file.parent.parent)
        for inside in ("", "images", part, f"images/{part}")
    ]


def _person(
    annotation: dict[str, Any],
    *,
    images: dict[int, Path],
    skeletons: dict[int, Skeleton],
    file: Path,
    on_broken: OnBroken,
) -> Sample:
    where = f"{file}, annotation {annotation.get('id')}"
    shape = skeletons[annotation["category_id"]]
    if annotation.get("image_id") not in images:
        raise SourceError(f"{where}: expected a listed image, got {annotation.get('image_id')}")
    values = [] if annotation.get("iscrowd") else annotation.get("keypoints") or []
    if not values:  # a box alone
        values = [0] * (3 * len(shape))
    if len(values) != 3 * len(shape):
        raise SourceError(
            f"{where}: expected {len(shape)} keypoints, got {len(values)} numbers instead of "
            f"{3 * len(shape)}"
        )
    return make_sample(
        images[annotation["image_id"]],
        _numbers(values, where).reshape(-1, 3),
        shape,
        box_xyxy=_box(annotation, where),
        where=where,
        on_broken=on_broken,
    )


def _box(annotation: dict[str, Any], where: str) -> np.ndarray | None:
    if not annotation.get("bbox"):
        return None
    box = _numbers(annotation["bbox"], where)
    if len(box) != 4:
        raise SourceError(f"{where}: expected a box of 4 numbers, got {len(box)}")
    return np.concatenate([box[:2], box[:2] + box[2:]])


def _numbers(values: Any, where: str) -> np.ndarray:
    try:
        return np.array(values, np.float64).reshape(-1)  # null becomes NaN
    except (TypeError, ValueError, OverflowError) as error:
        raise SourceError(f"{where}: expected numbers, got {error}") from error
