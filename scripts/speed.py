"""How a system's speed on a clip is measured, the same way for every system. Standard library only.

`speed_blazepose.py` and `reference_mediapipe.py speed` use it, each in a process of its own, so
that start-up and memory are theirs alone.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

FrameT = TypeVar("FrameT")


def measure_speed(
    track: Callable[[FrameT], Any],
    decode: Callable[[], Iterable[FrameT]],
    *,
    started_s: float,
    repeat: int,
) -> dict[str, Any]:
    """Start-up, memory and median time per frame of a system that is ready to track.

    Args:
        track: takes a frame, returns when its pose is known.
        decode: starts the clip anew.
        started_s: `time.perf_counter()` when the process began.
        repeat: how many times the clip is timed.

    Returns:
        first_pose_s from `started_s`; peak_rss_mb of a pass that keeps no frames; ms (median per
        frame, frames in memory) and fps, from so many frames.
    """
    track(next(iter(decode())))
    first_pose_s = time.perf_counter() - started_s
    for frame in decode():
        track(frame)
    peak_mb = peak_rss_mb()
    ms = statistics.median(time_frames(track, list(decode()) * repeat))
    return {
        "ms": round(ms, 3),
        "fps": round(1000 / ms, 2),
        "first_pose_s": round(first_pose_s, 3),
        "peak_rss_mb": peak_mb,
    }


def time_frames(track: Callable[[FrameT], Any], frames: Iterable[FrameT]) -> list[float]:
    """Milliseconds per frame."""
    times_ms = []
    for frame in frames:
        start_s = time.perf_counter()
        track(frame)
        times_ms.append(1000 * (time.perf_counter() - start_s))
    return times_ms


def peak_rss_mb() -> float | None:
    """Peak resident memory of this process, 1e6 bytes; None on Windows, which has no such mark."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
