"""Which media become which results, and where these lie."""

from pathlib import Path

import pytest

from blazepose.annotate import Job, plan
from blazepose.errors import OutputError, SourceError

OUT = Path("out")


@pytest.fixture
def media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with one called `in`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    return Path("in")


def put(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"some")


def results(jobs: list[Job]) -> set[str]:
    return {path.as_posix() for job in jobs for path in job.media.values()}


def test_a_clip_becomes_an_mp4_of_its_name(media: Path) -> None:
    put(media / "squat.v2.mov")
    (job,) = plan(media / "squat.v2.mov", OUT)
    assert (job.name, job.folder, job.album) == ("squat.v2.mov", OUT, False)
    assert job.media == {str(media / "squat.v2.mov"): OUT / "squat.v2.mp4"}


def test_a_photo_keeps_its_name_if_its_kind_can_be_written(media: Path) -> None:
    put(media / "a.jpeg", media / "b.webp", media / "c.TIF")
    (job,) = plan(media, OUT)
    assert (job.name, job.folder, job.album) == ("3 photos", OUT, True)
    assert results([job]) == {"out/a.jpeg", "out/b.png", "out/c.png"}


def test_each_of_several_videos_has_a_folder_and_the_photos_are_one_job(media: Path) -> None:
    put(media / "a.mp4", media / "b.mkv", media / "c.jpg")
    jobs = plan(media, OUT)
    assert [job.folder.as_posix() for job in jobs] == ["out", "out/a", "out/b"]
    assert results(jobs) == {"out/c.jpg", "out/a/a.mp4", "out/b/b.mp4"}


def test_files_that_differ_in_their_suffix_alone_do_not_meet(media: Path) -> None:
    put(media / "a.mp4", media / "a.mkv", media / "b.png", media / "b.webp")
    assert results(plan(media, OUT)) == {
        *("out/a.mp4/a.mp4", "out/a.mkv/a.mp4"),
        *("out/b.png.png", "out/b.webp.png"),
    }


def test_files_of_several_folders_keep_apart(media: Path) -> None:
    put(media / "x" / "a.mp4", media / "y" / "a.mp4", media / "y" / "z" / "b.jpg", media / "b.jpg")
    assert results(plan("in/**/*.*", OUT)) == {
        *("out/x/a/a.mp4", "out/y/a/a.mp4"),
        *("out/b.jpg", "out/y/z/b.jpg"),
    }


def test_a_photo_called_like_the_figure_does_not_meet_it(media: Path) -> None:
    put(media / "skeleton_3d.png", media / "a.png")
    assert results(plan(media, OUT)) == {"out/skeleton_3d.png.png", "out/a.png"}


@pytest.mark.parametrize("source", ["in/a.mp4", "in/b.jpg", "in"])
def test_results_among_the_sources_are_refused(media: Path, source: str) -> None:
    put(media / "a.mp4", media / "b.jpg")
    with pytest.raises(OutputError, match=r"among the sources in .*in: choose another folder"):
        plan(source, Path("in/../in"))


def test_results_in_a_folder_within_that_of_the_sources_are_fine(media: Path) -> None:
    put(media / "a.mp4", media / "b.jpg")
    assert results(plan(media, media / "out")) == {"in/out/a/a.mp4", "in/out/b.jpg"}


def test_a_place_that_is_taken_by_an_odd_name_gets_a_number(media: Path) -> None:
    put(media / "a.mov", media / "a.mp4", media / "a.mov.mp4")
    put(media / "b.webp", media / "b.png", media / "b.webp.png")
    places = [path for job in plan(media, OUT) for path in job.media.values()]
    assert len(set(places)) == 6
    assert {"out/a.mov/a.mov.mp4", "out/a.mov-2/a.mp4"} & {p.as_posix() for p in places}


def test_a_folder_called_by_a_number_is_no_camera(media: Path) -> None:
    put(media / "a.mp4")
    media.rename("2024")
    (job,) = plan("2024", OUT)
    assert job.source == Path("2024/a.mp4")


@pytest.mark.parametrize("source", [1, "1"])
def test_a_number_is_a_camera(source: int | str) -> None:
    (job,) = plan(source, OUT)
    assert (job.name, results([job])) == ("camera 1", {"out/camera_1.mp4"})


@pytest.mark.parametrize(
    ("url", "name", "result"),
    [
        ("rtsp://me:secret@door:554/live.sdp?token=secret", "live.sdp", "out/live.mp4"),
        ("rtsp://me:secret@door:554", "door", "out/door.mp4"),
    ],
)
def test_a_stream_is_called_by_what_of_its_address_is_no_secret(
    url: str, name: str, result: str
) -> None:
    (job,) = plan(url, OUT)
    assert (job.source, job.name, results([job])) == (url, name, {result})


def test_a_missing_file_is_told(media: Path) -> None:
    put(media / "squat.mp4")
    with pytest.raises(SourceError, match=r"did you mean squat\.mp4\?"):
        plan(media / "sqat.mp4", OUT)


def test_one_clip_may_have_its_results_beside_it_unless_they_replace_it(tmp_path):
    clip = tmp_path / "squat.mkv"
    clip.write_bytes(b"\x1aE\xdf\xa3")
    (job,) = plan(clip, tmp_path)
    assert job.media == {str(clip): tmp_path / "squat.mp4"}
    twin = clip.rename(tmp_path / "squat.mp4")
    with pytest.raises(OutputError, match=r"among the sources"):
        plan(twin, tmp_path)


def test_a_source_by_another_name_of_the_same_file_is_not_replaced(tmp_path: Path) -> None:
    """As `a.MP4` is that of `a.mp4` where a disk does not tell them apart."""
    clip = tmp_path / "GOPRO.MP4"
    clip.write_bytes(b"\x1aE\xdf\xa3")
    (tmp_path / "GOPRO.mp4").hardlink_to(clip)
    with pytest.raises(OutputError, match=r"among the sources"):
        plan(clip, tmp_path)


def test_a_videos_folder_does_not_meet_a_photos_picture(media: Path) -> None:
    put(media / "b.jpg", media / "b.jpg.mp4", media / "skeleton_3d.png.mp4")
    assert results(plan(media, OUT)) == {
        *("out/b.jpg", "out/b.jpg.mp4/b.jpg.mp4"),
        "out/skeleton_3d.png.mp4/skeleton_3d.png.mp4",
    }


def test_the_figure_does_not_replace_the_source(media: Path) -> None:
    put(media / "skeleton_3d.png")
    with pytest.raises(OutputError, match="choose another folder"):
        plan(media / "skeleton_3d.png", media)
