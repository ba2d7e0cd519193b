"""`blazepose train`: a recipe is followed, what happens is told once, bad input in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

from blazepose.cli import run
from boats import make_room


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a recipe and rowers."""
    monkeypatch.chdir(tmp_path)
    make_room(tmp_path)
    return tmp_path


def test_a_recipe_is_followed_and_each_data_set_told_once() -> None:
    command = [sys.executable, "-m", "blazepose", "train", "rower.toml"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    best = Path("runs/rower/best.safetensors")
    assert f"trained: {best}" in done.stdout
    assert best.is_file()
    assert done.stderr.count("train.json: 4 people read, 4 usable") == 1
    assert done.stderr.count("validate.json: 2 people read, 2 usable") == 1
    assert "all 1/1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lost.toml"], "lost.toml"),
        (["rower.toml", "--data", "nowhere"], "no such data"),
        (["rower.toml", "--out", "boats/0.png"], "cannot make the folder"),
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
    assert run(["train", "rower.toml"]) == 2
    assert "pip install 'blazepose[train]'" in capfd.readouterr().err
