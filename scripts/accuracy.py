"""Found people, PCK@0.2 and median ms per image of blazepose on stills, beside MediaPipe's.

    python scripts/accuracy.py
    python scripts/accuracy.py --models full --modes tracker --sets coco-mini
    python scripts/accuracy.py --models full-plus+heavy --modes estimate
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
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from blazepose.datasets import Sample, read_lsp, read_yolo
from blazepose.evaluate import (
    Answer,
    Scores,
    Search,
    Subject,
    counted_joints,
    evaluate,
    score,
)
from blazepose.metrics import torso_size
from blazepose.pose import Pose, Roi

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
REFERENCE = ROOT / "out" / "mediapipe"
SETS = ("lsp", "coco-mini")
MODELS = ("lite", "full", "heavy")
MODES = ("tracker", "estimate")


def main() -> None:
    args = parse_arguments()
    table = Table("set", "n", "model", "system", "found %", "PCK@0.2", "ms", box=SIMPLE)
    for name in args.sets:
        samples = benchmark(name, args.data)
        for scores in systems(name, samples, args):
            subject, found = scores.subject, scores.found / len(samples)
            row = (f"{100 * found:.1f}", f"{100 * scores.metrics[scores.pck]:.1f}")
            ms = f"{scores.evaluation.ms_per_image:.1f}"
            table.add_row(name, str(len(samples)), subject.model, subject.split, *row, ms)
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


def systems(name: str, samples: list[Sample], args: argparse.Namespace) -> Iterable[Scores]:
    """Per model: MediaPipe from its file where there is one, then blazepose in each mode."""
    joints = counted_joints(samples[0].skeleton)
    for model in args.models:
        finders = {f"blazepose {mode}": Search.open(model, kind=mode) for mode in args.modes}
        reference = args.reference / f"{name}.{model}.json"
        if reference.is_file():
            finders = {"MediaPipe 0.10.21": Reference(reference)} | finders
        for system, finder in finders.items():
            evaluation = evaluate(samples, finder, joints=joints)
            yield score(evaluation, Subject(name, system, model, "image"))


class Reference:
    """MediaPipe's poses, from the file that compare_mediapipe.py wrote."""

    def __init__(self, path: Path) -> None:
        content = json.loads(path.read_text())
        self.images, self.seconds = content["images"], content["ms"] / 1000

    def __call__(self, image: Path, people: Sequence[Sample]) -> Answer:
        """What is written of the one person of an image."""
        found = self.images[image.name]
        pose = found and as_pose(np.array(found["points"], np.float32))
        return Answer([pose] if pose else [], [pose], self.seconds)


def as_pose(points: np.ndarray) -> Pose:
    """A pose from (33, 3) px; what the measure does not look at is made up."""
    sure = np.ones(len(points), np.float32)
    return Pose(points, np.zeros_like(points), sure, sure, 1.0, Roi((0.0, 0.0), 1.0))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="holds lsp/ and coco-mini/")
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="MediaPipe's results")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--modes", nargs="*", choices=MODES, default=MODES)
    return parser.parse_args()


if __name__ == "__main__":
    main()
