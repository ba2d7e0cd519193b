"""`blazepose train`: a recipe is followed, what happens is told once, bad input in one line."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from blazepose.cli import run
from blazepose.skeleton import BLAZEPOSE33
from blazepose.video import write_image
from standing import standing_pose

NAMES = tuple(f"{side}_{part}" for part in ("shoulder", "hip") for side in ("left", "right"))
RECIPE = """
network = "paper-lite"
skeleton = "data"
train = [{ path = "trunks.json", split = "1..2" }]
validate = [{ path = "trunks.json", split = "3..3" }]
batch = 2
warmup = 1
precision = "32-true"
workers = 0
[[phases]]
name = "all"
epochs = 1
learning_rate = 1e-3
losses = { landmarks = 10 }
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a recipe and three photos of trunks."""
    monkeypatch.chdir(tmp_path)
    Path("trunks.toml").write_text(RECIPE)
    rows = [BLAZEPOSE33.index(name) for name in NAMES]
    points = standing_pose(center_xy=(60, 50), px_per_m=40).points[rows, :2]
    keypoints = [float(v) for x, y in points for v in (x, y, 2)]
    ids = range(3)
    for i in ids:
        write_image(f"{i}.png", np.full((100, 120, 3), 80 + i, np.uint8))
    content = {
        "categories": [{"id": 1, "name": "trunk", "keypoints": list(NAMES)}],
        "images": [{"id": i, "file_name": f"{i}.png"} for i in ids],
        "annotations": [
            {"id": i, "image_id": i, "category_id": 1, "keypoints": keypoints} for i in ids
        ],
    }
    Path("trunks.json").write_text(json.dumps(content))
    return tmp_path


def test_a_recipe_is_followed_and_each_data_set_told_once() -> None:
    command = [sys.executable, "-m", "blazepose", "train", "trunks.toml"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    best = Path("runs/trunks/best.safetensors")
    assert f"trained: {best}" in done.stdout
    assert best.is_file()
    assert done.stderr.count("trunks.json: 2 people read, 2 usable") == 1
    assert done.stderr.count("trunks.json: 1 people read, 1 usable") == 1
    assert "all 1/1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lost.toml"], "lost.toml"),
        (["trunks.toml", "--data", "nowhere"], "no such data"),
        (["trunks.toml", "--out", "0.png"], "cannot make the folder"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(capfd, arguments: list[str], said: str) -> None:
    assert run(["train", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    (line,) = [line for line in err.splitlines() if line.startswith("error:")]
    assert said in line


def test_without_pytorch_the_extra_is_named(capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run(["train", "trunks.toml"]) == 2
    assert "pip install 'blazepose[train]'" in capfd.readouterr().err
