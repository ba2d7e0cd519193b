import sys
from pathlib import Path

import pytest

from blazepose.aside import aside, claimed, made_folder
from blazepose.errors import OutputError


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    goal = tmp_path / "poses.txt"
    with aside(goal) as part:
        part.write_text("all of it")
        assert not goal.exists()
    assert goal.read_text() == "all of it"
    assert list(tmp_path.iterdir()) == [goal]


def test_a_failure_keeps_the_old_file_and_leaves_nothing_behind(tmp_path: Path) -> None:
    goal = tmp_path / "poses.txt"
    goal.write_text("old")
    with pytest.raises(ZeroDivisionError), aside(goal) as part:
        part.write_text(f"half {1 / 0}")
    assert goal.read_text() == "old"
    assert list(tmp_path.iterdir()) == [goal]


def test_a_folder_is_made_with_those_above_it_and_may_be_there_already(tmp_path: Path) -> None:
    for _ in range(2):
        assert made_folder(tmp_path / "runs" / "mine") == tmp_path / "runs" / "mine"
    assert (tmp_path / "runs" / "mine").is_dir()


def test_a_folder_where_a_file_is_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(OutputError, match=r"cannot make the folder .*choose another place"):
        made_folder(tmp_path / "runs")


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    goal = tmp_path / "missing" / "poses.txt"
    with pytest.raises(OutputError, match="cannot write"), aside(goal) as part:
        part.write_text("x")


@pytest.mark.skipif(sys.platform == "win32", reason="there, an open file cannot be renamed")
def test_what_one_writes_no_other_does(tmp_path: Path) -> None:
    part = tmp_path / "a.mp4.part"
    with (
        claimed(part),
        pytest.raises(OutputError, match="is being written by another run"),
        claimed(part),
    ):
        raise AssertionError("both")
    with claimed(part):
        assert part.exists()


def test_a_folder_is_no_file_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path, Path()):  # the second has no name
        with pytest.raises(OutputError, match=r"cannot write .* it is a folder"), aside(folder):
            raise AssertionError("begun")
