"""Which files a source stands for."""

from pathlib import Path

import numpy as np
import pytest
from clips import plain, write_clip

from blazepose.errors import SourceError
from blazepose.video import media_files, write_image
from blazepose.video.media import holds_image


def _touch(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"?")
    return [folder / name for name in names]


def test_a_folder_gives_its_media_in_natural_order(tmp_path: Path) -> None:
    _touch(tmp_path, "b10.jpg", "B2.JPG", "a.mp4", "b1.png")
    assert [p.name for p in media_files(tmp_path)] == ["a.mp4", "b1.png", "B2.JPG", "b10.jpg"]


def test_hidden_files_other_files_and_folders_are_left_out(tmp_path: Path) -> None:
    _touch(tmp_path, "a.jpg", ".b.jpg", "notes.txt", "poses.jsonl", "inner.mp4/c.jpg", "d")
    assert media_files(tmp_path) == [tmp_path / "a.jpg"]


def test_without_a_suffix_the_content_tells(tmp_path: Path) -> None:
    write_image(tmp_path / "photo.png", plain(0))
    (tmp_path / "photo.png").rename(tmp_path / "photo")
    write_clip(tmp_path / "clip.mp4", [plain(0)] * 3).rename(tmp_path / "clip")
    (tmp_path / "LICENSE").write_text("none")
    assert [p.name for p in media_files(tmp_path)] == ["clip", "photo"]
    assert holds_image(tmp_path / "photo")
    assert not holds_image(tmp_path / "clip")


def test_content_wins_over_a_wrong_suffix(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", plain(0))
    assert holds_image((tmp_path / "a.png").rename(tmp_path / "a.mp4"))


def test_a_glob_gives_what_matches(tmp_path: Path) -> None:
    _touch(tmp_path, "a1.jpg", "a2.txt", "b.jpg", "in/a3.jpg")
    assert [p.name for p in media_files(f"{tmp_path}/a*")] == ["a1.jpg"]
    assert [p.name for p in media_files(f"{tmp_path}/**/a*")] == ["a1.jpg", "a3.jpg"]


def test_a_name_with_brackets_is_a_file_if_it_is_there(tmp_path: Path) -> None:
    [path] = _touch(tmp_path, "clip[1].mp4")
    assert media_files(str(path)) == [path]


def test_a_sequence_keeps_its_order_and_expands_its_parts(tmp_path: Path) -> None:
    files = _touch(tmp_path, "z.jpg", "in/b.jpg", "in/a.jpg")
    assert media_files([files[0], str(tmp_path / "in")]) == [files[0], files[2], files[1]]


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert media_files("~/a.jpg" if _touch(tmp_path, "a.jpg") else "") == [tmp_path / "a.jpg"]


@pytest.mark.parametrize("name", ["", "/*.mp4"])
def test_nothing_found_says_what_was_looked_for(tmp_path: Path, name: str) -> None:
    _touch(tmp_path, "notes.txt")
    with pytest.raises(SourceError, match=r"no media in .*images \(.*\.jpg.*videos \(.*\.mp4"):
        media_files(f"{tmp_path}{name}")


def test_a_missing_file_offers_near_names(tmp_path: Path) -> None:
    _touch(tmp_path, "squat_front.mp4", "other.png")
    with pytest.raises(SourceError, match=r"no such file.*did you mean squat_front\.mp4\?"):
        media_files(tmp_path / "squat-front.mp4")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"the folder .*nowhere does not exist"):
        media_files(tmp_path / "nowhere" / "a.mp4")


def test_an_empty_name_is_told() -> None:
    with pytest.raises(SourceError, match="name of the source is empty"):
        media_files("")


def test_an_empty_list_is_told() -> None:
    with pytest.raises(SourceError, match="the list of files is empty"):
        media_files([])


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(SourceError, match=r"a\.mp4 is empty, 0 bytes"):
        media_files(tmp_path / "a.mp4")


def test_a_heic_photo_counts_as_an_image(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\0\0\0\x18ftypheic" + np.zeros(9, np.uint8).tobytes())
    assert holds_image(tmp_path / "x")
