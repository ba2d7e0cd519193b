"""What takes the tremble out of a person's points and metres: our filter, or the released one."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from blazepose.shapes import Float32
from blazepose.smooth import POINTS, TREMBLE, WORLD, OneEuro, Steady

Points: TypeAlias = Float32[np.ndarray, "K 3"]

# How far points that stand still tremble, as `TREMBLE`. The depth's own is 0.021; it is taken for
# less, or it would lag: people bend their knees slowly.
_DEPTH = 0.006
_WORLD_M, _WORLD_DEPTH_M = 0.0045, 0.0075


class SteadyFilter:
    """Place and depth by themselves: the depth trembles ten times as much."""

    def __init__(self) -> None:
        self._filter = Steady()

    def __call__(
        self, points: Points, world: Points, time_s: float, *, diameter: float
    ) -> tuple[Points, Points]:
        """Filtered points in px and metres.

        Args:
            points: px.
            world: m.
            time_s: as for `Steady`.
            diameter: of the circle round the person, px.
        """
        count = len(points)
        # One call for all: places in px and m, then both depths in a first column of their own.
        rows = np.zeros((4, count, 2), np.float32)
        rows[0], rows[1] = points[:, :2], world[:, :2]
        rows[2, :, 0], rows[3, :, 0] = points[:, 2], world[:, 2]
        tremble = (TREMBLE * diameter, _WORLD_M, _DEPTH * diameter, _WORLD_DEPTH_M)
        scale = np.repeat(TREMBLE / np.array(tremble, np.float32), count)[:, None]
        rows = self._filter(rows.reshape(-1, 2), time_s, scale=scale).reshape(rows.shape)
        return np.hstack([rows[0], rows[2, :, :1]]), np.hstack([rows[1], rows[3, :, :1]])


class ReleasedFilter:
    """As the released solution."""

    def __init__(self) -> None:
        self._points, self._world = OneEuro(POINTS), OneEuro(WORLD)

    def __call__(
        self, points: Points, world: Points, time_s: float, *, diameter: float
    ) -> tuple[Points, Points]:
        """See `SteadyFilter`."""
        return self._points(points, time_s, scale=1 / diameter), self._world(world, time_s)
