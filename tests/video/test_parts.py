"""Parts of a clip: together they are the clip, and each is decoded as the whole is."""

from pathlib import Path

import numpy as np
import pytest
from clips import noise, plain, write_clip

from blazepose.video.decode import Clip
from blazepose.video.parts import WHOLE, Part, cut

INF = float("inf")
SMALL = (48, 64)


def every_two_seconds(time_s: float) -> float:
    return time_s // 2 * 2


def test_borders_lie_a_run_in_behind_key_frames() -> None:
    parts = cut(12.0, every_two_seconds, count=3, run_in_s=1.0)
    assert parts == [Part(0, 0, 5), Part(4, 5, 9), Part(8, 9, INF)]


def test_a_part_is_never_shorter_than_its_run_in() -> None:
    parts = cut(12.0, every_two_seconds, count=100, run_in_s=1.5)
    assert [part.lead_s for part in parts] == [0, 2, 4, 6, 8]
    assert all(part.end_s - part.start_s >= 1.5 for part in parts)


@pytest.mark.parametrize(("count", "key_s"), [(1, every_two_seconds), (4, lambda time_s: 0.0)])
def test_without_key_frames_or_need_there_is_one_part(count, key_s) -> None:
    assert cut(12.0, key_s, count=count, run_in_s=1.0) == [WHOLE]


def read(path: Path, part: Part = WHOLE) -> list[tuple[float, bytes]]:
    clip = Clip(str(path), part=part, threads=1)
    frames = [(frame.time_s, frame.image.tobytes()) for frame in clip.frames()]
    assert clip.problem is None
    return frames


def parts_of(path: Path, *, count: int) -> list[Part]:
    clip = Clip(str(path))
    try:
        return cut(clip.info.duration_s, clip.lead_s, count=count, run_in_s=0.25)
    finally:
        clip.close()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
@pytest.mark.parametrize("b_frames", [0, 3])
def test_parts_are_the_same_pictures_at_the_same_times(tmp_path, suffix, b_frames) -> None:
    pictures = [noise(i, SMALL) for i in range(90)]
    path = write_clip(tmp_path / f"a{suffix}", pictures, b_frames=b_frames)
    parts, whole = parts_of(path, count=4), read(path)
    assert len(parts) == 4
    for part in parts:
        assert read(path, part) == [f for f in whole if part.lead_s <= f[0] < part.end_s]


def test_parts_of_a_clip_whose_rate_varies_keep_its_times(tmp_path: Path) -> None:
    times_s = np.cumsum(np.random.default_rng(0).uniform(0.01, 0.08, 90)).tolist()
    path = write_clip(tmp_path / "a.mp4", [noise(i, SMALL) for i in range(90)], times_s=times_s)
    parts, whole = parts_of(path, count=3), read(path)
    assert len(parts) == 3
    joined = [f for part in parts for f in read(path, part) if f[0] >= part.start_s]
    assert joined == whole


def test_a_clip_that_cannot_be_entered_in_the_middle_says_so(tmp_path: Path) -> None:
    one_key = write_clip(tmp_path / "a.mp4", [plain(0)] * 60, keyframes=600)
    no_index = write_clip(tmp_path / "a.ts", [plain(0)] * 60)
    for path in (one_key, no_index):
        clip = Clip(str(path))
        assert clip.lead_s(1.5) == 0.0
        clip.close()


def test_damage_is_told_by_the_part_that_shows_it(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [noise(i) for i in range(90)], keyframes=10)
    parts = parts_of(path, count=3)
    data = bytearray(path.read_bytes())
    middle = int(len(data) * 0.5)
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(data)
    told = []
    for part in parts:
        clip = Clip(str(path), part=part)
        list(clip.frames())
        told.append(clip.problem)
    assert told[0] is None
    assert told[2] is None
    assert "damaged pictures" in told[1]
