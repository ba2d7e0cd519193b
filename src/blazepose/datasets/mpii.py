"""MPII Human Pose: everyday activities, 16 joints of several people per image.

Andriluka et al., CVPR 2014. The release is one MATLAB file (`mpii_human_pose_v1_u12_1.mat`) with
nested structs, and a folder `images/`. In the pictures of its test part nobody has joints, and
they are not read; elsewhere somebody without joints is given with a box alone. Positions are taken
as they stand.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from blazepose.datasets.broken import OnBroken, each, stop
from blazepose.datasets.images import image_folder
from blazepose.datasets.matlab import load_matlab
from blazepose.datasets.sample import HIDDEN, VISIBLE, Sample, make_sample
from blazepose.errors import SourceError
from blazepose.shapes import Float64
from blazepose.skeleton import MPII16

_PERSON_PX = 200  # "scale" is the person's height in parts of this


def read_mpii(path: Path, *, on_broken: OnBroken = stop) -> list[Sample]:
    """All people in pictures where somebody has labelled joints, in the order of the file.

    The box is the square of the person's height round the given centre.

    Args:
        path: the .mat file, or the folder that holds it; `images/` lies beside it, or beside the
            folder.
        on_broken: told of a person whose joints are not read; it is left out.

    Raises:
        MissingExtraError: scipy is not installed.
        SourceError: the file is missing or is not MPII's release, or its images are not found.
    """
    file = _mat_file(path)
    annotations = _parts(load_matlab(file, "RELEASE"), "annolist")
    people = [
        (f"{file}, image {number}, person {place}", _text(image, "image", "name"), person)
        for number, image in enumerate(annotations, 1)
        if _parts(image, "annorect", "annopoints", "point")
        for place, person in enumerate(_parts(image, "annorect"), 1)
        if _parts(person, "annopoints", "point") or _parts(person, "objpos")
    ]
    if not people:
        raise SourceError(f"{file}: expected MPII's release with labelled people, got none")
    places = [file.parent / "images", file.parent.parent / "images", file.parent]
    folder = image_folder(places, (name for _, name, _ in people), file)
    return list(each(people, partial(_person, folder=folder, on_broken=on_broken), on_broken))


def _mat_file(path: Path) -> Path:
    files = sorted(path.glob("*.mat")) if path.is_dir() else [path]
    if len(files) != 1:
        raise SourceError(f"{path}: expected one .mat file of MPII, got {len(files)}")
    return files[0]


def _person(labelled: tuple[str, str, Any], *, folder: Path, on_broken: OnBroken) -> Sample:
    where, name, person = labelled
    rows = np.zeros((len(MPII16), 3))
    for point in _parts(person, "annopoints", "point"):
        joint = _number(point, "id", where)
        if joint not in range(len(MPII16)):
            raise SourceError(f"{where}: expected joints 0 to 15, got {joint:g}")
        hidden = _text(point, "is_visible") in ("0", "0.0")  # "", where nobody said, is visible
        code = HIDDEN if hidden else VISIBLE
        rows[int(joint)] = (_number(point, "x", where), _number(point, "y", where), code)
    return make_sample(
        folder / name, rows, MPII16, box_xyxy=_box(person, where), where=where, on_broken=on_broken
    )


def _box(person: Any, where: str) -> Float64[np.ndarray, "4"] | None:
    center = _parts(person, "objpos")
    if not center or not _parts(person, "scale"):
        return None
    x, y = (_number(center[0], axis, where) for axis in ("x", "y"))
    half = _number(person, "scale", where) * _PERSON_PX / 2
    return np.array([x - half, y - half, x + half, y + half])


def _parts(struct: Any, *names: str) -> list[Any]:
    """What lies at the end of a path of fields; MATLAB leaves out or empties what is not there."""
    parts = list(np.ravel(struct))
    for name in names:
        parts = [inner for part in parts for inner in np.ravel(getattr(part, name, []))]
    return parts


def _text(struct: Any, *names: str) -> str:
    return str(next(iter(_parts(struct, *names)), ""))


def _number(struct: Any, name: str, where: str) -> float:
    text = _text(struct, name)
    try:
        return float(text)
    except ValueError:
        raise SourceError(f"{where}: expected a number for {name!r}, got {text!r}") from None
