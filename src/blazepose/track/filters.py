"""What takes the tremble out of a person's points and metres: our filter, or the released one."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from jaxtyping import Float32

from blazepose.smooth import POINTS, TREMBLE, WORLD, OneEuro, Steady

Points: TypeAlias = Float32[np.ndarray, "K 3"]

# How far points that stand still tremble, as `TREMBLE`. The depth's own is 0.021; it is taken for
# less, or it would lag: people bend their knees slowly.
_DEPTH_TREMBLE = 0.006
_WORLD_TREMBLE_M, _WORLD_DEPTH_TREMBLE_M = 0.0045, 0.0075


class SteadyFilter:
    """Place and depth by themselves: the depth trembles ten times as much."""

    def __init__(self) -> None:
        self._place, self._depth = Steady(), Steady()
        self._world_place, self._world_depth = Steady(), Steady()

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
        filtered = (
            self._place(points[:, :2], time_s, scale=1 / diameter),
            self._depth(points[:, 2:], time_s, scale=TREMBLE / _DEPTH_TREMBLE / diameter),
            self._world_place(world[:, :2], time_s, scale=TREMBLE / _WORLD_TREMBLE_M),
            self._world_depth(world[:, 2:], time_s, scale=TREMBLE / _WORLD_DEPTH_TREMBLE_M),
        )
        return np.hstack(filtered[:2]), np.hstack(filtered[2:])


class ReleasedFilter:
    """As the released solution."""

    def __init__(self) -> None:
        self._points, self._world = OneEuro(POINTS), OneEuro(WORLD)

    def __call__(
        self, points: Points, world: Points, time_s: float, *, diameter: float
    ) -> tuple[Points, Points]:
        """See `SteadyFilter`."""
        return self._points(points, time_s, scale=1 / diameter), self._world(world, time_s)
