"""Annotated video out: what was written comes back, and nothing half-done looks finished."""

import sys
from pathlib import Path

import av
import numpy as np
import pytest
from clips import colour, noise, plain

from blazepose.errors import OutputError, SourceError
from blazepose.video import VideoWriter, frames


def _write(path: Path, pictures: list[np.ndarray], times_s: list[float] | None = None) -> None:
    height, width = pictures[0].shape[:2]
    with VideoWriter(path, width=width, height=height, fps=30) as writer:
        for i, picture in enumerate(pictures):
            writer.write(picture, i / 30 if times_s is None else times_s[i])


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_colours_times_and_order_come_back(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", [plain(i) for i in range(20)])
    source = frames(tmp_path / "a.mp4")
    assert source.info.fps == pytest.approx(30)
    assert source.info.duration_s == pytest.approx(20 / 30, abs=1e-3)
    back = list(source)
    assert source.problem is None
    np.testing.assert_allclose([f.time_s for f in back], np.arange(20) / 30, atol=1e-4)
    for i, frame in enumerate(back):
        np.testing.assert_allclose(frame.image.reshape(-1, 3).mean(0), colour(i), atol=4)


def test_the_file_is_what_browsers_play(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", [plain(i) for i in range(5)])
    with av.open(str(tmp_path / "a.mp4")) as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert stream.codec_context.color_range == 1
        assert stream.codec_context.colorspace == 6
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_variable_frame_rate_is_kept(tmp_path: Path) -> None:
    times_s = [0.0, 0.0401, 0.05, 0.5, 0.51, 2.0]
    _write(tmp_path / "a.mp4", [plain(i) for i in range(6)], times_s)
    source = frames(tmp_path / "a.mp4")
    np.testing.assert_allclose([f.time_s for f in source], times_s, atol=1e-4)
    assert source.info.duration_s == pytest.approx(2 + 1 / 30, abs=1e-3)


def test_times_that_do_not_grow_are_moved_just_behind_the_last(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", [plain(i) for i in range(5)], [0, 0.1, 0.1, 0.05, 0.2])
    times_s = [f.time_s for f in frames(tmp_path / "a.mp4")]
    np.testing.assert_allclose(times_s, [0, 0.1, 0.1, 0.1, 0.2], atol=1e-3)
    assert (np.diff(times_s) > 0).all()


@pytest.mark.parametrize("size", [(1, 1), (47, 63), (48, 63), (50, 64), (2, 333)])
def test_odd_sizes_are_made_even_by_repeating_the_edge(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    picture = plain(0, size)
    picture[-1:, -1:] = (240, 240, 240)
    _write(tmp_path / "a.mp4", [picture] * 3)
    image = next(iter(frames(tmp_path / "a.mp4"))).image
    assert image.shape == (size[0] + size[0] % 2, size[1] + size[1] % 2, 3)
    if size == (47, 63):
        np.testing.assert_allclose(image[-2:, -2:].reshape(-1, 3).mean(0), [240] * 3, atol=24)


def test_a_part_file_holds_the_name_until_the_end(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", width=64, height=48, fps=30) as writer:
        writer.write(plain(0), 0)
        assert _names(tmp_path) == ["a.mp4.part"]
    assert _names(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SourceError])
def test_an_interruption_keeps_what_was_written(tmp_path: Path, error: type[Exception]) -> None:
    def work() -> None:
        with VideoWriter(tmp_path / "a.mp4", width=64, height=48, fps=30) as writer:
            for i in range(7):
                writer.write(plain(i), i / 30)
            raise error

    with pytest.raises(error):
        work()
    assert len(list(frames(tmp_path / "a.mp4"))) == 7
    assert _names(tmp_path) == ["a.mp4"]


def test_any_other_error_leaves_nothing_and_what_was_there_before(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("an older file")

    def work() -> None:
        with VideoWriter(tmp_path / "a.mp4", width=64, height=48, fps=30) as writer:
            writer.write(plain(0), 0)
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert _names(tmp_path) == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_text() == "an older file"


def test_without_a_frame_there_is_no_file(tmp_path: Path) -> None:
    VideoWriter(tmp_path / "a.mp4", width=64, height=48).close()
    assert _names(tmp_path) == []


def test_wrong_images_and_times_are_refused(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", width=64, height=48, fps=30) as writer:
        writer.write(plain(0), 0)
        with pytest.raises(ValueError, match=r"expected frames of \(48, 64, 3\), got \(64, 48, 3"):
            writer.write(plain(0, (64, 48)), 1)
        for time_s in (-1.0, float("nan"), float("inf")):
            with pytest.raises(ValueError, match="expected a time in seconds"):
                writer.write(plain(0), time_s)
    assert len(list(frames(tmp_path / "a.mp4"))) == 1
    with pytest.raises(ValueError, match="is closed"):
        writer.write(plain(0), 2)


@pytest.mark.parametrize("wrong", [{"fps": -1}, {"fps": float("nan")}, {"width": 0}])
def test_sizes_and_rates_that_no_video_has_are_refused(tmp_path: Path, wrong: dict) -> None:
    with pytest.raises(ValueError, match="expected a size from 1 x 1 px and a rate above 0"):
        VideoWriter(tmp_path / "a.mp4", **({"width": 64, "height": 48} | wrong))
    assert _names(tmp_path) == []


def test_closing_twice_does_no_harm(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", width=64, height=48) as writer:
        writer.write(plain(0), 0)
        writer.close()
    writer.discard()
    assert _names(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize("name", ["nowhere/a.mp4", "file/a.mp4"])
def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot write the video .*a\.mp4 \(.+\): make room"):
        VideoWriter(tmp_path / name, width=64, height=48)
    assert _names(tmp_path) == ["file"]


@pytest.mark.parametrize("name", ["a.avi", "a", "folder.mp4"])
def test_only_mp4_files_are_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(OutputError, match=r"expected a file name with \.mp4"):
        VideoWriter(tmp_path / name, width=64, height=48)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    import resource

    def work() -> None:
        with VideoWriter(tmp_path / "a.mp4", width=160, height=120, fps=30) as writer:
            for i in range(200):
                writer.write(noise(i), i / 30)

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(OutputError, match="cannot write the video"):
            work()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert _names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there, an open file cannot be renamed")
def test_two_runs_do_not_write_one_video(tmp_path: Path) -> None:
    path, size = tmp_path / "a.mp4", {"width": 64, "height": 48}
    with VideoWriter(path, **size) as writer:
        writer.write(plain(0), 0.0)
        with pytest.raises(OutputError, match="is being written by another run"):
            VideoWriter(path, **size)
        writer.write(plain(1), 0.1)
    assert len(list(frames(path))) == 2
    _write(path, [plain(0)])
    assert _names(tmp_path) == ["a.mp4"]
