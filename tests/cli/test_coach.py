"""`blazepose coach`: counts, reports and bad input told in one line."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from blazepose.cli import run
from blazepose.video import VideoWriter, frames, write_image
from motion import Camera, Plan, exercise, write

VIDEOS = Path(__file__).parents[3] / "shared" / "data" / "videos"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _video(name: str) -> str:
    if not (VIDEOS / name).is_file():
        pytest.skip("no shared/data/videos beside the checkout")
    return str(VIDEOS / name)


def _report() -> dict:
    return json.loads(Path("out/report.json").read_text(encoding="utf-8"))


def _refused(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["coach", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: [^\n]+\n", err)
    assert not Path("out/report.json").exists()
    return err


def _squats() -> None:
    write(Path("poses.jsonl"), exercise("squat", Plan((1, 1)), camera=Camera(20), fps=10))


def test_poses_from_before_are_coached_without_a_network(capfd) -> None:
    _squats()
    for name in ("squat", "auto"):
        assert run(["coach", "poses.jsonl", "--exercise", name]) == 0
        assert "squat, 2 repetitions" in capfd.readouterr().out
        assert (_report()["exercise"], _report()["repetitions"]) == ("squat", 2)
    assert {path.name for path in Path("out").iterdir()} == {"report.json", "report.html"}


def test_an_unknown_exercise_is_refused_with_near_matches(capfd) -> None:
    _squats()
    assert "did you mean 'squat'" in _refused(capfd, "poses.jsonl", "--exercise", "sqat")


def test_an_id_that_nobody_has_is_refused_with_those_there_are(capfd) -> None:
    _squats()
    assert "expected somebody with id 4, found: 1" in _refused(capfd, "poses.jsonl", "--id", "4")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (slice(0, 0), "is no poses file"),
        (slice(1, None), "is no poses file"),
        (slice(None, 5), "line 6 is damaged"),
    ],
)
def test_a_damaged_poses_file_is_told(capfd, lines: slice, message: str) -> None:
    _squats()
    whole = Path("poses.jsonl").read_text().splitlines()[lines]
    cut = [*whole, '{"frame": 5, "time'] if lines.stop == 5 else whole
    Path("cut.jsonl").write_text("\n".join(cut) + "\n")
    assert message in _refused(capfd, "cut.jsonl")


def test_a_photo_is_refused(capfd) -> None:
    write_image("a.png", np.zeros((64, 96, 3), np.uint8))
    assert "expected a clip, got a.png" in _refused(capfd, "a.png", "--model", "lite")


def test_a_journal_without_save_is_refused(capfd) -> None:
    _squats()
    assert "--save" in _refused(capfd, "poses.jsonl", "--database", "mine.sqlite")


def test_a_missing_source_is_told(capfd) -> None:
    assert "no such file: gone.mp4" in _refused(capfd, "gone.mp4")
    assert "cannot read gone.jsonl" in _refused(capfd, "gone.jsonl")


@pytest.mark.weights
@pytest.mark.shared
@pytest.mark.slow
def test_the_squat_clip_has_two_squats_and_a_third_begun() -> None:
    clip = _video("pose_squats.mp4")
    assert run(["coach", clip, "--exercise", "squat", "--model", "lite"]) == 0
    report = _report()
    assert (report["repetitions"], report["partial"]) == (2, 1)
    made = {path.name for path in Path("out").iterdir()}
    assert made == {"poses.jsonl", "pose_squats.mp4", "report.json", "report.html"}
    annotated = list(frames("out/pose_squats.mp4"))
    assert len(annotated) == 65
    assert annotated[0].image[:100, :250].mean() < 100  # the dark panel of the counter
    assert run(["coach", "out/poses.jsonl", "--out", "again"]) == 0
    again = json.loads(Path("again/report.json").read_text())
    assert (again["exercise"], again["repetitions"], again["partial"]) == ("squat", 2, 1)


@pytest.mark.weights
def test_a_clip_with_nobody_is_no_error(capfd) -> None:
    rng = np.random.default_rng(0)
    with VideoWriter("a.mp4", width=96, height=64, fps=10) as writer:
        for index in range(8):
            writer.write(rng.integers(0, 255, (64, 96, 3), "B"), index / 10)
    assert run(["coach", "a.mp4", "--model", "lite"]) == 0
    assert "nobody was found in the clip" in capfd.readouterr().err
    assert _report()["people"] == []
