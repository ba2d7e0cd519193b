"""The time of frames from stamps that are not to be relied on."""

from __future__ import annotations

FRAME_S = 1 / 30
_SHORTEST_S = 0.003  # no camera is faster: a shorter step is a count of frames, or no clock at all


class Clock:
    """Turns the milliseconds that a caller gives with each frame into seconds.

    Many scripts count frames instead of milliseconds, or give the same number always. A step that
    no camera takes counts as 1/30 s. A stamp that lies back gives a time that lies back: another
    clip begins.
    """

    def __init__(self) -> None:
        self._stamp_ms: float | None = None
        self._time_s = 0.0

    def __call__(self, stamp_ms: float) -> float:
        """The time of the next frame in s."""
        step_s = 0.0 if self._stamp_ms is None else (stamp_ms - self._stamp_ms) / 1000
        self._stamp_ms = stamp_ms
        self._time_s += FRAME_S if 0 <= step_s < _SHORTEST_S else step_s
        return self._time_s
