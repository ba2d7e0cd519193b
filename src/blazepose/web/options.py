"""What the live page is told when it starts, and the bounds it keeps visitors in."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from blazepose.coach import AUTO, find_move

NONE = "none"  # exercise of who wants no counting


@dataclass(frozen=True)
class Limits:
    """Bounds on what visitors may cost.

    Attributes:
        visitors: at once.
        frame_px: pixels of a picture; Full HD, while the page sends a quarter of it.
        frame_bytes: of a picture as JPEG.
        idle_s: seconds without a picture after which a visitor's seat is given to others.
        workers: pictures worked on at once; one processor thread each.
    """

    visitors: int = 8
    frame_px: int = 1920 * 1088
    frame_bytes: int = 1 << 20
    idle_s: float = 60.0
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)


@dataclass(frozen=True)
class Options:
    """What is served.

    Attributes:
        model: name or file of the landmark network.
        exercise: that the page begins with: a name of `coach.MOVES`, "auto" or "none".
        limits: on visitors.
    """

    model: str = "full"
    exercise: str = AUTO
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse an exercise that does not exist with a ValueError that has near matches."""
        check_exercise(self.exercise)


def check_exercise(name: str) -> str:
    """The exercise as `coach` calls it.

    Raises:
        ValueError: there is none; the message has near matches.
    """
    return name if name in (AUTO, NONE) else find_move(name, besides=(AUTO, NONE)).name
