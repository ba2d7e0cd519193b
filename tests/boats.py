"""Rowers with keypoints of their own, and a recipe that learns from them."""

import json
from pathlib import Path

import numpy as np

from blazepose.skeleton import BLAZEPOSE33
from blazepose.video import write_image
from standing import standing_pose

# A rower's own points: name, and where a standing person of the 33 has it.
ROWER = {
    **{f"{s}_{p}": f"{s}_{p}" for p in ("shoulder", "hip", "knee") for s in ("left", "right")},
    **{"left_grip": "left_wrist", "right_grip": "right_wrist"},
}
NAMES = tuple(ROWER)
ROWS = [BLAZEPOSE33.index(name) for name in ROWER.values()]
RECIPE = """
network = "paper-lite"
skeleton = "data"
train = [{ path = "boats/train.json" }]
validate = [{ path = "boats/validate.json" }]
batch = 2
ema = 0
warmup = 1
precision = "32-true"
workers = 0
[[phases]]
name = "all"
epochs = 1
learning_rate = 1e-3
losses = { landmarks = 10, visibility = 1 }
"""
People = dict[str, np.ndarray]


def write_boats(folder: Path, name: str, people: People) -> None:
    """A COCO keypoints file: image name -> (8, 2) places of the rower's points."""
    folder.mkdir(exist_ok=True)
    keypoints = [
        [v for x, y in points for v in (float(x), float(y), 2)] for points in people.values()
    ]
    content = {
        "categories": [
            {"id": 1, "name": "rower", "keypoints": list(NAMES), "skeleton": [[1, 3], [2, 4]]}
        ],
        "images": [{"id": i, "file_name": image} for i, image in enumerate(people)],
        "annotations": [
            {"id": i, "image_id": i, "category_id": 1, "keypoints": values}
            for i, values in enumerate(keypoints)
        ],
    }
    (folder / f"{name}.json").write_text(json.dumps(content))


def make_room(folder: Path) -> None:
    """The recipe, and noise with rowers of whom four are to learn from and two to validate on."""
    points = standing_pose(center_xy=(100, 90), px_per_m=80).points[ROWS, :2]
    names = [f"{i}.png" for i in range(6)]
    write_boats(folder / "boats", "train", dict.fromkeys(names[:4], points))
    write_boats(folder / "boats", "validate", dict.fromkeys(names[4:], points))
    noise = np.random.default_rng(0)
    for name in names:
        write_image(folder / "boats" / name, noise.integers(0, 256, (180, 200, 3), np.uint8))
    (folder / "rower.toml").write_text(RECIPE)
