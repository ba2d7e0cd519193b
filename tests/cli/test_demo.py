"""`blazepose demo`, with the sample clip and the released networks."""

import json
from pathlib import Path

import pytest

from blazepose.cli import run
from blazepose.video import frames


@pytest.mark.slow
@pytest.mark.weights
def test_the_demo_needs_nothing_and_makes_video_poses_and_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["demo", "--model", "lite"]) == 0
    out, err = capfd.readouterr()
    made = {path.name for path in Path("blazepose-demo").iterdir()}
    assert {"poses.jsonl", "skeleton_3d.png"} < made
    (video,) = (name for name in made if name.endswith(".mp4"))
    assert len(made) == 3
    assert all(str(Path("blazepose-demo", name)) in out for name in made)
    assert "frames per second" in out
    assert "warning" not in err
    assert "error" not in err
    _, *lines = map(json.loads, Path("blazepose-demo", "poses.jsonl").read_text().splitlines())
    assert len(list(frames(Path("blazepose-demo", video)))) == len(lines)
    assert sum(bool(line["people"]) for line in lines) > len(lines) / 2


def test_an_unknown_model_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--model", "hevy"]) == 2
    assert "did you mean 'heavy'" in capsys.readouterr().err
