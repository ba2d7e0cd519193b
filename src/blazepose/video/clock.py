"""When the pictures of a clip are shown: times that grow from 0, whatever the container stamps.

Knows nothing of video, only of stamps.
"""

from __future__ import annotations

_PATIENCE = 4  # pictures out of order in a row; more are another recording


class Clock:
    """Turns the stamps of pictures, in the order they are decoded, into times.

    Stamps of joined recordings may jump back, those of damaged ones may be out of order, and some
    containers have none.
    """

    def __init__(self, interval_s: float) -> None:
        """Expect a picture about every `interval_s` seconds."""
        self._interval_s = interval_s
        self._time_s = -interval_s
        self._zero_s: float | None = None
        self._late = 0

    def time_s(self, stamp_s: float | None) -> float | None:
        """The time of the next picture; None for one that comes too late to be shown.

        Args:
            stamp_s: its stamp on the container's clock; None if it has none.
        """
        next_s = self._time_s + self._interval_s
        if stamp_s is not None:
            if self._zero_s is None:
                self._zero_s = stamp_s
            if stamp_s - self._zero_s <= self._time_s:
                self._late += 1
                if self._late <= _PATIENCE:
                    return None
                self._zero_s = stamp_s - next_s
            next_s = stamp_s - self._zero_s
        self._late, self._time_s = 0, next_s
        return next_s
