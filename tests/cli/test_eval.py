import json
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from blazepose.cli import run
from blazepose.pose import Frame, Pose
from blazepose.posefile import PoseFileHeader, open_pose_files
from blazepose.skeleton import COCO17
from blazepose.video import write_image
from standing import standing_pose

SIZE = np.array([400, 480])


def write_data(folder: Path, count: int) -> list[Path]:
    """A YOLO pose folder of pictures a.png, b.png .. with the standing person in each."""
    images = []
    points = standing_pose().to("coco17").points[:, :2] / SIZE
    keypoints = np.column_stack([points, np.full(len(COCO17), 2)])
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    for name in "abcdef"[:count]:
        image = folder / "images" / f"{name}.png"
        write_image(image, np.full((480, 400, 3), 90, np.uint8))
        row = [0, 0.5, 0.5, 0.5, 0.8, *keypoints.ravel()]
        (folder / "labels" / f"{name}.txt").write_text(" ".join(f"{v:.6f}" for v in row) + "\n")
        images.append(image)
    return images


def write_predictions(path: Path, images: list[Path], poses: list[Pose | None]) -> Path:
    header = PoseFileHeader("made", "photos", None, None, None)
    with open_pose_files(path.with_suffix(""), header, formats=["jsonl"]) as lines:
        for index, (image, pose) in enumerate(zip(images, poses, strict=True)):
            frame = Frame(np.zeros((480, 400, 3), np.uint8), 0.0, index, str(image))
            lines.write(frame, [pose] if pose else [])
    return path


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., int]:
    """Judge predictions that have the first three of four people."""
    images = write_data(tmp_path / "set", 4)
    poses = [standing_pose(), standing_pose(), standing_pose(), None]
    predictions = write_predictions(tmp_path / "made.jsonl", images, poses)

    def call(*arguments: str) -> int:
        return run(["eval", str(tmp_path / "set"), "--model", str(predictions), *arguments])

    return call


def test_the_numbers_are_shown(judge, capsys):
    assert judge() == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines() if line.strip()]
    assert "4 people, 17 keypoints each" in out
    assert ["pck@0.2", "75.0"] in [row[:2] for row in rows]
    assert ["found", "75.0"] in [row[:2] for row in rows]
    assert ["left_wrist", "75.0"] in rows


def test_the_json_holds_them_too(judge, tmp_path):
    assert judge("--json", str(tmp_path / "r.json"), "--split", "2..4") == 0
    result = json.loads((tmp_path / "r.json").read_text())
    assert (result["dataset"], result["split"], result["input"]) == ("set", "2..4", "file")
    assert result["model"].endswith("made.jsonl")
    assert (result["n"], result["found"]) == (3, 2)
    assert result["metrics"]["pck@0.2"] == pytest.approx(2 / 3, abs=1e-5)
    assert result["per_joint"]["nose"] == pytest.approx(2 / 3, abs=1e-5)


def test_several_models_stand_beside_each_other(judge, tmp_path, capsys):
    images = sorted((tmp_path / "set" / "images").iterdir())
    other = write_predictions(tmp_path / "other.jsonl", images, [standing_pose()] * 4)
    assert judge("--model", str(other), "--json", str(tmp_path / "r.json")) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["pck@0.2", "75.0", "100.0"] in [row[:3] for row in rows]
    results = json.loads((tmp_path / "r.json").read_text())
    assert [result["found"] for result in results] == [3, 4]


def test_alpha_and_joints_can_be_chosen(judge, tmp_path):
    assert judge("--alpha", "0.1", "--joints", "limbs", "--json", str(tmp_path / "r.json")) == 0
    result = json.loads((tmp_path / "r.json").read_text())
    assert result["metrics"]["pck@0.1"] == 0.75
    assert len(result["per_joint"]) == 12


def test_the_report_is_one_page(judge, tmp_path, capsys):
    assert judge("--out", str(tmp_path / "out")) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.html"]
    assert str(tmp_path / "out" / "report.html") in capsys.readouterr().out


def test_a_broken_label_is_told_and_the_rest_goes_on(judge, tmp_path, capsys):
    (tmp_path / "set" / "labels" / "b.txt").write_text("0 0.5\n")
    assert judge("--json", str(tmp_path / "r.json")) == 2
    assert "b.txt" in capsys.readouterr().err
    assert json.loads((tmp_path / "r.json").read_text())["n"] == 3


@pytest.mark.weights
def test_a_broken_image_is_told_and_the_rest_goes_on(tmp_path, capsys):
    images = write_data(tmp_path / "set", 2)
    images[0].write_bytes(images[0].read_bytes()[:200])
    given = ["--model", "lite", "--input", "roi", "--json", str(tmp_path / "r.json")]
    assert run(["eval", str(tmp_path / "set"), *given]) == 2
    assert "a.png" in capsys.readouterr().err
    assert json.loads((tmp_path / "r.json").read_text())["images"] == 1


def test_ctrl_c_keeps_what_was_judged(judge, tmp_path, capsys, monkeypatch):
    from blazepose.evaluate import FromFile

    answer = FromFile.__call__

    def press_at_b(self, image, people):
        if image.name == "b.png":
            signal.raise_signal(signal.SIGINT)
        return answer(self, image, people)

    monkeypatch.setattr(FromFile, "__call__", press_at_b)
    assert judge("--json", str(tmp_path / "r.json")) == 1
    result = json.loads((tmp_path / "r.json").read_text())
    assert (result["n"], result["complete"]) == (2, False)
    assert "stopped after 2 of 4 images" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--split", "3"], "--split: expected a split like 1..1000"),
        (["--split", "3..9"], "--split: expected a split within 1..4"),
        (["--alpha", "0"], "--alpha must be above 0, got 0"),
        (["--alpha", "nan"], "--alpha must be above 0, got nan"),
        (["--joints", "toes"], "toes"),
        (["--model", "fulll"], "did you mean 'full'"),
        (["--model", "gone.jsonl"], "gone.jsonl"),
    ],
)
def test_wrong_use_is_one_line(judge, arguments, words, capsys):
    assert judge(*arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_data_that_is_not_there_is_one_line(tmp_path, capsys):
    assert run(["eval", str(tmp_path / "gone")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_help_has_an_example(capsys):
    assert run(["eval", "--help"]) == 0
    assert "blazepose eval lsp --split 1001..2000" in capsys.readouterr().out
