import zipfile
from pathlib import Path

import pytest

from blazepose.errors import ModelError
from blazepose.weights.task import DETECTOR, LANDMARKS, read_task, write_task


def bundle(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.tflite", content)
    return path


def test_a_bundle_gives_its_two_networks(tmp_path):
    members = {"pose_detector": b"one", "pose_landmarks_detector": b"two", "more": b"three"}
    assert read_task(bundle(tmp_path / "a.task", **members)) == {
        DETECTOR: b"one",
        LANDMARKS: b"two",
    }


def test_a_bundle_of_something_else_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no pose bundle: expected pose_detector"):
        read_task(bundle(tmp_path / "hand.task", hand_detector=b"one"))


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 and no more"])
def test_a_file_that_is_no_zip_is_refused(tmp_path, content):
    (tmp_path / "a.task").write_bytes(content)
    with pytest.raises(ModelError, match="cannot be read as a"):
        read_task(tmp_path / "a.task")


def test_a_damaged_member_is_refused(tmp_path):
    path = bundle(tmp_path / "a.task", pose_detector=b"one", pose_landmarks_detector=b"two")
    path.write_bytes(path.read_bytes().replace(b"two", b"tow"))
    with pytest.raises(ModelError, match="Bad CRC"):
        read_task(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match="No such file"):
        read_task(tmp_path / "gone.task")


def test_a_written_bundle_is_stored_and_aligned_and_comes_back(tmp_path):
    members = {"detector": b"one" * 5, "landmarks": b"two" * 7}
    write_task(tmp_path / "a.task", **members)
    assert read_task(tmp_path / "a.task") == {
        DETECTOR: members["detector"],
        LANDMARKS: members["landmarks"],
    }
    content = (tmp_path / "a.task").read_bytes()
    assert all(content.index(member) % 4 == 0 for member in members.values())
    assert [file.name for file in tmp_path.iterdir()] == ["a.task"]
