"""Where everybody is in the training pictures: boxes and alignment points for the person finder.

    python scripts/label_people.py DATA

The people of LSP 1..1000, LSP Extended, the exercise photos and two thirds of the COCO photos are
known from labels and from Heavy's lessons; PicoDet finds those round them, and Full looks where
their hips and heads are. A box that PicoDet is not sure of is marked as a crowd: it is neither a
person nor none. Writes DATA/people/labels.json (COCO keypoints), on which scripts/train_finder.py
trains. Needs DATA/peers/picodet_s_320_pedestrian.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path

import numpy as np
from rich.progress import Progress

from blazepose import teach
from blazepose.aside import aside
from blazepose.boxes import iou
from blazepose.datasets import Lessons, Sample, Split, read, read_lsp, read_lspet
from blazepose.datasets.photos import read_photos
from blazepose.fit import lessons_file
from blazepose.pose import Detection
from blazepose.roi import from_box, whole_image
from blazepose.shapes import Float, Float32, UInt8
from blazepose.skeleton import BLAZEPOSE33
from blazepose.track.box_detector import open_detector
from blazepose.track.landmarker import Landmarker
from blazepose.track.models import model_files
from blazepose.video import read_image

POINTS = ("mid_hip", "circle_rim", "mid_shoulder")
SURE, MAYBE = 0.5, 0.2  # of PicoDet
SAME = 0.5  # overlap of boxes
MARGIN = 0.06  # of a pose's longer side: the 33 points end at eyes, knuckles and toes
MOST_SPREAD = 0.05  # of a lesson, in parts of the region: the mirrored look says the same
PASSES = 3
HELD_OUT = 3  # every third COCO photo is not learned from


@dataclass(frozen=True, eq=False)
class Person:
    """A labelled person.

    Attributes:
        box_xyxy: (4,) px, within the image.
        points: (3, 2) px as in `POINTS`; None where nobody knows.
        crowd: perhaps nobody, perhaps several.
    """

    box_xyxy: Float32[np.ndarray, "4"]
    points: Float32[np.ndarray, "3 2"] | None
    crowd: bool = False


def known(data: Path) -> list[tuple[list[Sample], Lessons]]:
    """Sets of people with Heavy's lessons on them."""
    coco = read(data / "coco-mini")
    photos = sorted({sample.image for sample in coco})
    learn = {photo for i, photo in enumerate(photos) if i % HELD_OUT != HELD_OUT - 1}
    sets = [
        Split.parse("1..1000").cut(read_lsp(data / "lsp")),
        read_lspet(data / "lspet"),
        read_photos(data / "exercise-photos"),
        [sample for sample in coco if sample.image in learn],
    ]
    taught = []
    for samples in sets:
        with Progress() as progress:
            task = progress.add_task("Heavy looks", total=len(samples))
            lessons = teach.teach(
                samples,
                lessons_file("heavy", samples),
                progress=lambda done, _, p=progress, t=task: p.update(t, completed=done),
            )
        taught.append((samples, lessons))
    return taught


def from_labels(
    sample: Sample, lessons: Lessons, number: int, image: UInt8[np.ndarray, "H W 3"]
) -> Person | None:
    """The person of a sample as Heavy sees them, and as their box is labelled."""
    seen = lessons.score[number] > 0.5 and lessons.spread[number] < MOST_SPREAD
    points = _alignment(lessons.points[number, :, :2]) if seen else None
    if sample.box_xyxy is not None:
        return Person(_within(sample.box_xyxy, image), points)
    if points is None:
        return None
    return Person(_box(lessons.points[number, :33, :2], image), points)


def everybody(
    labelled: Sequence[Person],
    boxes: Sequence[Detection],
    image: UInt8[np.ndarray, "H W 3"],
    landmarker: Landmarker,
) -> Iterator[Person]:
    """Those of the labels, with PicoDet's boxes where it sees them too, then all others."""
    free = list(boxes)
    for person in labelled:
        overlaps = [float(iou(person.box_xyxy, other.box_xyxy[None])[0]) for other in free]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] > SAME:
            free.pop(best)
        yield person
    for box, score in ((other.box_xyxy, other.score) for other in free):
        crowd = score < SURE or any(_share(box, p.box_xyxy) > 0.7 for p in labelled)
        yield Person(box, None if crowd else _chased(box, image, landmarker), crowd)


def _chased(
    box: Float32[np.ndarray, "4"], image: UInt8[np.ndarray, "H W 3"], landmarker: Landmarker
) -> Float32[np.ndarray, "3 2"] | None:
    """Alignment points of the person in a box; None where the network sees nobody there."""
    landmarks = landmarker(image, from_box(box))
    for _ in range(PASSES - 1):
        landmarks = landmarker(image, landmarks.next_roi)
    pose = landmarks.pose
    if pose.score < 0.5 or iou(box, _box(pose.points[:, :2], image)[None])[0] < SAME:
        return None
    return _alignment(np.concatenate([pose.points[:, :2], landmarks.auxiliary]))


def _alignment(points: Float[np.ndarray, "35 2"]) -> Float32[np.ndarray, "3 2"]:
    shoulders = [BLAZEPOSE33.index(f"{side}_shoulder") for side in ("left", "right")]
    return np.stack([points[33], points[34], points[shoulders].mean(axis=0)]).astype(np.float32)


def _box(
    points: Float[np.ndarray, "33 2"], image: UInt8[np.ndarray, "H W 3"]
) -> Float32[np.ndarray, "4"]:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * (high - low).max()
    return _within(np.concatenate([low - margin, high + margin]), image)


def _within(box: Float[np.ndarray, "4"], image: UInt8[np.ndarray, "H W 3"]) -> np.ndarray:
    height, width = image.shape[:2]
    return np.clip(box, 0, [width, height, width, height]).astype(np.float32)


def _share(box: Float32[np.ndarray, "4"], other: Float32[np.ndarray, "4"]) -> float:
    """Of a box, how much lies in another."""
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
    return float(np.clip(high - low, 0, None).prod() / max((box[2:] - box[:2]).prod(), 1))


def main() -> None:
    """Look at every picture once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with lsp/, lspet/, coco-mini/, peers/, ...")
    data: Path = parser.parse_args().data
    of_image: dict[Path, list[tuple[Sample, Lessons, int]]] = {}
    for samples, lessons in known(data):
        for number, sample in enumerate(samples):
            of_image.setdefault(sample.image, []).append((sample, lessons, number))
    picodet = open_detector(next((data / "peers" / "picodet_s_320_pedestrian").glob("*.xml")))
    landmarker = Landmarker.open(model_files("full").landmarks)
    out = data / "people" / "labels.json"
    images, annotations = [], []
    with Progress() as progress:
        for path, rows in progress.track(of_image.items(), description="PicoDet looks"):
            image = read_image(path)
            found = [from_labels(*row, image) for row in rows]
            labelled = [person for person in found if person]
            height, width = image.shape[:2]
            boxes = picodet(image, whole_image(width, height), threshold=MAYBE)
            people = everybody(labelled, boxes, image, landmarker)
            number = len(images)
            name = relpath(path, out.parent)
            images.append({"id": number, "file_name": name, "width": width, "height": height})
            for person in people:
                annotations.append(_annotation(len(annotations), number, person))
    _write(out, images, annotations)
    print(f"{out}: {len(annotations)} people in {len(images)} images")


def _annotation(number: int, image: int, person: Person) -> dict[str, object]:
    x0, y0, x1, y1 = person.box_xyxy.round(1).tolist()
    known = person.points is not None
    points = person.points if person.points is not None else np.zeros((len(POINTS), 2))
    rows = np.column_stack([points.round(1), np.full(len(POINTS), 2 * known)])
    return {
        **{"id": number, "image_id": image, "category_id": 1, "iscrowd": int(person.crowd)},
        **{"bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0)},
        **{"keypoints": rows.ravel().tolist(), "num_keypoints": len(POINTS) * known},
    }


def _write(out: Path, images: list[object], annotations: list[object]) -> None:
    category = {"id": 1, "name": "person", "keypoints": list(POINTS), "skeleton": []}
    out.parent.mkdir(exist_ok=True)
    content = {"images": images, "annotations": annotations, "categories": [category]}
    with aside(out) as part:
        part.write_text(json.dumps(content))


if __name__ == "__main__":
    main()
