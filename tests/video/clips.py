"""Clips of known colours and sound for tests, made with PyAV directly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE = (48, 64)  # height, width
RATE = 48000
TICKS = 30_000  # of video time, per second


def colour(index: int) -> tuple[int, int, int]:
    """A colour that tells which frame it is."""
    table = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40), (40, 200, 200)]
    return table[index % len(table)]


def plain(index: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.full((*size, 3), colour(index), np.uint8)


def noise(index: int, size: tuple[int, int] = (120, 160)) -> np.ndarray:
    """A picture that takes bytes, so that a cut hits pictures."""
    return np.random.default_rng(index).integers(0, 255, (*size, 3), np.uint8)


def tone(second: float, length_s: float) -> np.ndarray:
    """Silence with 0.1 s of 1 kHz from `second` on; (2, N) float32."""
    t = np.arange(round(length_s * RATE)) / RATE
    loud = (t >= second) & (t < second + 0.1)
    return np.tile(np.where(loud, 0.5 * np.sin(2e3 * np.pi * t), 0), (2, 1)).astype(np.float32)


def write_clip(
    path: Path,
    pictures: Sequence[np.ndarray],
    *,
    times_s: Sequence[float] | None = None,
    codec: str = "libx264",
    keyframes: int = 10,
    b_frames: int | None = None,
    audio: str | None = None,
    sound: np.ndarray | None = None,
    sound_start_s: float = 0.0,
    faststart: bool = True,
) -> Path:
    """A clip at 30 fps, or at the given times, in the container its suffix names."""
    options = {"movflags": "faststart"} if faststart and path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as file:
        video = file.add_stream(codec, rate=30)
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = "yuv420p"
        video.codec_context.gop_size = keyframes
        if b_frames is None:
            video.codec_context.time_base = Fraction(1, TICKS)
        else:
            video.codec_context.max_b_frames = b_frames
        target = None
        if audio and sound is not None:
            target = file.add_stream(audio, rate=RATE, layout="stereo")
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            time_s = index / 30 if times_s is None else times_s[index]
            frame.pts, frame.time_base = round(time_s * TICKS), Fraction(1, TICKS)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        if target and sound is not None:
            for at in range(0, sound.shape[1], 1024):
                part = np.ascontiguousarray(sound[:, at : at + 1024])
                heard = av.AudioFrame.from_ndarray(part, "fltp", "stereo")
                heard.sample_rate, heard.time_base = RATE, Fraction(1, RATE)
                heard.pts = at + round(sound_start_s * RATE)
                file.mux(target.encode(heard))
            file.mux(target.encode(None))
    return path


def set_display_matrix(path: Path, a: int, b: int, c: int, d: int) -> None:
    """Write the rotation of an mp4's first track, where phones write it."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44  # version 0: times, id, duration, layer, volume come before
    fixed = [v * 65536 for v in (a, b, 0, c, d, 0, 0, 0)] + [1 << 30]
    data[at : at + 36] = np.array(fixed, ">i4").tobytes()
    path.write_bytes(data)


def cut(path: Path, share: float) -> Path:
    """A copy of the first `share` of a file."""
    data = path.read_bytes()
    copy = path.with_name(f"cut_{path.name}")
    copy.write_bytes(data[: int(len(data) * share)])
    return copy


def heard_at(path: Path) -> float:
    """When the first loud sound of a file begins, in seconds of its first picture's clock."""
    with av.open(str(path)) as file:
        start = next(file.decode(video=0)).time
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            level = np.abs(frame.to_ndarray().astype(np.float64))
            first = level[0] if frame.format.is_planar else level[0, :: len(frame.layout.channels)]
            samples = np.flatnonzero(first > 0.1 * (1 if level.max() <= 1 else 32768))
            if len(samples):
                return float(frame.time + samples[0] / frame.sample_rate - start)
    raise AssertionError("no sound")
