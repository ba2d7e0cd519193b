"""Our own poses files as labels: photos tracked once, corrected by hand, and trained on.

`blazepose track PHOTOS --format csv` (or jsonl) writes poses.csv; lay it beside the photos
themselves, for the pictures it was written with have skeletons painted on. In the table, change x
and y of a wrong keypoint, or empty them to say that it is not to be seen; columns other than
file, id, keypoint, x, y, visibility and presence may be deleted.

A keypoint that is hardly present (below 0.5) counts as not labelled, one that is hardly visible as
hidden.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path

import numpy as np

from blazepose.datasets.broken import OnBroken, each, stop
from blazepose.datasets.images import image_folder
from blazepose.datasets.sample import HIDDEN, UNLABELLED, VISIBLE, Sample, make_sample
from blazepose.errors import SourceError, did_you_mean
from blazepose.posefile import read_poses
from blazepose.skeleton import BLAZEPOSE33, Skeleton, skeleton_with

FILES = ("poses.csv", "poses.jsonl")

_COLUMNS = ("file", "id", "keypoint", "x", "y")
_LEAST = 0.5
_FIGURE = "skeleton_3d.png"  # what `blazepose track` leaves beside painted pictures


@dataclass(frozen=True)
class _Person:
    """A person of a poses file: x, y and code by name of the keypoint."""

    where: str
    image: str
    marks: dict[str, tuple[float, float, int]] = field(default_factory=dict)


def read_pose_labels(path: Path, *, on_broken: OnBroken = stop) -> list[Sample]:
    """All people of a poses file whose photos lie beside it, in the order of the file.

    Args:
        path: poses.csv, poses.jsonl, or the folder of one.
        on_broken: told of a row of a table that is no keypoint; it is left out.

    Raises:
        SourceError: the file is missing, is no poses file of photos, or lies beside painted ones.
    """
    file = next((path / name for name in FILES if (path / name).is_file()), path)
    if (file.parent / _FIGURE).exists():
        raise SourceError(
            f"{file} lies beside pictures with painted skeletons: move it beside the photos"
        )
    if file.suffix == ".jsonl":
        shape, people = _from_lines(file)
    else:
        people = _from_table(file, on_broken)
        names = list(dict.fromkeys(name for person in people for name in person.marks))
        _check_spelling(names, file)
        shape = skeleton_with(names, title="poses") if names else BLAZEPOSE33
    sample = partial(_sample, shape=shape, on_broken=on_broken)
    images = [person.image for person in people]
    folder = image_folder([file.parent], images, file) if people else file.parent
    return list(each(people, partial(sample, folder=folder), on_broken))


def _check_spelling(names: Sequence[str], file: Path) -> None:
    """Nothing, unless a name beside all of ours is nearly one of them."""
    if set(names) > set(BLAZEPOSE33.names):
        for name in sorted(set(names) - set(BLAZEPOSE33.names)):
            if get_close_matches(name, BLAZEPOSE33.names, cutoff=0.9):
                hint = did_you_mean(name, BLAZEPOSE33.names)
                raise SourceError(f"{file}: unknown keypoint {name!r}: {hint}")


def _from_lines(file: Path) -> tuple[Skeleton, list[_Person]]:
    header, frames = read_poses(file)
    names = header.skeleton.names
    people = []
    for frame in frames:
        for pose in frame.people:
            codes = map(_code, pose.visibility.tolist(), pose.presence.tolist())
            marks = zip(*pose.points[:, :2].T.tolist(), codes, strict=True)
            where = f"{file}, frame {frame.index}, person {pose.id}"
            image = frame.file or header.source
            people.append(_Person(where, image, dict(zip(names, marks, strict=True))))
    return header.skeleton, people


def _from_table(file: Path, on_broken: OnBroken) -> list[_Person]:
    people: dict[tuple[str, str], _Person] = {}
    for row, mark in each(_rows(file), partial(_mark, file=file), on_broken):
        key = row["file"], row["id"]
        person = people.setdefault(key, _Person(f"{file}, {key[0]}, person {key[1]}", key[0]))
        person.marks[row["keypoint"]] = mark
    return list(people.values())


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of the table with their line numbers."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:  # spreadsheets add a mark
            # Where decimals have commas, spreadsheets write semicolons between columns.
            separator = ";" if ";" in lines.readline() else ","
            lines.seek(0)
            table = csv.DictReader(lines, delimiter=separator)
            missing = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise SourceError(
                    f"{file}: expected a poses table of photos, got one without the column "
                    f"{missing[0]!r}: write it with `blazepose track FOLDER --format csv`"
                )
            for row in table:
                yield table.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"cannot read {file}: {error}") from error


def _mark(
    numbered: tuple[int, dict[str, str]], *, file: Path
) -> tuple[dict[str, str], tuple[float, float, int]]:
    number, row = numbered
    if any(row[name] is None for name in _COLUMNS):
        raise SourceError(f"{file}, line {number}: expected a row like the first, got a short one")
    if not row["x"].strip() or not row["y"].strip():
        return row, (0.0, 0.0, UNLABELLED)
    try:
        sure = (_number(row.get(name) or "1") for name in ("visibility", "presence"))
        return row, (_number(row["x"]), _number(row["y"]), _code(*sure))
    except ValueError as error:
        raise SourceError(f"{file}, line {number}: expected numbers, got {error}") from error


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _code(visibility: float, presence: float) -> int:
    if presence < _LEAST:
        return UNLABELLED
    return HIDDEN if visibility < _LEAST else VISIBLE


def _sample(person: _Person, *, shape: Skeleton, folder: Path, on_broken: OnBroken) -> Sample:
    rows = [person.marks.get(name, (0.0, 0.0, UNLABELLED)) for name in shape.names]
    return make_sample(
        folder / person.image,
        np.array(rows),
        shape,
        where=person.where,
        on_broken=on_broken,
    )
