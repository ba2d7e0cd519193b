"""Found people, PCK@0.2 and median ms per image of blazepose on stills, beside MediaPipe's.

    python scripts/accuracy.py
    python scripts/accuracy.py --models full --modes tracker --sets coco-mini
    python scripts/compare_mediapipe.py stills   # writes the reference that is shown beside

Mode `tracker` looks at each image as at the first frame of a clip: one detection, one pass, the
thresholds of the released solution. Mode `estimate` is the thorough search.

Protocol. The whole image is the input, no labelled box is used; of several poses the first counts;
a person that is not found is wrong in every labelled point; a point is right when it is nearer to
its label than 0.2 times the torso (left shoulder to right hip, as labelled).
- lsp: images 1001..2000, the 12 limb joints, hidden ones included.
- coco-mini: images with exactly one person of at least 10 labelled points and 100 px height (more
  people, smaller or hardly labelled, may be there). The labelled points of the 17 count, hidden
  ones included; people whose torso is not labelled are left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

import blazepose as bp
from blazepose.datasets import Sample, read_lsp, read_yolo
from blazepose.metrics import pck, torso_size
from blazepose.skeleton import BLAZEPOSE33, conversion

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
REFERENCE = ROOT / "out" / "mediapipe"
SETS = ("lsp", "coco-mini")
MODELS = ("lite", "full", "heavy")
MODES = ("tracker", "estimate")
LIMBS = 12  # LSP's first joints; neck and head top follow
ALPHA = 0.2


@dataclass(frozen=True)
class Predictions:
    """What a system found: per image name (33, 2) px, or None; and its median ms per image."""

    points: dict[str, np.ndarray | None]
    ms: float


def main() -> None:
    args = parse_arguments()
    table = Table("set", "n", "model", "system", "found %", "PCK@0.2", "ms", box=SIMPLE)
    for name in args.sets:
        samples = benchmark(name, args.data)
        for model, system, predictions in systems(name, samples, args):
            found, correct = score(samples, predictions)
            row = (f"{100 * found:.1f}", f"{100 * correct:.1f}", f"{predictions.ms:.1f}")
            table.add_row(name, str(len(samples)), model, system, *row)
        table.add_section()
    Console().print(table)


def benchmark(name: str, data: Path) -> list[Sample]:
    """The people of a benchmark, one per image."""
    if name == "lsp":
        return read_lsp(data / "lsp")[1000:]
    return [sample for sample in lone_people(read_yolo(data / name)) if has_torso(sample)]


def lone_people(samples: list[Sample]) -> Iterable[Sample]:
    for _, people in groupby(samples, key=lambda sample: sample.image):
        well_seen = [person for person in people if is_well_seen(person)]
        if len(well_seen) == 1:
            yield well_seen[0]


def is_well_seen(person: Sample) -> bool:
    return person.labelled.sum() >= 10 and person.box_xyxy[3] - person.box_xyxy[1] >= 100


def has_torso(person: Sample) -> bool:
    return np.isfinite(torso_size(person.points[None], person.labelled[None], person.skeleton))[0]


def systems(
    name: str, samples: list[Sample], args: argparse.Namespace
) -> Iterable[tuple[str, str, Predictions]]:
    """Per model: MediaPipe from its file where there is one, then blazepose in each mode."""
    images = [sample.image for sample in samples]
    for model in args.models:
        reference = args.reference / f"{name}.{model}.json"
        if reference.is_file():
            yield model, "MediaPipe 0.10.21", read_reference(reference)
        for mode in args.modes:
            yield model, f"blazepose {mode}", predict(images, searcher(model, mode))


def read_reference(path: Path) -> Predictions:
    result = json.loads(path.read_text())
    points = {
        name: np.array(pose["points"])[:, :2] if pose else None
        for name, pose in result["images"].items()
    }
    return Predictions(points, result["ms"])


def searcher(model: str, mode: str) -> Callable[[np.ndarray], list[bp.Pose]]:
    """A function from an (H, W, 3) uint8 RGB image to the poses in it."""
    if mode == "estimate":
        return lambda image: bp.estimate(image, model=model)
    tracker = bp.Tracker(model, smooth=False)

    def look_once(image: np.ndarray) -> list[bp.Pose]:
        tracker.reset()
        return tracker(image)

    return look_once


def predict(images: list[Path], search: Callable[[np.ndarray], list[bp.Pose]]) -> Predictions:
    points, times_ms = {}, []
    for path in images:
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        start_s = time.perf_counter()
        poses = search(image)
        times_ms.append(1000 * (time.perf_counter() - start_s))
        points[path.name] = poses[0].points[:, :2] if poses else None
    return Predictions(points, statistics.median(times_ms))


def score(samples: list[Sample], predictions: Predictions) -> tuple[float, float]:
    """Share of people found and PCK@0.2, both 0..1."""
    skeleton = samples[0].skeleton
    found = [predictions.points[sample.image.name] for sample in samples]
    nobody = np.full((len(skeleton), 2), np.nan)
    to_skeleton = conversion(BLAZEPOSE33, skeleton)
    pred = np.stack([nobody if points is None else to_skeleton @ points for points in found])
    truth = np.stack([sample.points for sample in samples])
    labelled = np.stack([sample.labelled for sample in samples])
    scale = torso_size(truth, labelled, skeleton)
    if skeleton.name == "lsp14":
        labelled[:, LIMBS:] = False
    share = statistics.mean(points is not None for points in found)
    return share, pck(pred, truth, labelled, scale, ALPHA)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="holds lsp/ and coco-mini/")
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="MediaPipe's results")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--modes", nargs="*", choices=MODES, default=MODES)
    return parser.parse_args()


if __name__ == "__main__":
    main()
