"""Counter: poses in, repetitions out, while they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from blazepose.coach.auto import AutoCounter
from blazepose.coach.body import Moment, measured
from blazepose.coach.exercises import AUTO, find_move
from blazepose.coach.holds import HoldCounter
from blazepose.coach.moves import Move
from blazepose.coach.reps import RepCounter
from blazepose.coach.results import Hold, Repetition, State
from blazepose.coach.signal import LONGEST_GAP_S
from blazepose.pose import Pose
from blazepose.shapes import Float64

Body: TypeAlias = tuple[Float64[np.ndarray, " M"], Float64[np.ndarray, " M"]]

_JUMP_S = 1.0  # so far back, time belongs to another clip or to a clock that was set


class Counter:
    """Counts what one person does, frame by frame.

    Example:
        >>> counter = Counter("squat")
        >>> for frame in frames("squat.mp4"):
        ...     pose = next(iter(tracker(frame)), None)
        ...     for repetition in counter(pose, frame.time_s).announced:
        ...         print(repetition.depth_deg)
    """

    def __init__(self, exercise: str | Move = AUTO) -> None:
        """Begin at zero.

        Args:
            exercise: a name of `MOVES`, a move of your own, or "auto", which recognises the
                exercise and counts a periodic motion that is none as "unknown".

        Raises:
            ValueError: no exercise is called so.
        """
        self._inner = _open(exercise)
        self._frame = -1
        self._time_s = float("-inf")
        self._shift_s = 0.0
        self._state = State()

    def __call__(self, pose: Pose | None, time_s: float) -> State:
        """Take in the next frame.

        Args:
            pose: of the person followed; None where nobody is seen.
            time_s: of the frame. One that is not later than the last is left out; after one that
                jumps back by more than a second, times run on from the last.

        Returns:
            Where the counter stands; `announced` and `held` are what ended with this frame.
        """
        if pose is None:
            return self.watch(None, time_s)
        values, confidence = measured([pose])
        return self.watch((values[0], confidence[0]), time_s)

    def watch(self, body: Body | None, time_s: float) -> State:
        """The same for a body already measured: values and confidences of `body.MEASURES`."""
        self._frame += 1
        time_s += self._shift_s
        if time_s < self._time_s - _JUMP_S:
            jump_s = self._time_s + 2 * LONGEST_GAP_S - time_s
            self._shift_s, time_s = self._shift_s + jump_s, time_s + jump_s
        if body is None or not np.isfinite(body[0]).any() or not time_s > self._time_s:
            self._state = self._state.quiet()
            return self._state
        self._time_s = time_s
        self._state = self._inner(Moment(self._frame, time_s, *body))
        return self._state

    def finish(self) -> State:
        """The clip ends; what is under way becomes a partial repetition, or a hold."""
        self._state = self._inner.finish()
        return self._state

    @property
    def state(self) -> State:
        """Where the counter stands."""
        return self._state

    @property
    def move(self) -> Move | None:
        """The exercise given; None for "auto"."""
        return None if isinstance(self._inner, AutoCounter) else self._inner.move

    @property
    def reps(self) -> Sequence[Repetition]:
        """Complete repetitions so far."""
        return () if isinstance(self._inner, HoldCounter) else tuple(self._inner.reps)

    @property
    def holds(self) -> Sequence[Hold]:
        """Holds that ended so far."""
        return () if isinstance(self._inner, RepCounter) else tuple(self._inner.holds)


def _open(exercise: str | Move) -> AutoCounter | HoldCounter | RepCounter:
    if exercise == AUTO:
        return AutoCounter()
    move = find_move(exercise) if isinstance(exercise, str) else exercise
    return HoldCounter(move) if move.hold else RepCounter(move)
