"""Videos to frames: times, colours, turns, and what happens when a file is damaged."""

import contextlib
import io
import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import SIZE, colour, cut, noise, plain, set_display_matrix, tone, write_clip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from blazepose.errors import SourceError
from blazepose.pose import Frame
from blazepose.video import MediaInfo
from blazepose.video.decode import Clip


def _read(path: Path) -> tuple[list[Frame], str | None]:
    clip = Clip(str(path))
    return list(clip.frames()), clip.problem


def _colour_of(image: np.ndarray) -> np.ndarray:
    return image.reshape(-1, 3).mean(0)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_every_frame_comes_with_its_colour_time_and_number(tmp_path: Path, suffix: str) -> None:
    path = write_clip(tmp_path / f"a{suffix}", [plain(i) for i in range(20)])
    frames, problem = _read(path)
    assert problem is None
    assert [frame.index for frame in frames] == list(range(20))
    np.testing.assert_allclose([f.time_s for f in frames], np.arange(20) / 30, atol=1e-3)
    for i, frame in enumerate(frames):
        np.testing.assert_allclose(_colour_of(frame.image), colour(i), atol=4)
        assert frame.image.shape == (*SIZE, 3)
        assert frame.image.flags.c_contiguous
        assert frame.source == str(path)


def test_info_is_known_before_the_first_frame(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [plain(0)] * 30, audio="aac", sound=tone(0, 1))
    info = Clip(str(path)).info
    assert info == MediaInfo("video", 64, 48, 30.0, 30, info.duration_s, has_audio=True)
    assert info.duration_s == pytest.approx(1.0, abs=0.002)
    assert not info.live


def test_variable_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    times_s = [0.0, 0.04, 0.05, 0.5, 0.51, 2.0]
    path = write_clip(tmp_path / "a.mp4", [plain(i) for i in range(6)], times_s=times_s)
    frames, _ = _read(path)
    np.testing.assert_allclose([f.time_s for f in frames], times_s, atol=1e-3)


def test_the_clip_begins_at_zero_wherever_its_container_begins(tmp_path: Path) -> None:
    times_s = [5 + i / 30 for i in range(5)]
    frames, _ = _read(write_clip(tmp_path / "a.mkv", [plain(0)] * 5, times_s=times_s))
    np.testing.assert_allclose([f.time_s for f in frames], np.arange(5) / 30, atol=2e-3)


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_avi_which_stamps_the_order_of_decoding_gives_even_times(
    tmp_path: Path, codec: str
) -> None:
    pictures = [np.roll(noise(0), 4 * i, axis=1) // 4 + 6 * i for i in range(30)]
    path = write_clip(tmp_path / "a.avi", pictures, codec=codec, b_frames=2)
    frames, problem = _read(path)
    assert problem is None
    np.testing.assert_allclose([f.time_s for f in frames], np.arange(30) / 30, atol=2e-3)
    assert (np.diff([frame.image.mean() for frame in frames]) > 0).all()  # in order


@pytest.mark.parametrize(
    ("matrix", "turned"),
    [
        ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),  # a phone held upright: clockwise
        ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
        ((0, -1, 1, 0), lambda image: np.rot90(image, 1)),
        ((-1, 0, 0, 1), np.fliplr),
    ],
)
def test_rotation_metadata_is_applied(tmp_path: Path, matrix, turned) -> None:
    stored = np.zeros((*SIZE, 3), np.uint8)
    stored[:16, :24] = 230  # a white corner, top left
    path = write_clip(tmp_path / "a.mp4", [stored] * 2)
    set_display_matrix(path, *matrix)
    frames, _ = _read(path)
    expected = turned(stored)
    assert frames[0].image.shape == expected.shape
    assert frames[0].image.flags.c_contiguous
    assert np.abs(frames[0].image.astype(int) - expected).mean() < 3
    info = Clip(str(path)).info
    assert (info.height, info.width) == expected.shape[:2]


@pytest.mark.parametrize(
    ("ratio", "size"), [("4/3", (85, 48)), ("1/2", (64, 96)), ("1/1", (64, 48)), ("99/1", (64, 48))]
)
def test_pixels_that_are_not_square_are_made_so(
    tmp_path: Path, ratio: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=30, width=64, height=48, pix_fmt="yuv420p")
        stream.codec_context.sample_aspect_ratio = Fraction(ratio)
        for i in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(plain(i), "rgb24")))
        container.mux(stream.encode(None))
    info = Clip(str(path)).info
    frames, _ = _read(path)
    assert (info.width, info.height) == size
    assert {frame.image.shape for frame in frames} == {(size[1], size[0], 3)}


def _tagged(path: Path, rgb: tuple[int, int, int], *, full: bool) -> Path:
    """One plain frame in BT.709, converted here by the standard's own formula."""
    r, g, b = (v / 255 for v in rgb)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    cb, cr = (b - y) / 1.8556, (r - y) / 1.5748
    yuv = (y * 255, cb * 255 + 128, cr * 255 + 128)
    if not full:
        yuv = (16 + y * 219, 128 + cb * 224, 128 + cr * 224)
    planes = np.concatenate([np.full((32, 32), yuv[0]), np.full((8, 32), yuv[1])])
    planes = np.concatenate([planes, np.full((8, 32), yuv[2])]).round().astype(np.uint8)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        stream.codec_context.colorspace = 1  # BT.709
        stream.codec_context.color_range = 2 if full else 1
        frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame.color_range = 2 if full else 1
        frame.colorspace = 1
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("full", [False, True])
def test_the_colour_space_of_the_file_is_respected(tmp_path: Path, full: bool) -> None:
    frames, _ = _read(_tagged(tmp_path / "a.mp4", (200, 60, 30), full=full))
    np.testing.assert_allclose(_colour_of(frames[0].image), (200, 60, 30), atol=4)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_cut_video_gives_what_is_there_and_says_what_is_missing(
    tmp_path: Path, suffix: str
) -> None:
    pictures = [noise(i) for i in range(60)]
    whole = write_clip(tmp_path / f"a{suffix}", pictures, audio="aac", sound=tone(0, 2))
    frames, problem = _read(cut(whole, 0.5))
    assert 20 <= len(frames) < 40
    assert [f.index for f in frames] == list(range(len(frames)))
    assert problem is not None
    assert f"is damaged or cut, {len(frames)} of 6" in problem
    assert "it ends at" in problem
    assert "\n" not in problem


def test_a_video_cut_by_a_little_is_noticed(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.mp4", [noise(i) for i in range(60)])
    frames, problem = _read(cut(whole, 0.98))
    assert 55 <= len(frames) < 60
    assert problem is not None


def test_damage_in_the_middle_is_skipped_and_counted(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [noise(i) for i in range(60)])
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half : half + 8000] = bytes(8000)
    path.write_bytes(data)
    frames, problem = _read(path)
    assert 40 < len(frames) < 60
    assert frames[-1].time_s == pytest.approx(59 / 30, abs=2e-3)
    assert problem is not None
    assert re.search(r"damaged pictures: \d+, the first at [01]\.\d\d s", problem)


def test_time_grows_though_the_recording_jumps_back(tmp_path: Path) -> None:
    one = write_clip(tmp_path / "one.ts", [plain(i) for i in range(60)])
    both = tmp_path / "both.ts"
    both.write_bytes(one.read_bytes() * 2)
    frames, _ = _read(both)
    assert 114 < len(frames) <= 120  # a few at the joint show that there is one
    steps = np.diff([f.time_s for f in frames])
    assert (steps > 0).all()
    assert steps.max() < 0.2


def test_a_stream_that_changes_its_size_keeps_that_of_its_first_picture(tmp_path: Path) -> None:
    one = write_clip(tmp_path / "one.ts", [plain(0)] * 10)
    two = write_clip(tmp_path / "two.ts", [plain(1, (96, 128))] * 10)
    both = tmp_path / "both.ts"
    both.write_bytes(one.read_bytes() + two.read_bytes())
    frames, _ = _read(both)
    assert {f.image.shape for f in frames} == {(*SIZE, 3)}
    np.testing.assert_allclose(_colour_of(frames[-1].image), colour(1), atol=4)


def test_a_video_without_its_index_is_told(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [noise(i) for i in range(5)], faststart=False)
    with pytest.raises(SourceError, match=r"cannot open .* as video .*is it a whole video\?"):
        Clip(str(cut(path, 0.9)))


def test_a_poses_file_is_told_where_it_belongs(tmp_path: Path) -> None:
    path = tmp_path / "poses.jsonl"
    path.write_text('{"format": "blazepose"}\n')
    with pytest.raises(SourceError, match="poses files are for `blazepose coach`"):
        Clip(str(path))


def test_a_video_of_which_nothing_can_be_decoded_is_told(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [noise(i) for i in range(5)])
    data = bytearray(path.read_bytes())
    begin = data.index(b"mdat") + 4
    data[begin:] = bytes(len(data) - begin)
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"no picture in .* can be decoded"):
        Clip(str(path))


def test_text_is_told_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video\n" * 50)
    with pytest.raises(SourceError, match=r"cannot open .*a\.mp4 as video"):
        Clip(str(tmp_path / "a.mp4"))
    (tmp_path / "a.txt").write_text("no video\n" * 50)
    with pytest.raises(SourceError, match="is a text file"):
        Clip(str(tmp_path / "a.txt"))


def test_sound_alone_is_told_also_with_a_cover_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", rate=48000)
        heard = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        heard.sample_rate, heard.time_base, heard.pts = 48000, Fraction(1, 48000), 0
        file.mux(stream.encode(heard))
        file.mux(stream.encode(None))
    with pytest.raises(SourceError, match="no video in"):
        Clip(str(path))


def test_metadata_in_another_encoding_does_no_harm(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv", [plain(0)] * 3)
    data = path.read_bytes()
    assert b"Lavf" in data
    path.write_bytes(data.replace(b"Lavf", b"\xff\xfeff"))
    assert len(_read(path)[0]) == 3


def test_a_colon_in_a_name_is_no_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_clip(tmp_path / "a.mp4", [plain(0)] * 3).rename(tmp_path / "squat:1.mp4")
    monkeypatch.chdir(tmp_path)
    assert len(_read(Path("squat:1.mp4"))[0]) == 3


def test_ffmpeg_says_nothing_by_itself(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _read(cut(write_clip(tmp_path / "a.mp4", [noise(i) for i in range(30)]), 0.6))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_damaged_videos_give_frames_in_growing_time_or_a_source_error(
    tmp_path: Path, suffix: str, data: st.DataObject
) -> None:
    whole = tmp_path / f"whole{suffix}"
    if not whole.exists():
        write_clip(whole, [noise(i, SIZE) for i in range(6)])
    content = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content[: data.draw(st.integers(len(content) // 4, len(content)))])
    with contextlib.suppress(SourceError):
        frames, _ = _read(path)
        times_s = [frame.time_s for frame in frames]
        assert times_s[0] == 0
        assert (np.diff(times_s) > 0).all()


def test_exif_in_mjpeg_turns_the_pictures(tmp_path: Path) -> None:
    exif, lying = Image.Exif(), io.BytesIO()
    exif[ExifTags.Base.Orientation] = 6
    Image.fromarray(plain(0)).save(lying, format="JPEG", exif=exif)
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as file:
        video = file.add_stream("mjpeg", rate=30)
        video.height, video.width = SIZE
        video.pix_fmt = "yuvj420p"
        for index in range(3):
            packet = av.Packet(lying.getvalue())
            packet.stream, packet.time_base = video, Fraction(1, 30)
            packet.pts = packet.dts = index
            file.mux(packet)
    frames, problem = _read(path)
    assert problem is None
    assert [frame.image.shape for frame in frames] == [(*SIZE[::-1], 3)] * 3


def test_colours_that_cannot_be_made_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = Clip(str(write_clip(tmp_path / "a.mp4", [plain(0)])))

    class Refusing:
        def reformat(self, *args: object, **options: object) -> None:
            raise av.error.OSError(95, "Operation not supported")

    monkeypatch.setattr(clip, "_reformatter", Refusing())
    with pytest.raises(SourceError, match=r"cannot make colours .*a\.mp4"):
        _ = [frame.image for frame in clip.frames()]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".ts"])
def test_a_clip_that_begins_late_is_whole(tmp_path: Path, suffix: str) -> None:
    times_s = [5 + i / 30 for i in range(60)]
    path = write_clip(tmp_path / f"a{suffix}", [plain(i) for i in range(60)], times_s=times_s)
    clip = Clip(str(path))
    assert clip.info.duration_s == pytest.approx(2.0, abs=0.05)
    frames = list(clip.frames())
    assert clip.problem is None
    assert len(frames) == 60
    assert frames[-1].time_s == pytest.approx(59 / 30, abs=0.01)
