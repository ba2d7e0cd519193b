import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from blazepose.cli.data import app
from blazepose.datasets.lessons import Lessons
from blazepose.errors import OutputError, SourceError
from blazepose.skeleton import COCO17
from standing import standing_pose

ROW = standing_pose().to("coco17").points[:, :2] / np.float32([400, 480])


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def line(points: np.ndarray = ROW) -> str:
    return " ".join(["0 0.5 0.5 0.9 0.9", *(f"{x:.4f} {y:.4f} 2" for x, y in points)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three photos of one person each; the wrist of the second is far below the floor."""
    far = ROW.copy()
    far[9] = [0.86, 0.99]
    for stem, label in (("a", line()), ("b", line(far)), ("c", line())):
        for kind, name in (("images", f"{stem}.jpg"), ("labels", f"{stem}.txt")):
            path = tmp_path / "set" / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "labels":
                path.write_text(label + "\n")
            else:
                cv2.imwrite(str(path), np.full((480, 400, 3), 99, np.uint8))
    return tmp_path / "set"


def test_it_counts_and_names_suspicious_labels(data):
    result = run(data)
    assert result.exit_code == 0
    assert "3 people in 3 images, coco17; 3 can be aligned" in result.stdout
    assert "400 x 480" in result.stdout
    assert "people with suspicious labels: 1 (33.3%)" in result.stdout
    assert "2  b.jpg  left_wrist: limb 6." in result.stdout
    assert result.stderr == ""


def test_a_split_keeps_the_numbers_of_the_data_set(data):
    result = run(data, "--split", "2..3")
    assert "2 people in 2 images" in result.stdout
    assert "2  b.jpg" in result.stdout
    assert "no suspicious labels" in run(data, "--split", "3..3").stdout


def test_pictures_and_json_are_written(data, tmp_path):
    result = run(data, "--out", tmp_path / "out")
    names = ["people.png", "survey.json", "suspicious.png"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    assert all(name in result.stdout for name in names)
    survey = json.loads((tmp_path / "out" / "survey.json").read_text())
    assert survey["people"] == 3
    assert survey["findings"][0]["joint"] == "left_wrist"
    assert cv2.imread(str(tmp_path / "out" / "people.png")) is not None


def test_broken_labels_and_images_are_listed_and_the_rest_goes_on(data):
    (data / "labels" / "a.txt").write_text(f"{line()}\n0 oops\n")
    cut = (data / "images" / "c.jpg").read_bytes()[:-900]
    (data / "images" / "c.jpg").write_bytes(cut)
    result = run(data)
    assert result.exit_code == 2
    assert "a.txt, line 2: expected numbers, got '0 oops'" in result.stderr
    assert "cannot read the image" in result.stderr
    assert "3 people" in result.stdout
    assert "image: 1 (1 person)" in result.stdout


def test_nothing_but_broken_labels_is_an_error_that_names_the_first(data):
    for stem in ("a", "b", "c"):
        (data / "labels" / f"{stem}.txt").write_text("0 oops\n")
    error = run(data).exception
    assert isinstance(error, SourceError)
    assert "a.txt, line 1: expected numbers" in str(error)


@pytest.mark.parametrize("split", ["1-2", "2..1", "1..4"])
def test_a_split_that_cannot_be_is_wrong_use(data, split):
    result = run(data, "--split", split)
    assert result.exit_code == 2
    assert "--split: expected a split" in " ".join(result.stderr.split())


def test_a_folder_that_cannot_be_made_is_an_error(data, tmp_path):
    (tmp_path / "file").write_text("")
    assert isinstance(run(data, "--out", tmp_path / "file").exception, OutputError)


def test_a_data_set_of_unknown_form_is_an_error(tmp_path):
    assert "looked for joints.mat" in str(run(tmp_path).exception)


@pytest.mark.weights
def test_a_teacher_s_lessons_are_kept_beside_the_survey_and_used_again(data, tmp_path):
    out = tmp_path / "out"
    (data / "labels" / "c.txt").write_text(line(ROW[COCO17.mirror]))
    assert run(data, "--teacher", "lite", "--out", out).exit_code == 0
    (path,) = out.glob("lessons-lite-*.npz")
    assert len(Lessons.read(path)) == 3
    pose = standing_pose()
    lessons = Lessons.blank(3)
    lessons.points[:, :33], lessons.visibility[:] = pose.points, 1
    lessons.score[:], lessons.spread[:] = 1, 0
    lessons.write(path)
    result = run(data, "--teacher", "lite", "--out", out)
    assert "swap: 1 (1 person)" in result.stdout
    assert "3  c.jpg  left and right exchanged: sides swapped" in result.stdout
