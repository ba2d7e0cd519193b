"""The labels of LSP Extended, mended by a vote of three: the crowd, released Heavy, PP-TinyPose.

    python scripts/vote_labels.py DATA

A joint is where two of the three see it; where each sees another place, nobody knows, and it stays
without a label. Why: docs/experiments.md. Writes DATA/lspet-voted/labels.json (COCO keypoints), on
which recipes/finetune-*.toml train, and keeps Heavy's lessons, which training then need not make
again. Needs DATA/lspet and DATA/peers/tinypose_256x192.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino
from rich.progress import Progress

from blazepose.aside import aside
from blazepose.datasets import Lessons, Sample, read, read_lspet
from blazepose.evaluate.finders import region_of
from blazepose.fit import lessons_file
from blazepose.geometry import crop, rotation, uncrop_points
from blazepose.pose import Roi
from blazepose.shapes import Bool, Float, Float32, UInt8
from blazepose.skeleton import BLAZEPOSE33, COCO17
from blazepose.survey import image_sizes
from blazepose.teach import teach
from blazepose.video import read_image

JOINTS = tuple(
    f"{side}_{part}"
    for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)
NEAR, STEADY = 0.25, 0.3  # torso lengths
LEAST_TORSO = 0.12  # of the region's side, for people seen from above or below
LEAST_JOINTS = 7


class TinyPose:
    """PP-TinyPose 256x192 on a turned box round a person."""

    size, width = 256, 192
    mean = np.array([0.485, 0.456, 0.406], np.float32) * 255
    std = np.array([0.229, 0.224, 0.225], np.float32) * 255

    def __init__(self, folder: Path) -> None:
        core = openvino.Core()
        model = core.read_model(folder / "model.xml")
        model.reshape([1, 3, self.size, self.width])
        self.network = core.compile_model(model, "CPU")

    def __call__(
        self, image: UInt8[np.ndarray, "H W 3"], roi: Roi, *, mirrored: bool
    ) -> Float32[np.ndarray, "12 2"]:
        """Px of the image."""
        spare = (self.size - self.width) // 2
        patch = crop(image, roi, self.size, border="black")[:, spare:-spare]
        patch = patch[:, ::-1] if mirrored else patch
        pixels = (patch.astype(np.float32) - self.mean) / self.std
        maps = self.network(pixels.transpose(2, 0, 1)[None])[0][0]  # (17, 64, 48)
        places = np.stack([_peak(heat) for heat in maps]) * (self.size / maps.shape[1])
        if mirrored:
            places = (places * [-1, 1] + np.array([self.width, 0]))[COCO17.mirror]
        rows = [COCO17.index(name) for name in JOINTS]
        return uncrop_points(places[rows] + np.array([spare, 0]), roi, self.size)


def _peak(heat: Float32[np.ndarray, "H W"]) -> Float[np.ndarray, "2"]:
    """Place of the largest value, a quarter of a cell toward the larger neighbour."""
    y, x = np.unravel_index(heat.argmax(), heat.shape)
    place = np.array([x, y], float)
    if 0 < x < heat.shape[1] - 1 and 0 < y < heat.shape[0] - 1:
        place[0] += 0.25 * np.sign(heat[y, x + 1] - heat[y, x - 1])
        place[1] += 0.25 * np.sign(heat[y + 1, x] - heat[y - 1, x])
    return place


def box(sample: Sample, size_wh: Float[np.ndarray, "2"]) -> Roi:
    """The region whose middle three quarters of width hold the labels, turned as the body."""
    angle = region_of(sample).angle_rad
    turn = rotation(angle)
    labels = np.clip(sample.points[sample.labelled], -0.05 * size_wh, 1.05 * size_wh) @ turn
    low, high = labels.min(axis=0), labels.max(axis=0)
    x, y = turn @ ((low + high) / 2)
    width, height = high - low
    return Roi((float(x), float(y)), float(max(height, width * 4 / 3, 8.0)) * 1.365, angle)


def witness(
    samples: Sequence[Sample], sizes_wh: Float[np.ndarray, "N 2"], network: TinyPose
) -> Float32[np.ndarray, "N 2 12 2"]:
    """What TinyPose sees of each person, as they are and in the mirror."""
    seen = np.full((len(samples), 2, len(JOINTS), 2), np.nan, np.float32)
    with Progress() as progress:
        for i in progress.track(range(len(samples)), description="PP-TinyPose looks"):
            image, roi = read_image(samples[i].image), box(samples[i], sizes_wh[i])
            seen[i] = [network(image, roi, mirrored=mirrored) for mirrored in (False, True)]
    return seen


def heavy(samples: Sequence[Sample]) -> Lessons:
    """What Heavy sees, the same lessons that training uses."""
    with Progress() as progress:
        task = progress.add_task("Heavy looks", total=len(samples))
        return teach(
            samples,
            lessons_file("heavy", samples),
            progress=lambda done, _: progress.update(task, completed=done),
        )


def vote(
    samples: Sequence[Sample], lessons: Lessons, seen: Float32[np.ndarray, "N 2 12 2"]
) -> tuple[Float[np.ndarray, "N 12 2"], Bool[np.ndarray, "N 12"]]:
    """Mean place of those who agree, and where any do."""
    labels = np.stack([[s.points[s.skeleton.index(name)] for name in JOINTS] for s in samples])
    known = np.stack([[s.labelled[s.skeleton.index(name)] for name in JOINTS] for s in samples])
    first = lessons.points[:, [BLAZEPOSE33.index(name) for name in JOINTS], :2]
    second = seen.mean(axis=1)
    torso = np.linalg.norm(
        first[:, JOINTS.index("left_shoulder")] - first[:, JOINTS.index("right_hip")], axis=-1
    )
    least = LEAST_TORSO * np.array([region_of(sample).size for sample in samples])
    unit = np.fmax(torso, least)[:, None]

    def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.linalg.norm(one - other, axis=-1) / unit

    steady = apart(seen[:, 0], seen[:, 1]) < STEADY
    with_first = known & (apart(labels, first) < NEAR)
    with_second = known & steady & (apart(labels, second) < NEAR)
    teachers = steady & (apart(first, second) < NEAR)
    # The better agreement last: it stands.
    places = np.where(with_second[..., None], (labels + second) / 2, np.nan)
    places = np.where(teachers[..., None], (first + second) / 2, places)
    places = np.where(with_first[..., None], (labels + first) / 2, places)
    everyone = with_first & with_second & teachers
    places = np.where(everyone[..., None], (labels + first + second) / 3, places)
    return places, np.asarray(np.isfinite(places).all(axis=-1))


def write(
    path: Path, samples: Sequence[Sample], places: np.ndarray, agreed: Bool[np.ndarray, "N 12"]
) -> list[int]:
    """As COCO keypoints; the people who have joints enough."""
    people = np.flatnonzero(agreed.sum(axis=1) >= LEAST_JOINTS).tolist()
    images, annotations = [], []
    for number in people:
        rows = np.column_stack([np.nan_to_num(places[number]).round(2), 2 * agreed[number]])
        rows[~agreed[number]] = 0
        images.append({"id": number, "file_name": f"../lspet/images/{samples[number].image.name}"})
        annotations.append(
            {"id": number, "image_id": number, "category_id": 1, "keypoints": rows.ravel().tolist()}
        )
    category = {"id": 1, "name": "voted", "keypoints": list(JOINTS), "skeleton": []}
    path.parent.mkdir(exist_ok=True)
    with aside(path) as part:
        content = {"images": images, "annotations": annotations, "categories": [category]}
        part.write_text(json.dumps(content))
    return people


def main() -> None:
    """Look, look again, vote, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with lspet/ and peers/")
    data: Path = parser.parse_args().data
    samples = read_lspet(data / "lspet")
    lessons = heavy(samples)
    sizes_wh, _ = image_sizes(samples)
    seen = witness(samples, sizes_wh, TinyPose(data / "peers" / "tinypose_256x192"))
    places, agreed = vote(samples, lessons, seen)
    out = data / "lspet-voted" / "labels.json"
    people = write(out, samples, places, agreed)
    lessons.of(people).write(lessons_file("heavy", read(out.parent)))
    print(f"{out}: {len(people)} of {len(samples)} people, {agreed.mean():.1%} of joints agreed on")


if __name__ == "__main__":
    main()
