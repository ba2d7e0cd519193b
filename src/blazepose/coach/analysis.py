"""Analysis: a whole clip, counted and judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from blazepose.coach.angles import Angles, clip_angles
from blazepose.coach.body import MEASURES, measured
from blazepose.coach.counter import Counter
from blazepose.coach.exercises import AUTO, MOVES
from blazepose.coach.moves import Move
from blazepose.coach.notices import notices
from blazepose.coach.results import Hold, Remark, Repetition, State
from blazepose.pose import Pose
from blazepose.shapes import Float64


@dataclass(frozen=True, eq=False)
class Analysis:
    """What a person did in a clip of T frames.

    Attributes:
        exercise: name of the move; "unknown" for a periodic motion that is none, "" if nothing
            was recognised.
        reps: complete repetitions in order.
        partial: repetitions that did not go all the way, or that the clip cut off.
        holds: of an exercise that is held.
        notices: what the camera could not see and what is not to be trusted, a line each.
        times_s: (T,) s.
        angles: (T, 11) in space; NaN where nobody or the joint is not seen. Of a network without
            depth, those in the picture.
        progress: (T,) 0 at the exercise's rest to 1 at its depth; NaN where it cannot be told.
        phases: T words of the exercise.
    """

    exercise: str
    reps: tuple[Repetition, ...]
    partial: int
    holds: tuple[Hold, ...]
    notices: tuple[str, ...]
    times_s: Float64[np.ndarray, " T"]
    angles: Angles
    progress: Float64[np.ndarray, " T"]
    phases: tuple[str, ...]

    @property
    def repetitions(self) -> int:
        """Number of complete repetitions."""
        return len(self.reps)

    @property
    def hold_s(self) -> float:
        """Seconds held, all holds together."""
        return sum(hold.end_s - hold.start_s for hold in self.holds)

    @property
    def is_empty(self) -> bool:
        """Nothing was done: no repetition, whole or partial, and no hold."""
        return not (self.reps or self.partial or self.holds)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """All remarks, in the order of the repetitions and holds they belong to."""
        of_reps = [remark for rep in self.reps for remark in rep.remarks]
        of_holds = [remark for hold in self.holds for remark in hold.remarks]
        return (*of_reps, *of_holds)

    def to_json(self) -> dict[str, Any]:
        """The analysis as plain values, as in report.json; the series over time stay out."""
        return {
            "exercise": self.exercise,
            "repetitions": self.repetitions,
            "reps": [_plain(asdict(rep)) for rep in self.reps],
            "partial": self.partial,
            "holds": [_plain(asdict(hold)) for hold in self.holds],
            "hold_s": round(self.hold_s, 3),
            "notices": list(self.notices),
        }


def analyze(frames: Iterable[tuple[float, Pose | None]], exercise: str | Move = AUTO) -> Analysis:
    """Count and judge what a person does in a clip.

    The frames go through the same `Counter` as those of a camera, so both count alike. In "auto",
    the exercise of the whole clip is the one done most.

    Args:
        frames: time in s and the pose of the person followed, None where nobody is seen.
        exercise: as for `Counter`.

    Raises:
        ValueError: no exercise is called so.
    """
    clip = list(frames)
    poses = [pose for _, pose in clip]
    times_s = np.array([time_s for time_s, _ in clip], np.float64)
    bodies = _bodies(poses)
    counter, states, end = _counted(times_s, bodies, exercise)
    if exercise == AUTO and end.exercise in MOVES:
        counter, states, end = _counted(times_s, bodies, end.exercise)
    return Analysis(
        exercise=end.exercise,
        reps=tuple(counter.reps),
        partial=end.partial,
        holds=tuple(counter.holds),
        notices=notices(
            times_s,
            *bodies,
            move=counter.move,
            reps=counter.reps,
            counted=bool(counter.reps or counter.holds or end.partial),
        ),
        times_s=times_s,
        angles=clip_angles(poses, image=_flat(poses)),
        progress=np.array([state.progress for state in states], np.float64),
        phases=tuple(state.phase for state in states),
    )


def _bodies(
    poses: Sequence[Pose | None],
) -> tuple[Float64[np.ndarray, "T M"], Float64[np.ndarray, "T M"]]:
    """Measures and confidences of a clip; NaN and 0 where nobody is there."""
    values = np.full((len(poses), len(MEASURES)), np.nan)
    confidence = np.zeros_like(values)
    there = [index for index, pose in enumerate(poses) if pose]
    if there:
        values[there], confidence[there] = measured([pose for pose in poses if pose])
    return values, confidence


def _counted(
    times_s: Float64[np.ndarray, " T"],
    bodies: tuple[Float64[np.ndarray, "T M"], Float64[np.ndarray, "T M"]],
    exercise: str | Move,
) -> tuple[Counter, list[State], State]:
    """The counter that saw it all, where it stood after each frame, and at the end."""
    counter = Counter(exercise)
    rows = zip(times_s.tolist(), *bodies, strict=True)
    states = [counter.watch((values, sure), time_s) for time_s, values, sure in rows]
    return counter, states, counter.finish()


def _flat(poses: Sequence[Pose | None]) -> bool:
    """Whether the network that made the poses sees no depth."""
    return not any(np.isfinite(pose.world).any() for pose in poses if pose)


def _plain(value: Any) -> Any:
    """Numbers rounded for reading; None for what is unknown, which JSON has no NaN for."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return round(value, 3) if np.isfinite(value) else None
    return value
