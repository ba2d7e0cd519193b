"""How many of the people in photos `estimate` finds: those labelled well enough, OKS above 0.5.

    python scripts/recall.py ../shared/data/coco-mini [--model full] [--detector FILE]

Counts people with at least 10 labelled points whose box is 100 px high, everybody and those of
every third photo, which no training here has seen. What is found besides is not counted.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from rich.progress import track

from blazepose.datasets import Sample, read
from blazepose.metrics import oks, person_area, sigmas
from blazepose.pose import Pose
from blazepose.track import Estimator
from blazepose.video import read_image

LEAST_POINTS, LEAST_HEIGHT, SAME = 10, 100, 0.5
HELD_OUT = 3


def found(poses: list[Pose], people: list[Sample]) -> int:
    """Of labelled people, the largest first, who has a pose of their own."""
    free = [pose.to(people[0].skeleton).points[:, :2] for pose in poses]
    count = 0
    for person in sorted(people, key=_height, reverse=True):
        assert person.box_xyxy is not None
        if not free:
            break
        area = person_area(person.box_xyxy[None])
        labelled, scatter = person.labelled[None], sigmas(person.skeleton)
        like = oks(np.stack(free), person.points[None], labelled, area, scatter)[:, 0]
        if like.max() > SAME:
            free.pop(int(like.argmax()))
            count += 1
    return count


def main() -> None:
    """Search every photo for everybody."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="data set with 17 COCO points and boxes")
    parser.add_argument("--model", default="full")
    parser.add_argument("--detector", type=Path, help="file of another person detector")
    given = parser.parse_args()
    of_photo: dict[Path, list[Sample]] = {}
    for sample in read(given.data):
        of_photo.setdefault(sample.image, []).append(sample)
    estimator = Estimator(given.model, detector=given.detector)
    hits, people, times = np.zeros(2, int), np.zeros(2, int), []
    for number, photo in enumerate(track(sorted(of_photo))):
        image, began = read_image(photo), time.perf_counter()
        poses = estimator(image, people="all")
        times.append(time.perf_counter() - began)
        counted = [sample for sample in of_photo[photo] if _counts(sample)]
        if counted:
            rows = [0, 1] if number % HELD_OUT == HELD_OUT - 1 else [0]
            hits[rows] += found(poses, counted)
            people[rows] += len(counted)
    for name, hit, count in zip(("everybody", "held out"), hits, people, strict=True):
        print(f"{name}: {hit} of {count} people, {hit / max(count, 1):.1%}")
    print(f"median {1e3 * float(np.median(times)):.0f} ms per photo")


def _counts(sample: Sample) -> bool:
    return int(sample.labelled.sum()) >= LEAST_POINTS and _height(sample) >= LEAST_HEIGHT


def _height(sample: Sample) -> float:
    return 0.0 if sample.box_xyxy is None else float(sample.box_xyxy[3] - sample.box_xyxy[1])


if __name__ == "__main__":
    main()
