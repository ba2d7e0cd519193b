"""PASCAL VOC: an XML file per image, as labelImg writes them, with keypoints as parts of a person.

Read is

    <annotation>
      <filename>squat_07.jpg</filename>
      <object>
        <name>person</name>
        <bndbox><xmin>12</xmin><ymin>8</ymin><xmax>190</xmax><ymax>300</ymax></bndbox>
        <part>
          <name>left_knee</name>
          <bndbox><xmin>60</xmin><ymin>200</ymin><xmax>68</xmax><ymax>208</ymax></bndbox>
          <occluded>1</occluded>
        </part>
      </object>
    </annotation>

A keypoint is the centre of its part's box; "occluded" is optional. An object with parts is a
person whatever it is called; one without counts if it is called "person", and has a box alone.
The names of all parts decide on the skeleton: the smallest known one that has them, else a new one.
The XML files lie beside their images, or in `Annotations/` with the images in `JPEGImages/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np

from blazepose.datasets.broken import OnBroken, each, stop
from blazepose.datasets.images import image_folder
from blazepose.datasets.sample import HIDDEN, VISIBLE, Sample, make_sample
from blazepose.errors import SourceError
from blazepose.shapes import Float64
from blazepose.skeleton import COCO17, Skeleton, skeleton_with


@dataclass(frozen=True, eq=False)
class _Person:
    """An object of a file: `marks` are x, y and code by name of the part."""

    file: Path
    image: Path
    number: int
    box_xyxy: Float64[np.ndarray, "4"]
    marks: dict[str, tuple[float, float, int]]


def read_voc(path: Path, *, on_broken: OnBroken = stop) -> list[Sample]:
    """All people of VOC files, by file name, then in the order of the file.

    Args:
        path: an XML file, a folder of them, or a folder with `Annotations/` and `JPEGImages/`.
        on_broken: told of a file that is no annotation, and of a broken person; left out.

    Raises:
        SourceError: there is no XML file.
    """
    files = _xml_files(path)
    people = [
        p for found in each(files, partial(_people, on_broken=on_broken), on_broken) for p in found
    ]
    names = list(dict.fromkeys(name for person in people for name in person.marks))
    shape = skeleton_with(names, title="voc") if names else COCO17
    return list(each(people, partial(_sample, shape=shape, on_broken=on_broken), on_broken))


def _xml_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(path.glob("*.xml")) or sorted((path / "Annotations").glob("*.xml"))
    if not files:
        raise SourceError(f"{path}: expected VOC .xml files in it or in Annotations/, got none")
    return files


def _people(file: Path, *, on_broken: OnBroken) -> list[_Person]:
    try:
        root = ElementTree.parse(file).getroot()
    except (OSError, ElementTree.ParseError) as error:  # says line and column
        raise SourceError(f"{file}: expected XML, got {error}") from error
    name = Path(root.findtext("filename") or file.with_suffix(".jpg").name).name
    objects = [o for o in enumerate(root.iter("object"), 1) if _is_person(o[1])]
    if not objects:
        return []
    places = [file.parent, file.parent.parent / "JPEGImages", file.parent.parent / "images"]
    image = image_folder(places, [name], file) / name
    return list(each(objects, partial(_person, file=file, image=image), on_broken))


def _is_person(thing: Element) -> bool:
    return thing.find("part") is not None or thing.findtext("name") == "person"


def _person(numbered: tuple[int, Element], *, file: Path, image: Path) -> _Person:
    number, thing = numbered
    where = f"{file}, object {number}"
    marks: dict[str, tuple[float, float, int]] = {}
    for part in thing.iter("part"):
        name = (part.findtext("name") or "").strip().lower().replace(" ", "_")
        if not name or name in marks:
            raise SourceError(f"{where}: expected each part once and named, got {name!r} again")
        x0, y0, x1, y1 = _box(part, f"{where}, part {name}").tolist()
        code = HIDDEN if (part.findtext("occluded") or "0").strip() == "1" else VISIBLE
        marks[name] = ((x0 + x1) / 2, (y0 + y1) / 2, code)
    return _Person(file, image, number, _box(thing, where), marks)


def _box(thing: Element, where: str) -> Float64[np.ndarray, "4"]:
    texts = [thing.findtext(f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")]
    try:
        return np.array([float(text or "") for text in texts])
    except ValueError as error:
        raise SourceError(f"{where}: expected a bndbox of four numbers, got {texts}") from error


def _sample(person: _Person, *, shape: Skeleton, on_broken: OnBroken) -> Sample:
    rows = [person.marks.get(name, (0.0, 0.0, 0)) for name in shape.names]
    return make_sample(
        person.image,
        np.array(rows),
        shape,
        box_xyxy=person.box_xyxy,
        where=f"{person.file}, object {person.number}",
        on_broken=on_broken,
    )
