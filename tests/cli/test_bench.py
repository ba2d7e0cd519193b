"""`blazepose bench`: one run from clip and labels to tables and files, and wrong use in a line."""

import json
from pathlib import Path

import numpy as np
import pytest

from blazepose.bench import rounds as module
from blazepose.cli import run
from blazepose.skeleton import COCO17
from blazepose.video import VideoWriter, frames, write_image
from blazepose.weights import store


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(module, "_PAUSE_S", 0.0)


@pytest.fixture
def clip(tmp_path) -> Path:
    """20 frames of the sample clip, at half its size, without the larger person on the left."""
    path = tmp_path / "walk.mp4"
    with frames(store.path("demo")) as source:
        images = [frame.image[::2, 984::2].copy() for frame in source if 60 <= frame.index < 80]
    height, width = images[0].shape[:2]
    with VideoWriter(str(path), width=width, height=height, fps=30) as writer:
        for index, image in enumerate(images):
            writer.write(image, index / 30)
    return path


@pytest.fixture
def data(tmp_path, clip) -> Path:
    """10 of its frames, labelled with what the lite model sees in them."""
    from blazepose import Tracker

    tracker, folder = Tracker("lite"), tmp_path / "set"
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    for frame in list(frames(clip))[:10]:
        (pose,) = tracker(frame)
        size_wh = np.array(frame.image.shape[1::-1])
        points = pose.to("coco17").points[:, :2] / size_wh
        row = [0, 0.5, 0.5, 1, 1, *np.column_stack([points, np.full(len(COCO17), 2)]).ravel()]
        write_image(folder / "images" / f"{frame.index}.png", frame.image)
        text = " ".join(f"{value:.6f}" for value in row)
        (folder / "labels" / f"{frame.index}.txt").write_text(text + "\n")
    return folder


@pytest.mark.weights
def test_a_run_measures_judges_and_writes(clip, data, tmp_path, capsys):
    options = ["--systems", "blazepose:lite", "--system", "broken=false {source} {out}"]
    place = ["--data", str(data), "--limit", "8", "--rounds", "2", "--out", str(tmp_path / "o")]
    assert run(["bench", str(clip), *options, *place]) == 2
    out, err = capsys.readouterr()
    assert "Tracking walk.mp4" in out
    assert "error: broken: first: " in err
    content = json.loads((tmp_path / "o" / "bench.json").read_text())
    (system,) = content["systems"]
    (walk,) = system["clips"]
    assert system["system"] == content["against"] == "blazepose:lite"
    assert system["rounds"] == 2
    assert (walk["found"], walk["times"]) == (1.0, 1.0)
    assert walk["fps"] > 0
    assert walk["ms_p95"] >= walk["ms"]
    assert system["accuracy"]["people"] == 8
    assert system["accuracy"]["share"] > 0.8
    assert system["installed_mb"] > 50
    assert {path.name for path in (tmp_path / "o").iterdir()} == {
        *("bench.json", "bench.md", "bench.png")
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--systems", "movenett"], "did you mean 'movenet'"),
        (["--system", "mine=run {source}"], "expected NAME='COMMAND"),
        (["--systems", "movenet", "--against", "posenet"], "--against: expected one of movenet"),
        (["--limit", "3"], "--split and --limit need --data"),
        (["gone.mp4"], "no such clip: gone.mp4"),
        (["--data", "gone"], "gone"),
    ],
)
def test_wrong_use_is_one_line(arguments, words, capsys):
    assert run(["bench", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_no_system_at_all_is_an_error(tmp_path, capsys):
    """An unknown model is told by the store, and nothing is left to compare."""
    path = tmp_path / "a.mp4"
    with VideoWriter(str(path), width=64, height=48, fps=30) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8), 0.0)
    assert run(["bench", str(path), "--systems", "blazepose:fulll"]) == 2
    assert "did you mean 'full'" in capsys.readouterr().err


def test_the_help_has_an_example(capsys):
    assert run(["bench", "--help"]) == 0
    assert "blazepose bench squat.mp4 --data lsp" in capsys.readouterr().out
