"""When pose files get their names, and what stays when something goes wrong."""

import sys
from pathlib import Path

import numpy as np
import pytest

from blazepose.errors import OutputError, SourceError
from blazepose.pose import Frame
from blazepose.posefile import FORMATS, PoseFileHeader, open_pose_files, read_poses

HEADER = PoseFileHeader("full", "squat.mp4", 64, 48, 30.0)
FRAME = Frame(np.zeros((48, 64, 3), np.uint8))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def formats():
    pytest.importorskip("pyarrow")
    return FORMATS


def test_a_file_gets_its_name_when_it_is_complete(tmp_path, formats):
    with open_pose_files(tmp_path / "out" / "poses", HEADER, formats=formats) as writer:
        writer.write(FRAME, [])
        assert not any(path.exists() for path in writer.paths)
        assert "poses.jsonl.part" in names(tmp_path / "out")
    assert names(tmp_path / "out") == ["poses.csv", "poses.jsonl", "poses.npz", "poses.parquet"]
    assert sorted(path.name for path in writer.paths) == names(tmp_path / "out")


def write_and_raise(folder, formats, error: BaseException, frames: int = 1) -> None:
    with open_pose_files(folder / "poses", HEADER, formats=formats) as writer:
        for _ in range(frames):
            writer.write(FRAME, [])
        raise error


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SourceError("the video is cut")])
def test_a_clip_that_ends_early_keeps_what_was_done(tmp_path, formats, end):
    with pytest.raises(type(end)):
        write_and_raise(tmp_path, formats, end)
    assert names(tmp_path) == ["poses.csv", "poses.jsonl", "poses.npz", "poses.parquet"]
    assert len(list(read_poses(tmp_path / "poses.jsonl")[1])) == 1


def test_after_another_error_no_file_looks_finished(tmp_path, formats):
    with pytest.raises(ZeroDivisionError):
        write_and_raise(tmp_path, formats, ZeroDivisionError())
    assert all(name.endswith(".part") for name in names(tmp_path))
    assert len(list(read_poses(tmp_path / "poses.jsonl.part")[1])) == 1


def test_an_earlier_result_stays_until_the_new_one_is_complete(tmp_path):
    (tmp_path / "poses.jsonl").write_text("earlier")
    with open_pose_files(tmp_path / "poses", HEADER) as writer:
        writer.write(FRAME, [])
        assert (tmp_path / "poses.jsonl").read_text() == "earlier"
    assert (tmp_path / "poses.jsonl").read_text() != "earlier"


def test_a_stem_with_dots_is_kept(tmp_path):
    with open_pose_files(tmp_path / "take.2", HEADER):
        pass
    assert names(tmp_path) == ["take.2.jsonl"]


def test_a_format_asked_for_twice_is_written_once(tmp_path):
    with open_pose_files(tmp_path / "poses", HEADER, formats=["csv", "csv"]) as writer:
        assert len(writer.paths) == 1


def test_an_unknown_format_is_told_before_anything_is_made(tmp_path):
    with pytest.raises(OutputError, match="unknown format 'json' for poses: did you mean 'jsonl'"):
        open_pose_files(tmp_path / "out" / "poses", HEADER, formats=["csv", "json"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", FORMATS)
def test_a_folder_that_cannot_be_made_is_told(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another folder"):
        open_pose_files(tmp_path / "file" / "poses", HEADER, formats=[name])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_a_full_disk_is_told_and_no_file_looks_finished(tmp_path, name):
    (tmp_path / f"poses.{name}.part").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left"):
        write_and_raise(tmp_path, [name], KeyboardInterrupt(), frames=1000)
    assert names(tmp_path) in ([], [f"poses.{name}.part"])


@pytest.mark.skipif(sys.platform == "win32", reason="there, an open file cannot be renamed")
def test_two_runs_do_not_write_one_file(tmp_path, formats):
    with open_pose_files(tmp_path / "poses", HEADER, formats=formats) as writer:
        with pytest.raises(OutputError, match=r"poses\.\w+\.part is being written by another run"):
            open_pose_files(tmp_path / "poses", HEADER, formats=formats[::-1])
        writer.write(FRAME, [])
    assert names(tmp_path) == sorted(f"poses.{name}" for name in formats)
    with open_pose_files(tmp_path / "poses", HEADER):
        pass
