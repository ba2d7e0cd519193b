"""Sound goes along with annotated video, and stays in time with it."""

import gc
from pathlib import Path

import av
import numpy as np
import pytest
from clips import RATE, heard_at, noise, plain, tone, write_clip

from blazepose.errors import SourceError
from blazepose.video import VideoWriter, frames
from blazepose.video.sound import Sound


def _annotate(clip: Path, *, count: int | None = None) -> Path:
    """The same pictures again, with the sound of the clip."""
    goal = clip.with_name("out.mp4")
    source = frames(clip)
    size = {"width": source.info.width, "height": source.info.height}
    with VideoWriter(goal, **size, fps=source.info.fps, audio_from=clip) as writer:
        for frame in source:
            if frame.index == count:
                break
            writer.write(frame.image, frame.time_s)
    return goal


def _audio(path: Path) -> tuple[str, float]:
    """Name and length in seconds of the sound."""
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        return stream.codec_context.name, float(stream.duration * stream.time_base)


@pytest.mark.parametrize(
    ("suffix", "codec", "expected"),
    [
        (".mp4", "aac", "aac"),
        (".ts", "aac", "aac"),
        (".mkv", "mp3", "mp3float"),
        (".mkv", "libopus", "opus"),
        (".mkv", "ac3", "aac"),
        (".mkv", "flac", "aac"),
        (".mov", "pcm_s16le", "aac"),
    ],
)
def test_sound_is_copied_or_made_aac_and_stays_in_time(
    tmp_path: Path, suffix: str, codec: str, expected: str
) -> None:
    pictures = [plain(i) for i in range(60)]
    clip = write_clip(tmp_path / f"a{suffix}", pictures, audio=codec, sound=tone(1.0, 2.0))
    out = _annotate(clip)
    name, length_s = _audio(out)
    assert name == expected
    assert length_s == pytest.approx(2.0, abs=0.06)
    assert heard_at(out) == pytest.approx(heard_at(clip), abs=0.015)
    assert heard_at(out) == pytest.approx(1.0, abs=0.04)


@pytest.mark.parametrize("codec", ["aac", "ac3"])
@pytest.mark.parametrize(("video_s", "audio_s"), [(0.5, 0.0), (0.0, 0.5)])
def test_a_late_start_of_picture_or_sound_is_kept(
    tmp_path: Path, codec: str, video_s: float, audio_s: float
) -> None:
    clip = write_clip(
        tmp_path / "a.mkv",
        [plain(i) for i in range(60)],
        times_s=[video_s + i / 30 for i in range(60)],
        audio=codec,
        sound=tone(1.0, 2.0),
        sound_start_s=audio_s,
    )
    assert heard_at(clip) == pytest.approx(1.0 + audio_s - video_s, abs=0.04)
    assert heard_at(_annotate(clip)) == pytest.approx(heard_at(clip), abs=0.015)


def test_sound_ends_with_the_picture(tmp_path: Path) -> None:
    pictures = [plain(i) for i in range(60)]
    clip = write_clip(tmp_path / "a.mp4", pictures, audio="aac", sound=tone(0, 2.0))
    assert _audio(_annotate(clip, count=15))[1] == pytest.approx(0.5, abs=0.05)


def test_a_clip_without_sound_stays_silent(tmp_path: Path) -> None:
    out = _annotate(write_clip(tmp_path / "a.mp4", [plain(i) for i in range(5)]))
    with av.open(str(out)) as file:
        assert not file.streams.audio


def test_sound_of_a_cut_clip_ends_where_it_is_cut(tmp_path: Path) -> None:
    pictures = [noise(i) for i in range(60)]
    clip = write_clip(tmp_path / "a.mp4", pictures, audio="aac", sound=tone(0, 2.0))
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    out = _annotate(clip)
    assert 0.2 < _audio(out)[1] < 1.5


def test_sound_from_what_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no video")
    with pytest.raises(SourceError):
        VideoWriter(tmp_path / "b.mp4", width=4, height=4, audio_from=tmp_path / "a.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("codec", ["aac", "ac3"])
def test_of_clips_put_end_to_end_there_is_a_video_with_the_sound_of_the_first(
    tmp_path: Path, codec: str
) -> None:
    pictures = [plain(i) for i in range(30)]
    one = write_clip(tmp_path / "one.ts", pictures, audio=codec, sound=tone(0.5, 1.0))
    both = tmp_path / "both.ts"
    both.write_bytes(2 * one.read_bytes())
    out = _annotate(both)
    assert len(list(frames(out))) >= 55
    assert heard_at(out) == pytest.approx(heard_at(one), abs=0.03)


@pytest.mark.usefixtures("no_collector")
def test_sound_that_outlasts_the_pictures_is_let_go(tmp_path: Path) -> None:
    pictures = [plain(i) for i in range(60)]
    clip = write_clip(tmp_path / "a.mkv", pictures, audio="flac", sound=tone(1.0, 2.0))
    _annotate(clip, count=4)
    assert not [o for o in gc.get_objects() if issubclass(type(o), Sound)]


def test_damaged_sound_costs_no_picture(tmp_path: Path) -> None:
    pictures = [plain(i) for i in range(60)]
    loud = np.random.default_rng(0).normal(0, 0.2, (2, 2 * RATE)).astype(np.float32)
    clip = write_clip(tmp_path / "a.ts", pictures, audio="aac", sound=loud)
    data = clip.read_bytes()
    packets = [data[i : i + 188] for i in range(0, len(data), 188)]
    with av.open(str(clip)) as file:
        sound = file.streams.audio[0].id
    of_sound = [i for i, p in enumerate(packets) if (p[1] & 31) << 8 | p[2] == sound]
    lost = {at for i, at in enumerate(of_sound) if i % 40 in (20, 23)}
    clip.write_bytes(b"".join(p for i, p in enumerate(packets) if i not in lost))
    out = _annotate(clip)
    with av.open(str(out)) as file:
        assert sum(1 for _ in file.decode(video=0)) == 60
    assert _audio(out)[1] == pytest.approx(2.0, abs=0.3)
