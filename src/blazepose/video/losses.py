"""What of a container did not become pictures, and how to say it."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from blazepose.video.parts import WHOLE, Part

_SLACK_S = 0.25  # by which containers misjudge their own length


class Losses:
    """Counts what is damaged, and compares how far a container was read with what it promised.

    Attributes:
        promised_s: length of the video as the container states it; None if it does not.
        stopped_by: FFmpeg's word on why reading ended before the end of the file.
    """

    def __init__(
        self, container: InputContainer, stream: VideoStream, *, interval_s: float
    ) -> None:
        """Take down what is promised: by mp4 for each stream, by mkv for the longest one."""
        self.stopped_by: str | None = None
        self._watched = stream.index if stream.duration else None
        if stream.duration:
            self.promised_s = seconds(stream.duration, stream.time_base)
            self._start_s = seconds(stream.start_time, stream.time_base) or 0.0
        else:
            clock = Fraction(1, av.time_base)
            self.promised_s = seconds(container.duration, clock)
            self._start_s = seconds(container.start_time, clock) or 0.0
            if self.promised_s and container.format.name.startswith("matroska"):
                self.promised_s -= self._start_s  # what it calls its length is when it ends
        self._reached_s = 0.0
        self._slack_s = max(_SLACK_S, 2 * interval_s)
        self._damaged_s: list[float] = []

    def reach(self, packet: Packet[Any]) -> None:
        """Note how far the container has been read."""
        end_s = seconds((packet.pts or 0) + (packet.duration or 0), packet.time_base)
        if end_s is not None and self._watched in (None, packet.stream_index):
            self._reached_s = max(self._reached_s, end_s - self._start_s)

    def lose(self, piece: Packet[Any] | VideoFrame | None) -> None:
        """Note a packet without a whole picture, a picture too late, or (None) a bad end."""
        stamp_s = seconds(piece.pts, piece.time_base) if piece else None
        self._damaged_s.append(self._reached_s if stamp_s is None else stamp_s - self._start_s)

    def told(
        self, name: str, count: int, expected: int | None, *, part: Part = WHOLE
    ) -> str | None:
        """One line on what is missing, None if nothing is.

        Args:
            name: of the source.
            count: frames given out.
            expected: frames promised; None if unknown.
            part: what was read; its run-in is told of by the part before.
        """
        parts = []
        if damaged := [at for at in self._damaged_s if part.start_s <= at < part.end_s]:
            parts.append(f"damaged pictures: {len(damaged)}, the first at {min(damaged):.2f} s")
        promised_s = self.promised_s if part.end_s == math.inf else None
        if promised_s is not None and self._reached_s < promised_s - self._slack_s:
            parts.append(f"it ends at {self._reached_s:.2f} s of {promised_s:.2f} s")
        if self.stopped_by:
            parts.append(f"reading stopped: {self.stopped_by}")
        if not parts:
            return None
        of = f" of {expected}" if expected and expected >= count else ""
        return f"{name} is damaged or cut, {count}{of} frames read: {'; '.join(parts)}"


def seconds(ticks: int | None, time_base: Fraction | None) -> float | None:
    """A stamp or a duration of FFmpeg in seconds; None if it is not known."""
    return None if ticks is None or time_base is None else float(ticks * time_base)
