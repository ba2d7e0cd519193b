"""Finding people in photos: blazepose, MediaPipe's task API and PicoDet + TinyPose, in one run.

    python scripts/recall.py
    python scripts/recall.py --data DATA --systems blazepose tinypose --models full

Counted are the people of coco-mini with at least 10 labelled points and a box 100 px high. Columns:
- one: photos with exactly one of them (others, smaller or hardly labelled, may be there); all:
  everybody counted. recall: a pose of their own with OKS above 0.5. PCK@0.2 of the torso over the
  17 points; who is not found is wrong in every point, who has no labelled torso is left out.
- kept out: every third photo, which no training here has seen.
- false: poses per photo that belong to nobody, in the photos where everybody to be seen is
  labelled (chosen by eye, without any system's poses). A pose belongs to a label when their boxes
  overlap by a tenth, each label has one: the second pose on a person is false too.
- ms: median per photo, looking for everybody; one photo goes before as a warm-up.

MediaPipe runs in an environment of its own in blazepose's cache folder, with the same networks.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import track
from rich.table import Table
from tinypose import Pair, picodet_file

from blazepose.bench import System, prepare
from blazepose.bench.process import WorkerProcess
from blazepose.boxes import iou
from blazepose.datasets import Sample, read
from blazepose.evaluate.pairing import box_of, pair, points_on
from blazepose.metrics import oks, pck, person_area, sigmas, torso_size
from blazepose.pose import Pose
from blazepose.posefile import read_poses
from blazepose.shapes import Float, Float32
from blazepose.skeleton import COCO17
from blazepose.track import Estimator
from blazepose.track.people import People
from blazepose.video import read_image

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
LEAST_POINTS, LEAST_HEIGHT, SAME, ALPHA = 10, 100, 0.5, 0.2
KEPT_OUT = 3
BELONGS = 0.1  # overlap of boxes
MOST = 5  # people that MediaPipe is asked for
MODELS = ("full", "full-plus", "heavy", "full-plus+heavy")
RELEASED = ("lite", "full", "heavy")
# Photos, in order, with people who have no label, or with pictures of people.
INCOMPLETE = {
    *(4, 11, 14, 15, 20, 23, 24, 35, 41, 42, 49, 50, 51, 53, 54, 55, 61, 64, 68, 71, 73, 74, 75),
    *(77, 79, 80, 81, 84, 86, 87, 88, 89, 92, 93, 95, 96, 99, 101, 102, 103, 107, 108, 112, 114),
    *(115,),
}

Found: TypeAlias = dict[Path, list[Pose]]
Look: TypeAlias = Callable[[list[Path]], tuple[Found, float]]
"""Photos -> the poses in each, the surest first, and the median time in s."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo.

    Attributes:
        file: of the image.
        labelled: everybody with a label.
        counted: those who are labelled well enough.
        kept_out: no training here has seen it.
        complete: everybody to be seen is labelled.
    """

    file: Path
    labelled: list[Sample]
    counted: list[Sample]
    kept_out: bool
    complete: bool


def main() -> None:
    """Look with each system, then show the table."""
    given = parse_arguments()
    photos = read_photos(given.data / "coco-mini")
    lone = [photo for photo in photos if len(photo.counted) == 1]
    table = Table("system", *_columns(photos, lone), "false", "ms", box=SIMPLE)
    try:
        for name, look, people in systems(given.data / "peers", given.systems, given.models):
            seen = lone if people == 1 else photos
            found, seconds = look([photo.file for photo in seen])
            cells = [cell for group in _groups(photos, lone) for cell in _scores(group, found)]
            false = "" if people == 1 else f"{false_finds(photos, found):.2f}"
            table.add_row(name, *cells, false, f"{1e3 * seconds:.0f}")
    finally:  # ended early, it shows what there is
        Console(width=150).print(table)


def read_photos(folder: Path) -> list[Photo]:
    """The photos of a set with 17 COCO points and boxes."""
    of_photo: dict[Path, list[Sample]] = {}
    for sample in read(folder):
        of_photo.setdefault(sample.image, []).append(sample)
    return [
        Photo(
            file,
            of_photo[file],
            [sample for sample in of_photo[file] if is_counted(sample)],
            kept_out=number % KEPT_OUT == KEPT_OUT - 1,
            complete=number not in INCOMPLETE,
        )
        for number, file in enumerate(sorted(of_photo))
    ]


def is_counted(person: Sample) -> bool:
    """Whether somebody is labelled well enough, and large enough."""
    assert person.box_xyxy is not None
    tall = person.box_xyxy[3] - person.box_xyxy[1] >= LEAST_HEIGHT
    return int(person.labelled.sum()) >= LEAST_POINTS and bool(tall)


def systems(
    peers: Path, wanted: Sequence[str], models: Sequence[str]
) -> Iterator[tuple[str, Look, People]]:
    """Name of each system, how it looks at photos, and for how many people."""
    if "tinypose" in wanted:
        yield "PicoDet + TinyPose", _in_turn(lambda: Pair(peers)), "all"
    if "mediapipe" in wanted:
        for least in (0.5, 0.1):
            for model in (m for m in models if m in RELEASED):
                yield f"MediaPipe {model}, from {least}", mediapipe(model, least), "all"
    if "blazepose" in wanted:
        for model in models:
            yield f"{model}, everybody", ours(model, "all"), "all"
            yield f"{model}, people=1", ours(model, 1), 1
        picodet = picodet_file(peers)
        yield f"{models[0]}, PicoDet", ours(models[0], "all", detector=picodet), "all"


def ours(model: str, people: People, *, detector: Path | None = None) -> Look:
    """The search of `estimate`."""

    def opened() -> Callable[[np.ndarray], list[Pose]]:
        estimator = Estimator(model, detector=detector)
        return lambda image: estimator(image, people=people)

    return _in_turn(opened)


def mediapipe(model: str, least: float) -> Look:
    """Its PoseLandmarker in image mode, with all thresholds at `least`."""

    def look(files: list[Path]) -> tuple[Found, float]:
        ready = prepare(System("mediapipe", model), tell=print, report=lambda *_: None)
        command = (*ready.command, str(MOST), str(least))
        with tempfile.TemporaryDirectory() as place:
            out = Path(place) / "poses.jsonl"
            with WorkerProcess(command, log=Path(place) / "worker.log") as worker:
                answer = worker.ask("images", images=[str(file) for file in files], out=str(out))
            people = [frame.people for frame in read_poses(out)[1]]
        return dict(zip(files, people, strict=True)), float(np.median(answer["ns"])) / 1e9

    return look


def _in_turn(opened: Callable[[], Callable[[np.ndarray], list[Pose]]]) -> Look:
    def look(files: list[Path]) -> tuple[Found, float]:
        find, found, seconds = opened(), {}, []
        find(read_image(files[0]))
        for file in track(files, transient=True):
            image, began = read_image(file), time.perf_counter()
            found[file] = find(image)
            seconds.append(time.perf_counter() - began)
        return found, float(np.median(seconds))

    return look


def _columns(photos: list[Photo], lone: list[Photo]) -> Iterator[str]:
    """Of recall and PCK, with the numbers of people."""
    names = ("one", "one, kept out", "all", "all, kept out")
    for name, group in zip(names, _groups(photos, lone), strict=True):
        yield f"{name}\nrecall of {sum(len(photo.counted) for photo in group)}"
        yield "\nPCK"


def _groups(photos: list[Photo], lone: list[Photo]) -> Iterator[list[Photo]]:
    for group in (lone, photos):
        yield group
        yield [photo for photo in group if photo.kept_out]


def _scores(photos: list[Photo], found: Found) -> tuple[str, str]:
    """Recall and PCK of the counted people in some photos, %; empty if they were not looked at."""
    if not all(photo.file in found for photo in photos):
        return "", ""
    pairs = [
        (person, pose)
        for photo in photos
        for person, pose in zip(photo.counted, pair(found[photo.file], photo.counted), strict=True)
    ]
    points = np.stack([points_on(pose, COCO17) for _, pose in pairs])
    truth = np.stack([person.points for person, _ in pairs])
    labelled = np.stack([person.labelled for person, _ in pairs])
    hits = [_alike(person, row) > SAME for (person, _), row in zip(pairs, points, strict=True)]
    right = pck(points, truth, labelled, torso_size(truth, labelled, COCO17), ALPHA)
    return f"{100 * np.mean(hits):.1f}", f"{100 * right:.1f}"


def _alike(person: Sample, points: Float[np.ndarray, "17 2"]) -> float:
    """OKS of a pose."""
    assert person.box_xyxy is not None
    area, scatter = person_area(person.box_xyxy[None]), sigmas(COCO17)
    likeness = oks(points[None], person.points[None], person.labelled[None], area, scatter)
    return float(likeness[0, 0])


def false_finds(photos: list[Photo], found: Found) -> float:
    """Poses that belong to nobody, per photo in which everybody is labelled."""
    counts = []
    for photo in photos:
        if photo.complete:
            size_wh = read_image(photo.file).shape[1::-1]
            free = [box_of(person) for person in photo.labelled]
            counts.append(0)
            for pose in found[photo.file]:
                overlaps = [float(iou(_box(pose, size_wh), box[None])[0]) for box in free]
                if max(overlaps, default=0.0) > BELONGS:
                    free.pop(int(np.argmax(overlaps)))
                else:
                    counts[-1] += 1
    return float(np.mean(counts))


def _box(pose: Pose, size_wh: tuple[int, ...]) -> Float32[np.ndarray, "4"]:
    """Round the 17 points, within the image."""
    points = np.clip(points_on(pose, COCO17), 0, size_wh)
    return np.concatenate([points.min(axis=0), points.max(axis=0)]).astype(np.float32)


def parse_arguments() -> argparse.Namespace:
    """Of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = ("tinypose", "mediapipe", "blazepose")
    parser.add_argument("--data", type=Path, default=DATA, help="holds coco-mini/ and peers/")
    parser.add_argument("--systems", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--models", nargs="+", default=MODELS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
