"""From turns to numbers: medians over rounds, and how many times as fast as a named system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from blazepose.bench.machine import Machine
from blazepose.bench.rounds import Outcome, Plan, Turn
from blazepose.bench.systems import System

_TAIL = 95  # percent


@dataclass(frozen=True)
class Accuracy:
    """How right the poses of stills are.

    Attributes:
        measure: name, e.g. "pck@0.2".
        share: its value, 0..1.
        found: share of the people for whom there is a pose, 0..1.
        people: how many there are.
    """

    measure: str
    share: float
    found: float
    people: int


@dataclass(frozen=True)
class ClipFigures:
    """A system on a clip; medians over rounds, None where it was not measured.

    Attributes:
        clip: name of the file.
        fps: frames per second, tracking, frames in memory.
        ms: median per frame.
        ms_p95: 95 of 100 frames are at least as fast.
        file_fps: frames per second from file to poses.
        found: share of the frames with somebody, 0..1.
        times: as fast as the reference, frames in memory, round by round.
        file_times: the same from file to poses.
    """

    clip: str
    fps: float | None
    ms: float | None
    ms_p95: float | None
    file_fps: float
    found: float
    times: float | None
    file_times: float | None


@dataclass(frozen=True)
class Figures:
    """A system; medians over rounds, None where it was not measured.

    Attributes:
        system: which one.
        version: of what ran.
        rounds: how many turns it had.
        clips: see there.
        first_pose_s: from the start of a process to the first pose.
        peak_mb: the most memory, 1e6 bytes.
        installed_mb: its packages with all they need, models left out, 1e6 bytes.
        image_ms: median per still image.
        image_ms_p95: 95 of 100 images are at least as fast.
        image_times: as fast as the reference on stills.
        accuracy: on stills.
        fps_of_rounds: `ClipFigures.fps` of the first clip in each round, to see how steady it is.
    """

    system: System
    version: str
    rounds: int
    clips: tuple[ClipFigures, ...]
    first_pose_s: float
    peak_mb: float | None
    installed_mb: float | None
    image_ms: float | None
    image_ms_p95: float | None
    image_times: float | None
    accuracy: Accuracy | None
    fps_of_rounds: tuple[float, ...]


@dataclass(frozen=True)
class Result:
    """What a run of the bench found.

    Attributes:
        machine: where it ran.
        figures: of each system that had a turn.
        against: title of the system that the others are compared with.
        data: name of the labelled images; None without.
        problems: a line each.
    """

    machine: Machine
    figures: tuple[Figures, ...]
    against: str
    data: str | None
    problems: tuple[str, ...]


def figures(
    outcome: Outcome, reference: Outcome, plan: Plan, accuracy: Accuracy | None = None
) -> Figures:
    """The numbers of a system.

    Args:
        outcome: of the system, with at least one turn.
        reference: of the one that it is compared with.
        plan: what was measured.
        accuracy: of its poses of the stills.
    """
    turns, size = list(outcome.turns.values()), outcome.ready.installed_bytes
    peaks = [turn.peak_bytes for turn in turns if turn.peak_bytes is not None]
    clips = [_clip(outcome, reference, i, clip.name) for i, clip in enumerate(plan.clips)]
    stills = [turn.image_ms for turn in turns if len(turn.image_ms)]
    return Figures(
        system=outcome.system,
        version=turns[0].version,
        rounds=len(turns),
        clips=tuple(clips),
        first_pose_s=median(turn.first_pose_s for turn in turns),
        peak_mb=median(peaks) / 1e6 if peaks else None,
        installed_mb=size / 1e6 if size is not None else None,
        image_ms=_median(float(np.median(ms)) for ms in stills),
        image_ms_p95=_median(float(np.percentile(ms, _TAIL)) for ms in stills),
        image_times=_times(outcome, reference, _image_speed),
        accuracy=accuracy,
        fps_of_rounds=tuple(turn.clips[0].fps for turn in turns if len(turn.clips[0].frame_ms)),
    )


def choose_reference(outcomes: Sequence[Outcome], wanted: str | None) -> Outcome:
    """The system that the others are compared with: as wanted, else the first that is not ours.

    Raises:
        ValueError: none of the systems is called so.
    """
    for outcome in outcomes:
        if (wanted is None and not outcome.system.ours) or outcome.system.title == wanted:
            return outcome
    if wanted is None:
        return outcomes[0]
    known = ", ".join(outcome.system.title for outcome in outcomes)
    raise ValueError(f"expected one of {known}, got {wanted!r}")


def _clip(outcome: Outcome, reference: Outcome, index: int, name: str) -> ClipFigures:
    seen = [turn.clips[index] for turn in outcome.turns.values()]
    timed = [clip for clip in seen if len(clip.frame_ms)]
    return ClipFigures(
        clip=name,
        fps=_median(clip.fps for clip in timed),
        ms=_median(float(np.median(clip.frame_ms)) for clip in timed),
        ms_p95=_median(float(np.percentile(clip.frame_ms, _TAIL)) for clip in timed),
        file_fps=median(clip.file_fps for clip in seen),
        found=median(clip.found for clip in seen),
        times=_times(outcome, reference, lambda turn: turn.clips[index].fps),
        file_times=_times(outcome, reference, lambda turn: turn.clips[index].file_fps),
    )


def _times(outcome: Outcome, reference: Outcome, speed: Callable[[Turn], float]) -> float | None:
    """Median of the ratios of speeds within each round, whose load on the machine they share."""
    both = outcome.turns.keys() & reference.turns.keys()
    ratios = [speed(outcome.turns[r]) / speed(reference.turns[r]) for r in both]
    return _median(ratio for ratio in ratios if np.isfinite(ratio))


def _image_speed(turn: Turn) -> float:
    return 1 / float(np.median(turn.image_ms)) if len(turn.image_ms) else float("nan")


def _median(values: Iterable[float]) -> float | None:
    """None of nothing."""
    known = list(values)
    return median(known) if known else None
